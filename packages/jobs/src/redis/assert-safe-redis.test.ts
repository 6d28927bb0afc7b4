import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RedisServer, startRedis } from '@fengcun/local';
import { createLogger } from '@fengcun/runtime';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { assertSafeRedis } from './assert-safe-redis.ts';

const lines: string[] = [];
const logger = createLogger({ name: 'test', destination: { write: (line) => void lines.push(line) } });
let redis: RedisServer;
let directory: string;

beforeEach(async () => {
  lines.length = 0;
  directory = await mkdtemp(join(tmpdir(), 'jobs-'));
  redis = await startRedis({ dataDir: directory });
});

afterEach(async () => {
  await redis.stop();
  await rm(directory, { recursive: true, force: true });
});

async function configure(name: string, value: string): Promise<void> {
  const client = new Redis(redis.url);
  await client.config('SET', name, value);
  client.disconnect();
}

test('accepts noeviction with an append-only file', async () => {
  await assertSafeRedis({ url: redis.url, appendOnly: 'require', logger });
});

test('refuses a Redis that may evict jobs, whatever is said about the append-only file', async () => {
  await configure('maxmemory-policy', 'allkeys-lru');
  await expect(assertSafeRedis({ url: redis.url, appendOnly: 'warn', logger })).rejects.toMatchObject({
    code: 'redis_evicts',
    message: expect.stringContaining('allkeys-lru'),
  });
});

test('refuses a Redis without an append-only file, or warns when asked to go on', async () => {
  await configure('appendonly', 'no');
  await expect(assertSafeRedis({ url: redis.url, appendOnly: 'require', logger })).rejects.toMatchObject({
    code: 'redis_forgets',
  });
  await assertSafeRedis({ url: redis.url, appendOnly: 'warn', logger });
  expect(lines.join()).toContain('redis_forgets');
});

test('says that Redis does not answer, without its password', async () => {
  const url = new URL(redis.url);
  url.port = '1';
  const refusal = assertSafeRedis({ url: url.href, appendOnly: 'require', logger });
  await expect(refusal).rejects.toMatchObject({ code: 'redis_unreachable' });
  await expect(refusal).rejects.not.toThrow(redis.password);
});
