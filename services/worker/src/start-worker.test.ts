import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RedisServer, startRedis } from '@fengcun/local';
import { openMedia } from '@fengcun/media';
import { makeClip } from '@fengcun/media/testing';
import { createMetrics, reportHealth } from '@fengcun/runtime';
import type { Vault } from '@fengcun/vault';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { defaultWorkerConfig, type WorkerConfig } from './config.ts';
import { startWorker, type WorkerProcess } from './start-worker.ts';
import { openBench, type TestBench } from './testing/bench.ts';
import { receiveUpload, type TestUpload } from './testing/uploads.ts';

/** Waits for a state, however slow the machine. */
const eventually = <T>(check: () => T | Promise<T>): Promise<T> => vi.waitFor(check, { timeout: 45_000, interval: 20 });

let bench: TestBench;
let directory: string;
let redis: RedisServer;
let admin: Redis;
const running: WorkerProcess[] = [];

beforeAll(async () => {
  bench = await openBench();
  directory = await mkdtemp(join(tmpdir(), 'worker-redis-'));
  redis = await startRedis({ dataDir: directory });
  admin = new Redis(redis.url);
  admin.on('error', () => undefined);
});
afterEach(() => Promise.all(running.splice(0).map((worker) => worker.close())));
afterAll(async () => {
  admin.disconnect();
  await redis.stop();
  await bench.close();
  await rm(directory, { recursive: true, force: true });
});

async function start(config: Partial<WorkerConfig> = {}, vault: Vault = bench.vault): Promise<WorkerProcess> {
  const { catalog, logger } = bench;
  const media = await openMedia({ scratchDir: join(bench.directory, 'scratch') });
  const metrics = createMetrics('worker-test');
  const worker = await startWorker({
    config: { ...defaultWorkerConfig, reconcileEveryMs: 100, forgottenAfterMs: 500, ...config },
    catalog,
    redisUrl: redis.url,
    vault,
    media,
    logger,
    metrics,
  });
  running.push(worker);
  return worker;
}

const receive = (bytes: Uint8Array, name = 'a.txt') =>
  receiveUpload(bench.owner, bench.vault, bench.bureau, bytes, { partSize: 1024 * 1024, name });

const receiveMany = async (count: number): Promise<TestUpload[]> => {
  const uploads: TestUpload[] = [];
  for (let n = 0; n < count; n++) uploads.push(await receive(Buffer.from(`recording ${n}`)));
  return uploads;
};

async function sealedOnce(uploads: readonly TestUpload[]): Promise<void> {
  const ids = uploads.map((upload) => upload.id);
  await eventually(async () => {
    const open = await bench.owner
      .selectFrom('upload')
      .select('id')
      .where('id', 'in', ids)
      .where('state', '!=', 'sealed')
      .execute();
    expect(open).toEqual([]);
  });
  const events = await bench.owner
    .selectFrom('ledger_event')
    .select('subject_id')
    .where('type', '=', 'evidence.sealed')
    .where('subject_id', 'in', ids)
    .execute();
  expect(events.map((event) => event.subject_id).toSorted()).toEqual(ids.toSorted());
}

async function settled(id: string): Promise<Record<string, string>> {
  return eventually(async () => {
    const rows = await bench.owner
      .selectFrom('derivative')
      .select(['kind', 'state'])
      .where('evidence_id', '=', id)
      .execute();
    const states = Object.fromEntries(rows.map(({ kind, state }) => [kind, state]));
    expect(Object.values(states)).toHaveLength(5);
    expect(Object.values(states)).not.toContain('pending');
    return states;
  });
}

test('an upload that was received is sealed and becomes playable', async () => {
  const worker = await start();
  expect(await reportHealth(worker.health)).toMatchObject({ ready: true });
  const clip = await readFile(await makeClip('h264-aac', join(bench.directory, 'clips')));
  const upload = await receive(clip, '现场.mp4');
  await sealedOnce([upload]);
  expect(await settled(upload.id)).toEqual({
    probe: 'ready',
    proxy: 'ready',
    poster: 'ready',
    thumbnails: 'ready',
    waveform: 'ready',
  });
});

test('FLUSHALL again and again in the middle of twenty uploads: all are sealed, each once', async () => {
  const uploads = await receiveMany(10);
  await start();
  await admin.flushall();
  uploads.push(...(await receiveMany(10)));
  await admin.flushall();
  await eventually(async () => {
    const { sealed } = await bench.owner
      .selectFrom('upload')
      .select((eb) => eb.fn.countAll<number>().as('sealed'))
      .where('state', '=', 'sealed')
      .executeTakeFirstOrThrow();
    expect(sealed).toBeGreaterThan(1);
  });
  await admin.flushall();
  await sealedOnce(uploads);
  for (const upload of uploads)
    expect(await settled(upload.id)).toMatchObject({ probe: 'ready', proxy: 'nothing_to_play' });
});

test('Redis stopped and started again while uploads wait: all are sealed, each once', async () => {
  await start();
  const { port } = redis;
  await redis.stop();
  const uploads = await receiveMany(5);
  redis = await startRedis({ dataDir: directory, port });
  await sealedOnce(uploads);
});

test('what a worker left when it went is finished by the next', async () => {
  const first = await start();
  const uploads = await receiveMany(10);
  running.splice(0);
  await first.close();
  await start();
  await sealedOnce(uploads);
});

test('two worker processes share the work and seal each upload once', async () => {
  await start();
  await start();
  await sealedOnce(await receiveMany(15));
});

test('an upload that nobody queued is found', async () => {
  const upload = await receive(Buffer.from('forgotten'));
  await bench.owner.deleteFrom('outbox').execute();
  await bench.owner
    .updateTable('upload')
    .set({ updated_at: new Date(Date.now() - 60_000) })
    .where('id', '=', upload.id)
    .execute();
  await start();
  await sealedOnce([upload]);
});

test('refuses to start on a Redis that may evict jobs', async () => {
  await admin.config('SET', 'maxmemory-policy', 'allkeys-lru');
  try {
    await expect(start()).rejects.toMatchObject({ code: 'redis_evicts' });
  } finally {
    await admin.config('SET', 'maxmemory-policy', 'noeviction');
  }
});

test('refuses to start on a vault that lets a locked object be deleted', async () => {
  const finding = {
    check: 'delete refused while retained',
    outcome: 'failed',
    detail: 'it was deleted',
    must: true,
  } as const;
  const vault = Object.create(bench.vault, { probe: { value: async () => [finding] } }) as Vault;
  await expect(start({}, vault)).rejects.toMatchObject({
    code: 'vault_unfit',
    message: expect.stringContaining(finding.check),
  });
});
