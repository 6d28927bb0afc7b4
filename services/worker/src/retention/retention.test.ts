import {
  assignRetention,
  findOutdatedRetention,
  findUnappliedRetention,
  insertMatter,
  releaseHold,
  saveClass,
  setHold,
  updateMatter,
} from '@fengcun/catalog';
import { storedFindings } from '@fengcun/contracts';
import { openQueues } from '@fengcun/jobs';
import { testRedis } from '@fengcun/local/testing';
import { renewalDue } from '@fengcun/policy';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ReplicaSearch, reconcileKeeping } from '../reconcile/keeping.ts';
import { jobContext, openBench, type TestBench } from '../testing/bench.ts';
import { dyingPlugin, dyingVault, intercepted } from '../testing/faults.ts';
import { dayMs, eventsAbout, makePerson, personActor, sealItem, versionIn } from '../testing/kept-items.ts';
import { replicateHandler } from '../vault-copy/replicate-handler.ts';
import { type RetainDependencies, retainHandler } from './retain-handler.ts';

let bench: TestBench;
let archivist: string;
beforeAll(async () => {
  bench = await openBench();
  archivist = await makePerson(bench, 'archivist');
});
afterAll(() => bench.close());

const clock = { now: () => bench.now() };
const dependencies = (given: Partial<RetainDependencies> = {}): RetainDependencies => ({
  catalog: bench.catalog,
  vaults: { primary: bench.vault, replica: bench.replica },
  clock,
  ...given,
});
const retain = (evidence: string, given: Partial<RetainDependencies> = {}) =>
  retainHandler(dependencies(given))({ evidence }, jobContext(bench.logger));
const assign = (evidence: string, classCode: string) =>
  bench.owner
    .transaction()
    .execute((trx) =>
      assignRetention(
        trx,
        { evidence, classCode, because: { reason: '重大案件' }, actor: personActor(archivist) },
        clock,
      ),
    );
const keptOf = (id: string) =>
  bench.owner.selectFrom('evidence_retention').selectAll().where('evidence_id', '=', id).executeTakeFirstOrThrow();
const protection = async (id: string, vault: 'primary' | 'replica' = 'primary') =>
  (vault === 'primary' ? bench.vault : bench.replica).protection(await versionIn(bench, id, vault));
const typesOf = async (id: string) => (await eventsAbout(bench, id)).map(({ type }) => type);

const matterFields = {
  stage: '调查取证',
  title: '查封扣押财产',
  occasion: null,
  method: null,
  begins: null,
  ends: null,
  deadline: null,
  recorder: null,
  category: '行政强制',
  level: 'full',
} as const;

describe('an item', () => {
  test('is kept from its seal on under the default class of its kind, and locked as long', async () => {
    const receivedAt = new Date(bench.now().getTime() - 3 * dayMs);
    const id = await sealItem(bench, { receivedAt });
    const kept = await keptOf(id);
    const end = new Date(receivedAt);
    end.setUTCMonth(end.getUTCMonth() + 6);
    expect(kept).toMatchObject({ class_code: 'M6', starts_at: receivedAt, held: false });
    // By the calendar, 31 August and six months being the end of February.
    expect(Math.abs((kept.retain_until?.getTime() ?? 0) - end.getTime())).toBeLessThanOrEqual(3 * dayMs);
    expect((await protection(id)).retainUntil).toEqual(kept.retain_until);
    expect(kept.applied_revision).toBe(kept.revision);
    expect(await typesOf(id)).toEqual(['evidence.sealed']);
  });

  test('is kept longer when somebody says so, in every copy, and the vaults themselves are asked', async () => {
    const id = await sealItem(bench, { replica: true });
    await replicateHandler({ ...dependencies(), pool: bench.pool })({ evidence: id }, jobContext(bench.logger));
    const before = await protection(id);
    expect(await assign(id, 'Y10')).toBe('extended');
    expect(await assign(id, 'Y10')).toBe('unchanged');
    expect((await keptOf(id)).applied_revision).toBeLessThan((await keptOf(id)).revision);
    await retain(id);
    await retain(id);
    const kept = await keptOf(id);
    expect(kept).toMatchObject({ class_code: 'Y10', applied_revision: kept.revision, locked_until: kept.retain_until });
    expect((await protection(id)).retainUntil).toEqual(kept.retain_until);
    expect((await protection(id, 'replica')).retainUntil).toEqual(kept.retain_until);
    const events = await eventsAbout(bench, id);
    expect(events.map(({ type }) => type)).toEqual([
      'evidence.sealed',
      'copy.stored',
      'retention.assigned',
      'retention.extended',
    ]);
    expect(events[2]?.data).toMatchObject({ class: 'Y10', previous: 'M6', until: kept.retain_until?.toISOString() });
    expect(events[3]?.data).toMatchObject({
      from: before.retainUntil?.toISOString(),
      to: kept.retain_until?.toISOString(),
      copies: [{ vault: 'primary' }, { vault: 'replica' }],
    });
    // A person's words are not for the log's readers.
    expect(JSON.stringify(events[2]?.data)).not.toContain('重大案件');
  });

  test('is never kept shorter, whoever asks', async () => {
    const id = await sealItem(bench);
    await assign(id, 'Y5');
    expect(await assign(id, 'Y1')).toBe('unchanged');
    expect((await keptOf(id)).class_code).toBe('Y5');
    const shorter = { retain_until: new Date(bench.now().getTime() + dayMs) };
    await expect(
      bench.owner.updateTable('evidence_retention').set(shorter).where('evidence_id', '=', id).execute(),
    ).rejects.toThrow(/extended, never shortened/);
    await assign(id, 'permanent');
    await expect(
      bench.owner
        .updateTable('evidence_retention')
        .set({ retain_until: new Date('9000-01-01T00:00:00Z') })
        .where('evidence_id', '=', id)
        .execute(),
    ).rejects.toThrow(/extended, never shortened/);
  });

  test('that is kept for ever is locked far ahead, and renewed long before that runs out', async () => {
    const id = await sealItem(bench);
    await assign(id, 'permanent');
    await retain(id);
    const first = (await protection(id)).retainUntil;
    const years = ((first?.getTime() ?? 0) - bench.now().getTime()) / (365.25 * dayMs);
    expect(years).toBeGreaterThan(29.9);
    const due = () =>
      findUnappliedRetention(bench.catalog, {
        now: new Date(bench.now().getTime() + 3_700_000),
        afterMs: 10_000,
        attemptsPerRound: 5,
        limit: 500,
        renewBefore: renewalDue(bench.now()),
      });
    expect(await due()).not.toContain(id);
    bench.advance(370 * dayMs);
    expect(await due()).toContain(id);
    await retain(id);
    expect((await protection(id)).retainUntil?.getTime()).toBeGreaterThan(first?.getTime() ?? Number.POSITIVE_INFINITY);
    expect(await due()).not.toContain(id);
    expect((await typesOf(id)).filter((type) => type === 'retention.extended')).toHaveLength(2);
  });
});

describe('a change of the rules', () => {
  test('of a class reaches what is kept under it when it is longer, and not when it is shorter', async () => {
    const code = 'trial';
    const actor = personActor(archivist);
    const save = (term: string) =>
      saveClass(bench.owner, { code, name: '试行', term, retired: undefined, actor }, clock);
    await save('P2Y');
    const id = await sealItem(bench);
    await assign(id, code);
    const before = await keptOf(id);
    await save('P1Y');
    expect(await findOutdatedRetention(bench.catalog, 10)).toContain(id);
    await round();
    expect((await keptOf(id)).retain_until).toEqual(before.retain_until);
    expect(await findOutdatedRetention(bench.catalog, 10)).not.toContain(id);
    await save('P3Y');
    await round();
    const after = await keptOf(id);
    expect(after.retain_until?.getTime()).toBeGreaterThan(before.retain_until?.getTime() ?? 0);
    const news = (await eventsAbout(bench, id)).at(-1);
    expect(news).toMatchObject({ type: 'retention.assigned', data: { because: { rule: 'class_changed' } } });
  });

  test('of a matter reaches what was recorded under it', async () => {
    const actor = personActor(archivist);
    const unit = bench.bureau.unit;
    const matter = await insertMatter(bench.owner, { unit, fields: { ...matterFields, class: 'Y1' }, actor }, clock);
    if (typeof matter === 'string') throw new Error(matter);
    const again = await insertMatter(bench.owner, { unit, fields: { ...matterFields, class: 'Y1' }, actor }, clock);
    expect(again).toBe('exists');
    const id = await sealItem(bench);
    const tag = () =>
      bench.owner
        .transaction()
        .execute((trx) =>
          assignRetention(trx, { evidence: id, classCode: 'Y1', because: { matter: matter.id }, actor }, clock),
        );
    expect(await tag()).toBe('extended');
    expect(await tag()).toBe('unchanged');
    await updateMatter(bench.owner, { id: matter.id, fields: { ...matterFields, class: 'permanent' }, actor }, clock);
    await round();
    expect(await keptOf(id)).toMatchObject({ class_code: 'permanent', retain_until: null, matter_id: matter.id });
    expect(await findOutdatedRetention(bench.catalog, 10)).not.toContain(id);
  });

  async function round(): Promise<void> {
    const { url, prefix } = testRedis();
    const queues = openQueues({ redisUrl: url, prefix, onError: () => undefined });
    await reconcileKeeping({ catalog: bench.catalog, queues, clock, forgottenAfterMs: 10_000 }, null);
    await queues.close();
  }
});

describe('a legal hold', () => {
  test('is taken over by every copy, and let go of when the last one is lifted', async () => {
    const id = await sealItem(bench, { replica: true });
    await replicateHandler({ ...dependencies(), pool: bench.pool })({ evidence: id }, jobContext(bench.logger));
    const draft = { evidence: id, account: archivist, actor: personActor(archivist) };
    const first = await setHold(bench.owner, { ...draft, reason: '行政复议' }, clock);
    const second = await setHold(bench.owner, { ...draft, reason: '行政诉讼' }, clock);
    if (first === 'being_disposed' || second === 'being_disposed') throw new Error('not held');
    await retain(id);
    expect([(await protection(id)).legalHold, (await protection(id, 'replica')).legalHold]).toEqual([true, true]);
    const lift = (hold: string) =>
      releaseHold(bench.owner, { hold, account: archivist, reason: '结案', actor: personActor(archivist) }, clock);
    expect(await lift(first.id)).toMatchObject({ released: { reason: '结案' } });
    expect(await lift(first.id)).toBe('already_released');
    await retain(id);
    expect((await protection(id)).legalHold).toBe(true);
    await lift(second.id);
    await retain(id);
    expect([(await protection(id)).legalHold, (await protection(id, 'replica')).legalHold]).toEqual([false, false]);
    expect((await typesOf(id)).filter((type) => type.startsWith('hold.'))).toEqual([
      'hold.set',
      'hold.set',
      'hold.applied',
      'hold.released',
      'hold.released',
      'hold.applied',
    ]);
  });

  test('that the vault takes without showing it does not count', async () => {
    const id = await sealItem(bench);
    await setHold(
      bench.owner,
      { evidence: id, account: archivist, reason: '投诉', actor: personActor(archivist) },
      clock,
    );
    const primary = intercepted(bench.vault, { setLegalHold: async () => undefined });
    await expect(retain(id, { vaults: { primary, replica: null } })).rejects.toMatchObject({ code: 'hold_missing' });
    expect(await keptOf(id)).toMatchObject({ held: true, hold_applied: false });
    expect(storedFindings((await keptOf(id)).detail ?? '')).toMatchObject([{ code: 'work_hold_missing' }]);
    await retain(id);
    expect(await keptOf(id)).toMatchObject({ hold_applied: true, detail: null });
  });
});

test('a worker that dies after any step leaves what the next attempt finishes', async () => {
  let step = 0;
  for (let outcome = 'died'; outcome === 'died'; ) {
    step++;
    const id = await sealItem(bench);
    await assign(id, 'Y1');
    const draft = { evidence: id, account: archivist, reason: '投诉', actor: personActor(archivist) };
    await setHold(bench.owner, draft, clock);
    let steps = 0;
    const die = () => {
      if (++steps >= step) throw new Error('died');
    };
    outcome = await retain(id, {
      catalog: bench.catalog.withPlugin(dyingPlugin(die)),
      vaults: { primary: dyingVault(bench.vault, die), replica: null },
    }).then(
      () => 'finished',
      () => 'died',
    );
    await retain(id);
    const kept = await keptOf(id);
    expect(kept).toMatchObject({
      applied_revision: kept.revision,
      hold_applied: true,
      locked_until: kept.retain_until,
    });
    expect(await protection(id)).toMatchObject({ legalHold: true, retainUntil: kept.retain_until });
    expect(await typesOf(id)).toEqual([
      'evidence.sealed',
      'retention.assigned',
      'hold.set',
      'retention.extended',
      'hold.applied',
    ]);
  }
  expect(step).toBeGreaterThan(8);
});

test('an item that was sealed before there was a replica vault is found and asked a copy for', async () => {
  const id = await sealItem(bench);
  const search = new ReplicaSearch({ catalog: bench.catalog, clock }, bench.replica);
  await search.round();
  await search.round();
  const copies = await bench.owner
    .selectFrom('vault_copy')
    .select(['vault', 'state'])
    .where('evidence_id', '=', id)
    .execute();
  expect(copies).toEqual([{ vault: 'replica', state: 'pending' }]);
});
