import { type ConcealedObject, parseObjectKey } from '@fengcun/vault';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBench, type TestBench } from '../testing/bench.ts';
import { intercepted } from '../testing/faults.ts';
import { sealItem } from '../testing/kept-items.ts';
import { ConcealmentWatch } from './watch-concealed.ts';

let bench: TestBench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

test('an object that somebody hid is told of once for each marker, with the item it belongs to', async () => {
  const item = await sealItem(bench);
  const now = new Date();
  const hidden: ConcealedObject[] = [];
  const primary = intercepted(bench.vault, {
    async *concealed() {
      yield* hidden;
    },
  });
  let clock = now;
  const watch = new ConcealmentWatch({
    catalog: bench.catalog,
    vaults: { primary, replica: null },
    clock: { now: () => clock },
  });
  const look = async () => {
    clock = new Date(clock.getTime() + 600_000);
    await watch.round();
    return bench.owner
      .selectFrom('alarm')
      .select(['subject_kind', 'subject_id', 'unit_id'])
      .where('kind', '=', 'concealed')
      .orderBy('raised_at')
      .execute();
  };
  expect(await look()).toEqual([]);
  const evidence = await bench.owner
    .selectFrom('evidence')
    .selectAll()
    .where('id', '=', item)
    .executeTakeFirstOrThrow();
  hidden.push({ key: parseObjectKey(evidence.vault_key), marker: 'm1', since: now });
  const first = { subject_kind: 'evidence', subject_id: item, unit_id: evidence.unit_id };
  expect(await look()).toEqual([first]);
  await bench.owner.updateTable('alarm').set({ acknowledged_at: now }).execute();
  expect(await look()).toEqual([first]);
  hidden.push({ key: parseObjectKey('originals/nobody'), marker: 'm2', since: now });
  expect(await look()).toEqual([first, { subject_kind: 'object', subject_id: 'originals/nobody', unit_id: null }]);
});
