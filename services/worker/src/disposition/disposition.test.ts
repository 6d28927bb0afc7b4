import { randomBytes } from 'node:crypto';
import { assignRetention, decideDisposition, requestDispositions, setHold, storedCopies } from '@fengcun/catalog';
import { dispositionRefusal } from '@fengcun/policy';
import { parseObjectKey } from '@fengcun/vault';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jobContext, openBench, type TestBench } from '../testing/bench.ts';
import { dyingPlugin, dyingVault } from '../testing/faults.ts';
import { dayMs, eventsAbout, harm, makePerson, personActor, sealItem, versionIn } from '../testing/kept-items.ts';
import { repairItem } from '../vault-copy/repair-item.ts';
import { replicateHandler } from '../vault-copy/replicate-handler.ts';
import { type DisposeDependencies, disposeHandler } from './dispose-handler.ts';

let bench: TestBench;
let archivist: string;
let legal: string;
beforeAll(async () => {
  bench = await openBench();
  archivist = await makePerson(bench, 'archivist');
  legal = await makePerson(bench, 'legal');
});
afterAll(() => bench.close());

const clock = { now: () => bench.now() };
const vaults = () => ({ primary: bench.vault, replica: bench.replica });
const judge = (kept: Parameters<typeof dispositionRefusal>[0]) => dispositionRefusal(kept, bench.now());
/** As if the rules had been got round: nothing stands against anything. */
const anything = () => null;

const request = (evidence: string, by = judge as typeof anything | typeof judge) =>
  requestDispositions(
    bench.owner,
    {
      items: [{ evidence, rule: 'archivist_requests_disposition' }],
      account: archivist,
      reason: '保管期限届满',
      actor: personActor(archivist),
    },
    by,
    clock,
  );
const decide = (disposition: string, approve = true, account = legal, by = judge as typeof anything | typeof judge) =>
  decideDisposition(
    bench.owner,
    {
      disposition,
      approve,
      reason: '同意',
      account,
      actor: personActor(account),
      rule: 'legal_or_head_decides_disposition',
    },
    by,
    clock,
  );
const dispose = (disposition: string, given: Partial<DisposeDependencies> = {}) =>
  disposeHandler({ catalog: bench.catalog, vaults: vaults(), clock, ...given })(
    { disposition },
    jobContext(bench.logger),
  );
const dispositionOf = (id: string) =>
  bench.owner.selectFrom('disposition').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
const typesOf = async (id: string) => (await eventsAbout(bench, id)).map(({ type }) => type);

/** An item whose term of six months is over, with a playable copy and two copies of the original. */
async function overdue(): Promise<string> {
  const id = await sealItem(bench, {
    bytes: randomBytes(2000),
    receivedAt: new Date(bench.now().getTime() - 400 * dayMs),
    replica: true,
  });
  await replicateHandler({ catalog: bench.catalog, vaults: vaults(), pool: bench.pool, clock })(
    { evidence: id },
    jobContext(bench.logger),
  );
  const proxy = await bench.vault.write(
    parseObjectKey(`original/${id.slice(0, 2)}/${id}.proxy`),
    once(Buffer.from('proxy')),
  );
  await bench.owner
    .updateTable('derivative')
    .set({ state: 'ready', data: '{}', vault_key: proxy.key, vault_version: proxy.versionId, vault_size: proxy.size })
    .where('evidence_id', '=', id)
    .where('kind', '=', 'proxy')
    .execute();
  // The seal locks for a day at least.
  bench.advance(2 * dayMs);
  return id;
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

/** An overdue item whose disposition somebody else has approved. */
async function approved(): Promise<{ id: string; disposition: string }> {
  const id = await overdue();
  const outcome = await request(id);
  if (outcome.kind !== 'requested' || !outcome.ids[0]) throw new Error(JSON.stringify(outcome));
  expect(await decide(outcome.ids[0])).toBe('decided');
  return { id, disposition: outcome.ids[0] };
}

async function everythingGone(id: string): Promise<void> {
  const item = await bench.owner.selectFrom('evidence').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  const at = (key: string | null, versionId: string | null) => ({
    key: parseObjectKey(key ?? ''),
    versionId: versionId ?? '',
    size: item.size,
  });
  await expect(bench.vault.stat(at(item.vault_key, item.vault_version))).rejects.toMatchObject({ code: 'not_found' });
  await expect(bench.vault.stat(at(item.tree_key, item.tree_version))).rejects.toMatchObject({ code: 'not_found' });
  const copies = await bench.owner.selectFrom('vault_copy').selectAll().where('evidence_id', '=', id).execute();
  for (const copy of copies) {
    expect(copy.state).toBe('removed');
    const vault = copy.vault === 'primary' ? bench.vault : bench.replica;
    await expect(vault.stat(at(copy.vault_key, copy.vault_version))).rejects.toMatchObject({ code: 'not_found' });
  }
  const trees = await bench.owner.selectFrom('tree_copy').selectAll().where('evidence_id', '=', id).execute();
  for (const tree of trees) {
    const vault = tree.vault === 'primary' ? bench.vault : bench.replica;
    await expect(vault.stat(at(tree.vault_key, tree.vault_version))).rejects.toMatchObject({ code: 'not_found' });
  }
  const derivatives = await bench.owner.selectFrom('derivative').selectAll().where('evidence_id', '=', id).execute();
  expect(derivatives.filter(({ vault_version }) => vault_version !== null)).toEqual([]);
}

describe('disposition', () => {
  test('deletes every copy and what was made of it, and leaves a tombstone with the digests', async () => {
    const { id, disposition } = await approved();
    const [before] = await eventsAbout(bench, id);
    await dispose(disposition);
    await dispose(disposition);
    await everythingGone(id);
    expect(await dispositionOf(disposition)).toMatchObject({
      state: 'disposed',
      requested_by: archivist,
      decided_by: legal,
    });
    const stone = await bench.owner
      .selectFrom('tombstone')
      .selectAll()
      .where('evidence_id', '=', id)
      .executeTakeFirstOrThrow();
    expect(stone).toMatchObject({ disposition_id: disposition, objects: 5 });
    const item = await bench.owner
      .selectFrom('evidence')
      .select(['sha256', 'sm3'])
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    const events = await eventsAbout(bench, id);
    expect(events.map(({ type }) => type)).toEqual([
      'evidence.sealed',
      'copy.stored',
      'disposition.requested',
      'disposition.decided',
      'evidence.disposed',
    ]);
    expect(events.at(-1)?.data).toMatchObject({
      disposition,
      requestedBy: archivist,
      decidedBy: legal,
      sha256: item.sha256.toString('hex'),
      sm3: item.sm3.toString('hex'),
    });
    expect(before?.data).toMatchObject({ sha256: item.sha256.toString('hex') });
    await expect(
      bench.owner.updateTable('tombstone').set({ objects: 0 }).where('evidence_id', '=', id).execute(),
    ).rejects.toThrow(/never changed/);
    await expect(
      bench.owner.updateTable('evidence_retention').set({ disposal: 'none' }).where('evidence_id', '=', id).execute(),
    ).rejects.toThrow(/not taken back/);
  });

  test('takes damaged versions that a repair has replaced with it', async () => {
    const id = await overdue();
    const { versionId } = await versionIn(bench, id, 'replica');
    await harm(bench, 'replica', versionId, 'flip');
    const copy = { catalog: bench.catalog, vaults: vaults(), pool: bench.pool, clock };
    expect(await repairItem(copy, id, new AbortController().signal)).toMatchObject({ kind: 'repaired' });
    bench.advance(2 * dayMs);
    const outcome = await request(id);
    if (outcome.kind !== 'requested' || !outcome.ids[0]) throw new Error(JSON.stringify(outcome));
    await decide(outcome.ids[0]);
    await dispose(outcome.ids[0]);
    await everythingGone(id);
  });

  test('is refused by the rules before the term is over, for ever kept and held items', async () => {
    const young = await sealItem(bench);
    expect(await request(young)).toMatchObject({ kind: 'refused', code: 'not_expired' });
    const kept = await overdue();
    await bench.owner
      .transaction()
      .execute((trx) =>
        assignRetention(
          trx,
          { evidence: kept, classCode: 'permanent', because: { reason: '典型案例' }, actor: personActor(archivist) },
          clock,
        ),
      );
    expect(await request(kept)).toMatchObject({ kind: 'refused', code: 'permanent' });
    const held = await overdue();
    await setHold(
      bench.owner,
      { evidence: held, account: archivist, reason: '诉讼', actor: personActor(archivist) },
      clock,
    );
    expect(await request(held)).toMatchObject({ kind: 'refused', code: 'held' });
  });

  test('tried too early with the rules got round is refused by the engine, and nothing is gone', async () => {
    const id = await sealItem(bench, { replica: true });
    const outcome = await request(id, anything);
    if (outcome.kind !== 'requested' || !outcome.ids[0]) throw new Error('not requested');
    const [disposition] = outcome.ids;
    expect(await decide(disposition, true, legal, anything)).toBe('decided');
    await dispose(disposition, { judge: anything });
    expect(await dispositionOf(disposition)).toMatchObject({ state: 'refused', refusal: 'engine_retained' });
    const version = await versionIn(bench, id, 'primary');
    expect(await bench.vault.stat(version)).toEqual({ size: version.size });
    await expect(bench.vault.delete(version)).rejects.toMatchObject({ code: 'retained' });
    expect((await eventsAbout(bench, id)).at(-1)).toMatchObject({
      type: 'disposition.refused',
      data: { code: 'engine_retained' },
    });
  });

  test('of a held item with the rules got round is refused by the engine', async () => {
    const { id, disposition } = await approved();
    await bench.vault.setLegalHold(await versionIn(bench, id, 'primary'), true);
    await dispose(disposition, { judge: anything });
    expect(await dispositionOf(disposition)).toMatchObject({ state: 'refused', refusal: 'engine_held' });
    expect((await storedCopies(bench.owner, id)).map(({ state }) => state)).toEqual(['ready', 'ready']);
  });

  test('that was approved is not carried out once a hold was set', async () => {
    const { id, disposition } = await approved();
    await setHold(
      bench.owner,
      { evidence: id, account: archivist, reason: '诉讼', actor: personActor(archivist) },
      clock,
    );
    await dispose(disposition);
    expect(await dispositionOf(disposition)).toMatchObject({ state: 'refused', refusal: 'held' });
    expect(await typesOf(id)).not.toContain('evidence.disposed');
  });

  test('is never decided by the person who asked, not even behind the program’s back', async () => {
    const id = await overdue();
    const outcome = await request(id);
    if (outcome.kind !== 'requested' || !outcome.ids[0]) throw new Error('not requested');
    const [disposition] = outcome.ids;
    expect(await decide(disposition, true, archivist)).toBe('own_request');
    await expect(
      bench.owner
        .updateTable('disposition')
        .set({ state: 'approved', decided_by: archivist, decided_at: bench.now(), decision_reason: 'x' })
        .where('id', '=', disposition)
        .execute(),
    ).rejects.toThrow(/check constraint/);
    expect(await request(id)).toMatchObject({ kind: 'already_requested' });
    expect(await decide(disposition, false)).toBe('decided');
    expect(await decide(disposition, true)).toBe('already_decided');
    await dispose(disposition);
    expect(await dispositionOf(disposition)).toMatchObject({ state: 'rejected' });
  });

  test('comes too late for a hold once it is under way', async () => {
    const { id, disposition } = await approved();
    await dispose(disposition);
    const draft = { evidence: id, account: archivist, reason: '诉讼', actor: personActor(archivist) };
    expect(await setHold(bench.owner, draft, clock)).toBe('being_disposed');
  });

  test('by a worker without the replica vault does not begin', async () => {
    const { id, disposition } = await approved();
    const one = { primary: bench.vault, replica: null };
    await expect(dispose(disposition, { vaults: one })).rejects.toMatchObject({ code: 'replica_missing' });
    expect(await dispositionOf(disposition)).toMatchObject({ state: 'approved' });
    await dispose(disposition);
    await everythingGone(id);
  });

  test('survives a worker that dies after any step: everything gone, one tombstone, one event', async () => {
    let step = 0;
    for (let outcome = 'died'; outcome === 'died'; ) {
      step++;
      const { id, disposition } = await approved();
      let steps = 0;
      const die = () => {
        if (++steps >= step) throw new Error('died');
      };
      outcome = await dispose(disposition, {
        catalog: bench.catalog.withPlugin(dyingPlugin(die)),
        vaults: { primary: dyingVault(bench.vault, die), replica: dyingVault(bench.replica, die) },
      }).then(
        () => 'finished',
        () => 'died',
      );
      await dispose(disposition);
      await everythingGone(id);
      expect((await typesOf(id)).filter((type) => type === 'evidence.disposed')).toHaveLength(1);
    }
    expect(step).toBeGreaterThan(15);
  });
});
