import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { queueNames } from '@fengcun/contracts';
import { type RedisServer, startRedis } from '@fengcun/local';
import { createLogger, createMetrics, type Registry } from '@fengcun/runtime';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openQueues, type Queues } from '../queue/queues.ts';
import { type Handler, HandlerRegistry } from '../registry/handler-registry.ts';
import { queueMetrics } from './metrics.ts';
import { startWorkers, type Workers, type WorkersOptions } from './start-workers.ts';

const logger = createLogger({ name: 'jobs-test', level: 'silent' });
const evidence = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const nothing = async () => undefined;

/** Waits for a state, however slow the machine. */
const eventually = <T>(check: () => T | Promise<T>): Promise<T> => vi.waitFor(check, { timeout: 45_000, interval: 20 });

let redis: RedisServer;
let directory: string;
let queues: Queues;
let metrics: Registry;
let workers: Workers | null;
let admin: Redis;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'jobs-'));
  redis = await startRedis({ dataDir: directory });
  admin = new Redis(redis.url);
  admin.on('error', () => undefined);
  metrics = createMetrics('jobs-test');
  queues = openQueues({ redisUrl: redis.url, onError: () => undefined });
  queueMetrics(metrics, queues);
  workers = null;
});

afterEach(async () => {
  await workers?.close();
  await queues.close();
  admin.disconnect();
  await redis.stop();
  await rm(directory, { recursive: true, force: true });
});

async function work(seal: Handler<'seal'>, options: Partial<WorkersOptions> = {}): Promise<void> {
  const handlers = new HandlerRegistry().handle('seal', seal);
  for (const queue of queueNames) if (queue !== 'seal') handlers.handle(queue, nothing);
  workers = await startWorkers({ redisUrl: redis.url, handlers, logger, metrics, ...options });
}

const sampleOf = async (name: string, labels: Record<string, string>): Promise<number> => {
  const metric = await metrics.getSingleMetric(name)?.get();
  const found = metric?.values.find((v) => Object.entries(labels).every(([k, value]) => v.labels[k] === value));
  return found?.value ?? 0;
};

describe('workers', () => {
  test('do every job that is added', async () => {
    const done: string[] = [];
    await work(async (payload) => void done.push(payload.evidence));
    await queues.add(
      'seal',
      [1, 2, 3].map((n) => ({ jobKey: evidence(n), payload: { evidence: evidence(n) } })),
    );
    await eventually(() => expect(done.toSorted()).toEqual([1, 2, 3].map(evidence)));
    await eventually(async () =>
      expect(await sampleOf('fengcun_jobs_finished_total', { queue: 'seal', outcome: 'completed' })).toBe(3),
    );
    expect(await sampleOf('fengcun_queue_jobs', { queue: 'seal', state: 'wait' })).toBe(0);
  });

  test('refuse to start with a queue unhandled', async () => {
    const handlers = new HandlerRegistry().handle('seal', nothing);
    await expect(startWorkers({ redisUrl: redis.url, handlers, logger, metrics })).rejects.toMatchObject({
      code: 'handler_missing',
      message: expect.stringContaining(queueNames.filter((queue) => queue !== 'seal').join(', ')),
    });
  });

  test('refuse a queue handled twice', () => {
    expect(() => new HandlerRegistry().handle('seal', nothing).handle('seal', nothing)).toThrow(
      expect.objectContaining({ code: 'handler_twice' }),
    );
  });

  test('try a failed job again, and say when no attempt follows', async () => {
    const attempts: { attempt: number; last: boolean }[] = [];
    await work(async (_payload, { attempt, last }) => {
      attempts.push({ attempt, last });
      if (attempt < 2) throw new Error('not yet');
    });
    await queues.add('seal', [{ jobKey: evidence(1), payload: { evidence: evidence(1) } }]);
    await eventually(() =>
      expect(attempts).toEqual([
        { attempt: 1, last: false },
        { attempt: 2, last: false },
      ]),
    );
  });

  test('take a job again whose earlier attempts all failed: nothing that has ended stays behind', async () => {
    let calls = 0;
    const producer = new Queue('seal', { connection: { url: redis.url }, prefix: 'fengcun' });
    try {
      await work(async () => {
        calls++;
        throw new Error('never');
      });
      const once = { jobId: evidence(1), attempts: 1, removeOnFail: true, removeOnComplete: true };
      await producer.add('seal', { evidence: evidence(1) }, once);
      await eventually(() => expect(calls).toBe(1));
      await eventually(async () => expect(await producer.getJob(evidence(1))).toBeUndefined());
      await queues.add('seal', [{ jobKey: evidence(1), payload: { evidence: evidence(1) } }]);
      await eventually(() => expect(calls).toBeGreaterThan(1));
    } finally {
      await producer.close();
    }
  });

  test('leave one job per key while it waits', async () => {
    await queues.add(
      'seal',
      [1, 1, 1].map((n) => ({ jobKey: evidence(n), payload: { evidence: evidence(n) } })),
    );
    expect(await queues.counts('seal')).toEqual({ wait: 1, active: 0, delayed: 0 });
  });

  test('fail a payload that does not fit, without calling the handler and without trying again', async () => {
    const handler = vi.fn(nothing);
    await work(handler);
    const producer = new Queue('seal', { connection: { url: redis.url }, prefix: 'fengcun' });
    try {
      await producer.add('seal', { evidence: '../../etc/passwd' }, { jobId: 'bad', attempts: 5 });
      await eventually(async () => expect(await producer.getJobCounts('failed')).toEqual({ failed: 1 }));
      expect(handler).not.toHaveBeenCalled();
    } finally {
      await producer.close();
    }
  });

  test('cannot be handed a payload that does not fit', async () => {
    await expect(queues.add('seal', [{ jobKey: 'x', payload: { evidence: 'not a uuid' } }])).rejects.toMatchObject({
      code: 'payload_invalid',
    });
  });

  test('fire the signal of a job whose lock was lost', async () => {
    const aborted = Promise.withResolvers<string>();
    await work(
      (_payload, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            aborted.resolve(String(signal.reason));
            reject(new Error('told to stop'));
          });
          void admin.del(`fengcun:seal:${evidence(1)}:lock`);
        }),
      { lockMs: 400 },
    );
    await queues.add('seal', [{ jobKey: evidence(1), payload: { evidence: evidence(1) } }]);
    expect(await aborted.promise).toContain('lock');
    expect(await sampleOf('fengcun_job_locks_lost_total', { queue: 'seal' })).toBe(1);
  });

  test('abort what still runs when closing, after the grace', async () => {
    const started = Promise.withResolvers<void>();
    let reason: unknown;
    await work(
      (_payload, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reason = signal.reason;
            reject(new Error('told to stop'));
          });
          started.resolve();
        }),
      { graceMs: 10 },
    );
    await queues.add('seal', [{ jobKey: evidence(1), payload: { evidence: evidence(1) } }]);
    await started.promise;
    await workers?.close();
    workers = null;
    expect(String(reason)).toContain('closing');
    expect(await queues.counts('seal')).toEqual({ wait: 0, active: 0, delayed: 1 });
  });

  test('go on after FLUSHALL, also for the job that was running', async () => {
    const done: string[] = [];
    const running = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    await work(async ({ evidence: id }) => {
      if (id === evidence(1)) {
        running.resolve();
        await release.promise;
      }
      done.push(id);
    });
    await queues.add('seal', [{ jobKey: evidence(1), payload: { evidence: evidence(1) } }]);
    await running.promise;
    await admin.flushall();
    release.resolve();
    await queues.add('seal', [{ jobKey: evidence(2), payload: { evidence: evidence(2) } }]);
    await eventually(() => expect(done.toSorted()).toEqual([evidence(1), evidence(2)]));
  });

  test('go on after Redis was stopped and started again', async () => {
    const done: string[] = [];
    await work(async ({ evidence: id }) => void done.push(id));
    const { port } = redis;
    await redis.stop();
    await expect(queues.ping()).rejects.toThrow();
    redis = await startRedis({ dataDir: directory, port });
    await eventually(() => queues.add('seal', [{ jobKey: evidence(2), payload: { evidence: evidence(2) } }]));
    await eventually(() => expect(done).toEqual([evidence(2)]));
  });
});
