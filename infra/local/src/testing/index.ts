import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import type { S3Login } from '../rgw/users.ts';
import './provided.ts';

export { makeAuthority, type TestAuthority } from './certificates.ts';
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

export interface TestRgw extends S3Login {
  /** Path-style addressing, any region. */
  readonly endpoint: string;
  /** the same over HTTPS: `https://localhost:PORT` */
  readonly tlsEndpoint: string;
  /** PEM of the authority that signed the certificate of `tlsEndpoint`, and nothing else */
  readonly authority: string;
  /** id of the one key for SSE-KMS, which is taken over HTTPS only */
  readonly kmsKey: string;
}

/**
 * The run's Ceph RGW, started now if no test file asked before (some ten seconds: allow the hook that calls this a minute). Make buckets of
 * your own, with names nobody else has: locked objects cannot be deleted. A test that kills its engine starts one with `startRgw` from
 * `@fengcun/local`. The project of the test file needs the global set-up `infra/local/src/testing/rgw-setup.ts`.
 */
export async function testRgw(): Promise<TestRgw> {
  const response = await fetch(inject('fengcunRgwDoor'));
  const reply = await response.text();
  if (!response.ok) throw new Error(`No Ceph RGW for tests: ${reply}`);
  return JSON.parse(reply);
}
