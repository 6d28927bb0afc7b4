import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import './provided.ts';

export { type LoneProgram, runAlone } from './run-alone.ts';

/** Superuser URL of the run's PostgreSQL, database `postgres`. Make databases of your own; do not write into this one. */
export function testPostgresUrl(): string {
  return inject('fengcunPostgresUrl');
}

export interface TestRedis {
  readonly url: string;
  /** Put it before every key (BullMQ's `prefix`): test files run side by side on one Redis. */
  readonly prefix: string;
}

/**
 * The run's Redis, with a key prefix nobody else has. A test that flushes, stops or fills Redis must not use it: such a test starts one of
 * its own with `startRedis` from `@fengcun/local`.
 */
export function testRedis(): TestRedis {
  return { url: inject('fengcunRedisUrl'), prefix: `t${randomBytes(6).toString('hex')}` };
}
