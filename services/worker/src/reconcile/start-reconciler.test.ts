import { openQueues, type Queues } from '@fengcun/jobs';
import { testRedis } from '@fengcun/local/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openBench, type TestBench } from '../testing/bench.ts';
import { receiveUpload } from '../testing/uploads.ts';
import { reconcile } from './start-reconciler.ts';

let bench: TestBench;
let queues: Queues;

beforeAll(async () => {
  bench = await openBench();
});
beforeEach(() => {
  const { url, prefix } = testRedis();
  queues = openQueues({ redisUrl: url, prefix, onError: () => undefined });
  return () => queues.close();
});
afterAll(() => bench.close());

const receivedAt = new Date('2026-03-01T08:00:00Z');
const after = (ms: number) => ({ now: () => new Date(receivedAt.getTime() + ms) });
const round = (ms: number) => reconcile({ catalog: bench.catalog, queues, clock: after(ms), forgottenAfterMs: 10_000 });

async function received(values: { seal_token?: number; seal_until?: Date; state?: 'sealing' } = {}): Promise<string> {
  await bench.owner
    .updateTable('upload')
    .set({ state: 'terminated' })
    .where('state', 'in', ['received', 'sealing'])
    .execute();
  const { id } = await receiveUpload(bench.owner, bench.vault, bench.bureau, Buffer.from('x'), { receivedAt });
  if (Object.keys(values).length > 0)
    await bench.owner.updateTable('upload').set(values).where('id', '=', id).execute();
  return id;
}

test('asks for a seal that nobody has begun, once it has waited, and only once while the job waits', async () => {
  await received();
  expect(await round(9_000)).toEqual(new Map());
  expect(await round(11_000)).toEqual(new Map([['seal', 1]]));
  expect(await round(12_000)).toEqual(new Map([['seal', 1]]));
  expect(await queues.counts('seal')).toEqual({ wait: 1, active: 0, delayed: 0 });
});

test('leaves a seal alone whose worker is alive, and asks again when it is not', async () => {
  await received({ state: 'sealing', seal_token: 1, seal_until: new Date(receivedAt.getTime() + 30_000) });
  expect(await round(29_000)).toEqual(new Map());
  expect(await round(31_000)).toEqual(new Map([['seal', 1]]));
});

test('asks ever more slowly for a seal that does not succeed, and never gives it up', async () => {
  await received({ state: 'sealing', seal_token: 15 });
  expect(await round(79_000)).toEqual(new Map());
  expect(await round(81_000)).toEqual(new Map([['seal', 1]]));
  await received({ state: 'sealing', seal_token: 5000 });
  expect(await round(3_599_000)).toEqual(new Map());
  expect(await round(3_601_000)).toEqual(new Map([['seal', 1]]));
});
