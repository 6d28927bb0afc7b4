import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, type TestDatabase } from '@fengcun/catalog/testing';
import { runAlone, testPostgresUrl, testRedis } from '@fengcun/local/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';

let database: TestDatabase;
let directory: string;
beforeAll(async () => {
  database = await createTestDatabase(testPostgresUrl());
  directory = await mkdtemp(join(tmpdir(), 'fengcun-worker-'));
});
afterAll(async () => {
  await database.drop();
  await rm(directory, { recursive: true, force: true });
});

it('the worker by itself is ready, serves its metrics, and ends in order', async () => {
  const redis = testRedis();
  await using alone = await runAlone(new URL('./main.ts', import.meta.url), {
    FENGCUN_PORT: '0',
    FENGCUN_DATABASE_URL: database.url('fengcun_worker'),
    FENGCUN_REDIS_URL: redis.url,
    FENGCUN_REDIS_PREFIX: redis.prefix,
    FENGCUN_REDIS_APPEND_ONLY: 'warn',
    FENGCUN_VAULT_ROOT: join(directory, 'vault'),
    FENGCUN_SCRATCH_DIR: join(directory, 'scratch'),
  });
  const ready = await fetch(`${alone.url}/health/ready`);
  expect([ready.status, await ready.json()]).toMatchObject([200, { checks: { redis: 'passed', queues: 'passed' } }]);
  expect((await fetch(`${alone.url}/metrics`)).status).toBe(200);
  expect(await alone.end()).toBe(0);
});
