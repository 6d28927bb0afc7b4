import type { TestProject } from 'vitest/node';
import { startEngine } from './engine.ts';
import './provided.ts';

/** Vitest global set-up: one PostgreSQL and one Redis for the whole run. See `engine.ts` for which ones. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const started = performance.now();
  const engine = await startEngine(process.env);
  process.stdout.write(`tests use ${engine.description} (ready in ${Math.round(performance.now() - started)} ms)\n`);
  project.provide('fengcunPostgresUrl', engine.postgresUrl);
  project.provide('fengcunRedisUrl', engine.redisUrl);
  return () => engine.stop();
}
