import { connect, type Database, enqueue } from '@fengcun/catalog';
import { createTestDatabase, type TestDatabase } from '@fengcun/catalog/testing';
import { testPostgresUrl, testRedis } from '@fengcun/local/testing';
import { createLogger, createMetrics } from '@fengcun/runtime';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { JobRequest, Queues } from '../queue/queues.ts';
import { openQueues } from '../queue/queues.ts';
import { type Relay, startRelay } from './start-relay.ts';

const logger = createLogger({ name: 'relay-test', level: 'silent' });
const evidence = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;

/** Waits for a state, however slow the machine. */
const eventually = <T>(check: () => T | Promise<T>): Promise<T> => vi.waitFor(check, { timeout: 45_000, interval: 20 });

let database: TestDatabase;
let worker: Database;
let upload: Database;
const relays: Relay[] = [];
const opened: Queues[] = [];

beforeEach(async () => {
  database = await createTestDatabase(testPostgresUrl());
  worker = database.as('fengcun_worker');
  upload = database.as('fengcun_upload');
});

afterEach(async () => {
  await Promise.all(relays.splice(0).map((relay) => relay.close()));
  await Promise.all(opened.splice(0).map((queues) => queues.close()));
  await database.drop();
});

/** Queues on the run's Redis that note what passes, and can be told to fail. */
function recordingQueues(fault: () => void = () => undefined): { queues: Queues; added: JobRequest[] } {
  const { url, prefix } = testRedis();
  const real = openQueues({ redisUrl: url, prefix, onError: () => undefined });
  opened.push(real);
  const added: JobRequest[] = [];
  const queues: Queues = {
    ...real,
    async add(queue, requests) {
      fault();
      await real.add(queue, requests);
      added.push(...requests);
    },
  };
  return { queues, added };
}

function relay(queues: Queues, pollMs: number, catalog: Database = worker): void {
  relays.push(startRelay({ catalog, queues, logger, metrics: createMetrics('test'), pollMs }));
}

const backlog = () => worker.selectFrom('outbox').selectAll().execute();

test('hands a committed row to its queue at once and removes it', async () => {
  const { queues, added } = recordingQueues();
  relay(queues, 600_000);
  await eventually(async () => {
    await enqueue(upload, 'seal', evidence(1), { evidence: evidence(1) });
    expect(added.length).toBeGreaterThan(0);
  });
  expect(added[0]).toEqual({ jobKey: evidence(1), payload: { evidence: evidence(1) } });
  await eventually(async () => expect(await backlog()).toEqual([]));
  expect((await queues.counts('seal')).wait).toBe(1);
});

test('finds by itself what nobody notified about', async () => {
  const { queues, added } = recordingQueues();
  relay(queues, 20);
  await upload
    .insertInto('outbox')
    .values({ queue: 'probe', job_key: 'quiet', payload: JSON.stringify({ evidence: evidence(1) }) })
    .execute();
  await eventually(() => expect(added).toHaveLength(1));
});

test('hands each row over once though several relays run', async () => {
  for (let n = 0; n < 450; n++) await enqueue(upload, 'seal', evidence(n), { evidence: evidence(n) });
  const { queues, added } = recordingQueues();
  relay(queues, 20);
  relay(queues, 20);
  relay(queues, 20);
  await eventually(async () => expect(await backlog()).toEqual([]));
  expect(added.map((job) => job.jobKey).toSorted()).toEqual(Array.from({ length: 450 }, (_, n) => evidence(n)));
});

test('keeps the rows while Redis takes none, and hands them over afterwards', async () => {
  let down = true;
  let refusals = 0;
  const { queues, added } = recordingQueues(() => {
    if (!down) return;
    refusals++;
    throw new Error('Redis is away');
  });
  await enqueue(upload, 'seal', evidence(1), { evidence: evidence(1) });
  relay(queues, 20);
  await eventually(() => expect(refusals).toBeGreaterThan(1));
  expect(await backlog()).toHaveLength(1);
  down = false;
  await eventually(() => expect(added).toHaveLength(1));
});

test('drops a row that fits no queue instead of standing still behind it', async () => {
  const outbox = (queue: string, payload: unknown) =>
    upload
      .insertInto('outbox')
      .values({ queue, job_key: 'k', payload: JSON.stringify(payload) })
      .execute();
  await outbox('no-such-queue', { evidence: evidence(1) });
  await outbox('seal', { evidence: 7 });
  await outbox('seal', { evidence: evidence(2) });
  const { queues, added } = recordingQueues();
  relay(queues, 20);
  await eventually(async () => expect(await backlog()).toEqual([]));
  expect(added).toEqual([{ jobKey: 'k', payload: { evidence: evidence(2) } }]);
});

test('goes on when the database cut it off', async () => {
  const catalog = connect({ url: database.url('fengcun_worker'), name: 'cut off' });
  const { queues, added } = recordingQueues();
  relay(queues, 20, catalog);
  const owner = database.as('owner');
  await sql`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'fengcun_worker' and datname = current_database()`.execute(
    owner,
  );
  await enqueue(upload, 'seal', evidence(1), { evidence: evidence(1) });
  await eventually(() => expect(added).toHaveLength(1));
  await Promise.all(relays.splice(0).map((one) => one.close()));
  await catalog.destroy();
});
