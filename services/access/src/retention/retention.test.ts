import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appendEvent, newId, storedCopies } from '@fengcun/catalog';
import type { ItemRetention, Verification } from '@fengcun/contracts';
import { makePerson, makeUnit, type TestPerson, type TestUnit } from '@fengcun/identity/testing';
import { openDiskVault, parseObjectKey, type Vault } from '@fengcun/vault';
import { withFaults } from '@fengcun/vault/testing';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { eventsOf } from '../testing/events.ts';
import { type Harness, startHarness } from '../testing/harness.ts';
import { makeEvidence, type TestEvidence } from '../testing/make-evidence.ts';
import { publishLog } from '../testing/publish-log.ts';

let harness: Harness;
let unit: TestUnit;
let people: Record<
  'archivist' | 'legal' | 'bureau_head' | 'officer' | 'security_admin' | 'auditor' | 'stranger',
  TestPerson
>;
beforeAll(async () => {
  harness = await startHarness();
  unit = await makeUnit(harness.owner);
  await signIn();
});
afterAll(() => harness.close());

/** Everybody anew, in the present of the harness's clock. */
async function signIn(): Promise<void> {
  const make = (role: Parameters<typeof makePerson>[1], of = unit) =>
    makePerson(harness.owner, role, { unit: of, now: harness.clock.now() });
  people = {
    archivist: await make('archivist'),
    legal: await make('legal'),
    bureau_head: await make('bureau_head'),
    officer: await make('officer'),
    security_admin: await make('security_admin'),
    auditor: await make('auditor'),
    stranger: await make('archivist', await makeUnit(harness.owner)),
  };
}

type Method = 'GET' | 'POST' | 'PUT';
async function call<T>(
  as: TestPerson,
  method: Method,
  url: string,
  payload?: object,
  app: FastifyInstance = harness.app,
): Promise<{ status: number; body: T & { code?: string; refusal?: string } }> {
  const reply = await app.inject({ method, url, headers: as.headers, ...(payload ? { payload } : {}) });
  return { status: reply.statusCode, body: reply.json() };
}
const get = <T>(as: TestPerson, url: string) => call<T>(as, 'GET', url);
const post = <T>(as: TestPerson, url: string, payload: object = {}) => call<T>(as, 'POST', url, payload);
const keeping = async (item: TestEvidence) =>
  (await get<ItemRetention>(people.archivist, `/api/evidence/${item.id}/retention`)).body;
const matter = (title: string, cls = 'Y10') => ({
  stage: '送达执行',
  title,
  occasion: null,
  method: '执法记录仪',
  begins: null,
  ends: null,
  deadline: null,
  recorder: null,
  category: '行政处罚',
  level: 'full',
  class: cls,
});

describe('the rules of retention', () => {
  it('come with the terms of the field, shortest first, and a default for every kind', async () => {
    const { body } = await get<{ classes: { code: string; term: string }[]; defaults: object[] }>(
      people.officer,
      '/api/retention/rules',
    );
    expect(body.classes.map(({ code }) => code)).toEqual(['M6', 'Y1', 'Y3', 'Y5', 'Y10', 'Y30', 'permanent']);
    expect(body.defaults).toHaveLength(5);
  });

  it('are the archivist’s of the whole site to change, on record', async () => {
    const url = '/api/retention/classes/Y15';
    const draft = { name: '十五年', term: 'P15Y' };
    expect((await call(people.officer, 'PUT', url, draft)).status).toBe(403);
    const saved = await call(people.archivist, 'PUT', url, draft);
    expect(saved).toMatchObject({ status: 200, body: { code: 'Y15', term: 'P15Y', revision: 1, retired: false } });
    expect((await call(people.archivist, 'PUT', url, { ...draft, term: 'P16Y' })).body).toMatchObject({ revision: 2 });
    expect((await call(people.archivist, 'PUT', url, { ...draft, term: 'P1Y2M' })).status).toBe(400);
    const events = (await eventsOf(harness, 'retention_class.saved')).filter(({ subject }) => subject === 'Y15');
    expect(events.map(({ data }) => data)).toEqual([
      { term: 'P15Y', previous: null, retired: false },
      { term: 'P16Y', previous: 'P15Y', retired: false },
    ]);
    const inUse = await call(people.archivist, 'PUT', '/api/retention/classes/M6', {
      name: '六个月',
      term: 'P6M',
      retired: true,
    });
    expect(inUse).toMatchObject({ status: 409, body: { code: 'class_in_use' } });
  });

  it('below the top of the units, are nobody’s', async () => {
    const section = await makeUnit(harness.owner, { parent: unit });
    const archivist = await makePerson(harness.owner, 'archivist', { unit: section, now: harness.clock.now() });
    const reply = await call(archivist, 'PUT', '/api/retention/defaults/video', { class: 'Y1' });
    expect(reply).toMatchObject({ status: 403, body: { code: 'denied' } });
    const matters = await post(archivist, '/api/matters', { unit: unit.id, ...matter('不属于本级') });
    expect(matters.status).toBe(404);
    expect((await post(archivist, '/api/matters', { unit: section.id, ...matter('属于本级') })).status).toBe(201);
  });

  it('have a catalogue of matters that holds for units below, and is changed and retired on record', async () => {
    const made = await post<{ id: string }>(people.security_admin, '/api/matters', {
      unit: unit.id,
      ...matter('留置送达'),
    });
    expect(made.status).toBe(201);
    const again = await post(people.archivist, '/api/matters', { unit: unit.id, ...matter('留置送达') });
    expect(again).toMatchObject({ status: 409, body: { code: 'matter_exists' } });
    const unknown = await post(people.archivist, '/api/matters', { unit: unit.id, ...matter('公告送达', 'nonsense') });
    expect(unknown).toMatchObject({ status: 422, body: { code: 'unknown_class' } });
    const url = `/api/matters/${made.body.id}`;
    const changed = await call(people.archivist, 'PUT', url, matter('留置送达', 'permanent'));
    expect(changed.body).toMatchObject({ class: 'permanent', revision: 2 });
    expect((await call(people.stranger, 'PUT', url, matter('留置送达'))).status).toBe(404);
    const section = await makeUnit(harness.owner, { parent: unit });
    const officer = await makePerson(harness.owner, 'officer', { unit: section, now: harness.clock.now() });
    const titles = async () =>
      (await get<{ items: { title: string }[] }>(officer, '/api/matters')).body.items.map(({ title }) => title);
    expect(await titles()).toContain('留置送达');
    expect((await post(people.archivist, `${url}/retirement`)).body).toMatchObject({ retired: true });
    expect(await titles()).not.toContain('留置送达');
    const types = ['matter.created', 'matter.changed', 'matter.retired'];
    for (const type of types) {
      expect(
        (await eventsOf(harness, type)).some(({ subject }) => subject === made.body.id),
        type,
      ).toBe(true);
    }
  });
});

describe('an item', () => {
  it('says how it is kept, and what the reader may do about it', async () => {
    const item = await makeEvidence(harness, { unit });
    expect(await keeping(item)).toMatchObject({
      evidence: item.id,
      class: { code: 'M6', name: '六个月' },
      held: false,
      holds: [],
      copies: [{ vault: 'primary', state: 'ready', generation: 0 }],
      disposition: null,
      tombstone: null,
      actions: { assign: { allowed: true }, hold: { allowed: true }, dispose: { allowed: true } },
    });
    const asOfficer = await get<ItemRetention>(people.officer, `/api/evidence/${item.id}/retention`);
    expect(asOfficer.body.actions).toMatchObject({ assign: { allowed: false }, hold: { allowed: false } });
    expect((await get(people.stranger, `/api/evidence/${item.id}/retention`)).status).toBe(404);
  });

  it('is kept longer on the archivist’s word, with a reason, never shorter', async () => {
    const item = await makeEvidence(harness, { unit });
    const url = `/api/evidence/${item.id}/retention`;
    expect((await post(people.legal, url, { class: 'Y10', reason: '重大' })).status).toBe(403);
    const longer = await post<ItemRetention>(people.archivist, url, { class: 'Y10', reason: '重大案件' });
    expect(longer).toMatchObject({ status: 200, body: { class: { code: 'Y10' }, lock: { state: 'pending' } } });
    const shorter = await post(people.archivist, url, { class: 'Y1', reason: '误' });
    expect(shorter).toMatchObject({ status: 409, body: { code: 'not_longer' } });
    expect((await post(people.archivist, url, { class: 'none', reason: 'x' })).body.code).toBe('unknown_class');
    const job = await harness.owner.selectFrom('outbox').select('queue').where('job_key', '=', item.id).execute();
    expect(job).toContainEqual({ queue: 'retain' });
  });

  it('is held and let go with reasons that the log does not give away', async () => {
    const item = await makeEvidence(harness, { unit });
    const url = `/api/evidence/${item.id}/holds`;
    expect((await post(people.officer, url, { reason: '投诉' })).status).toBe(403);
    const held = await post<{ id: string }>(people.legal, url, { reason: '行政复议第 12 号' });
    expect(held).toMatchObject({ status: 201, body: { reason: '行政复议第 12 号', released: null } });
    expect(await keeping(item)).toMatchObject({ held: true, holds: [{ id: held.body.id }] });
    const standing = await get<{ items: { id: string }[] }>(people.auditor, '/api/holds?standing=true');
    expect(standing.body.items.map(({ id }) => id)).toContain(held.body.id);
    expect((await get<{ items: object[] }>(people.stranger, '/api/holds')).body.items).toEqual([]);
    expect((await post(people.stranger, `/api/holds/${held.body.id}/release`, { reason: 'x' })).status).toBe(404);
    const lifted = await post(people.archivist, `/api/holds/${held.body.id}/release`, { reason: '已结案' });
    expect(lifted).toMatchObject({ status: 200, body: { released: { reason: '已结案' } } });
    const again = await post(people.archivist, `/api/holds/${held.body.id}/release`, { reason: 'x' });
    expect(again).toMatchObject({ status: 409, body: { code: 'already_released' } });
    expect(await keeping(item)).toMatchObject({ held: false });
    const [set] = (await eventsOf(harness, 'hold.set')).filter(({ subject }) => subject === item.id);
    expect(set?.actor).toBe(people.legal.id);
    expect(JSON.stringify(set?.data)).not.toContain('行政复议');
  });
});

describe('the second copy', () => {
  let replica: Vault;
  let directory: string;
  let app: FastifyInstance;
  let faults: ReturnType<typeof withFaults>['faults'];
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fengcun-replica-'));
    const faulty = withFaults(await openDiskVault({ root: directory, reserveBytes: 0 }));
    ({ vault: replica, faults } = faulty);
    app = await harness.another({ replica });
  });
  afterAll(async () => {
    await replica.close();
    await rm(directory, { recursive: true, force: true });
  });

  async function copied(): Promise<TestEvidence> {
    const item = await makeEvidence(harness, { unit });
    const version = await replica.write(parseObjectKey(`evidence/${item.id}`), once(item.content));
    await replica.retain(version, new Date(Math.ceil(Date.now() / 1000) * 1000 + 86_400_000));
    const now = harness.clock.now();
    await harness.owner
      .insertInto('vault_copy')
      .values({
        evidence_id: item.id,
        vault: 'replica',
        generation: 0,
        state: 'ready',
        driver: 'disk',
        vault_key: version.key,
        vault_version: version.versionId,
        created_at: now,
        updated_at: now,
      })
      .execute();
    await publishLog(harness);
    return item;
  }

  async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
    yield bytes;
  }

  it('is a leg of its own when an item is verified again', async () => {
    const item = await copied();
    const result = await verified(item, app);
    expect(outcomesOf(result)).toMatchObject({ sha256: 'passed', replica: 'passed', replica_lock: 'passed' });
    expect(result).toMatchObject({ verdict: 'holds', bytesRead: 10_000, size: 10_000 });
    expect((await keeping(item)).copies.map(({ checkedAt }) => checkedAt !== null)).toEqual([true, true]);
  });

  it('that is damaged fails its leg, is marked, and on record; read rightly again it is ready', async () => {
    const item = await copied();
    faults.flipByteOnRead(17);
    const result = await verified(item, app);
    faults.flipByteOnRead(null);
    expect(outcomesOf(result)).toMatchObject({ sha256: 'passed', replica: 'failed', replica_lock: 'passed' });
    expect(result.verdict).toBe('fails');
    const copies = (await keeping(item)).copies;
    expect(copies.map(({ state }) => state)).toEqual(['ready', 'damaged']);
    const [event] = (await eventsOf(harness, 'copy.damaged')).filter(({ subject }) => subject === item.id);
    expect(event?.data).toMatchObject({ vault: 'replica', version: copies[1]?.version });
    await verified(item, app);
    expect((await keeping(item)).copies.map(({ state }) => state)).toEqual(['ready', 'ready']);
  });

  it('is not checked where it cannot be read', async () => {
    const item = await copied();
    faults.setUnavailable(true);
    const result = await verified(item, app);
    faults.setUnavailable(false);
    expect(outcomesOf(result)).toMatchObject({ sha256: 'passed', replica: 'not_checked', replica_lock: 'not_checked' });
    expect(outcomesOf(await verified(item, harness.app))).toMatchObject({ replica: 'not_checked' });
    expect((await storedCopies(harness.owner, item.id)).map(({ state }) => state)).toEqual(['ready', 'ready']);
  });
});

async function verified(item: TestEvidence, app: FastifyInstance): Promise<Verification> {
  const begun = await call<Verification>(
    people.auditor,
    'POST',
    `/api/evidence/${item.id}/verification`,
    undefined,
    app,
  );
  expect(begun.status).toBe(202);
  return vi.waitFor(
    async () => {
      const { body } = await get<Verification>(people.auditor, `/api/verifications/${begun.body.id}`);
      expect(body.state).toBe('done');
      return body;
    },
    { timeout: 20_000, interval: 20 },
  );
}
const outcomesOf = ({ legs }: Verification) => Object.fromEntries(legs.map(({ leg, outcome }) => [leg, outcome]));

describe('a disposition', () => {
  const reason = '保管期限届满';
  const ask = (item: TestEvidence, as = people.archivist) =>
    post<{ items: { id: string; state: string }[] }>(as, '/api/dispositions', { evidence: [item.id], reason });
  let overdue: TestEvidence;
  beforeAll(async () => {
    overdue = await makeEvidence(harness, { unit });
    const early = await ask(overdue);
    expect(early).toMatchObject({ status: 409, body: { code: 'not_disposable', refusal: 'not_expired' } });
    harness.clock.advance(200 * 86_400_000);
    await signIn();
  });

  it('is asked for by the archivist, and decided by somebody else in whose subtree it lies', async () => {
    expect((await get<{ items: { id: string }[] }>(people.archivist, '/api/retention/due')).body.items).toContainEqual(
      expect.objectContaining({ id: overdue.id, class: 'M6' }),
    );
    expect((await ask(overdue, people.legal)).status).toBe(403);
    expect((await ask(overdue, people.stranger)).status).toBe(404);
    const asked = await ask(overdue);
    expect(asked).toMatchObject({ status: 201, body: { items: [{ state: 'requested' }] } });
    expect(await ask(overdue)).toMatchObject({ status: 409, body: { code: 'already_requested' } });
    const due = await get<{ items: { id: string }[] }>(people.archivist, '/api/retention/due');
    expect(due.body.items.map(({ id }) => id)).not.toContain(overdue.id);
    const id = asked.body.items[0]?.id ?? '';
    const url = `/api/dispositions/${id}/decision`;
    const elsewhere = await makePerson(harness.owner, 'legal', {
      unit: await makeUnit(harness.owner),
      now: harness.clock.now(),
    });
    expect((await post(elsewhere, url, { approve: true, reason: '同意' })).status).toBe(404);
    expect((await post(people.archivist, url, { approve: true, reason: '同意' })).status).toBe(403);
    const decided = await post(people.bureau_head, url, { approve: true, reason: '同意销毁' });
    expect(decided).toMatchObject({ status: 200, body: { state: 'approved', decided: { reason: '同意销毁' } } });
    const twice = await post(people.legal, url, { approve: false, reason: '不同意' });
    expect(twice).toMatchObject({ status: 409, body: { code: 'disposition_decided' } });
    expect(await keeping(overdue)).toMatchObject({ disposition: { id, state: 'approved' } });
    const job = await harness.owner.selectFrom('outbox').select('queue').where('job_key', '=', id).execute();
    expect(job).toEqual([{ queue: 'dispose' }]);
  });

  it('is nobody’s own to decide, whatever their roles', async () => {
    const item = await makeEvidence(harness, { unit });
    harness.clock.advance(200 * 86_400_000);
    await signIn();
    await harness.owner
      .insertInto('account_role')
      .values({ account_id: people.archivist.id, unit_id: unit.id, role: 'legal' })
      .execute();
    const asked = await ask(item);
    const id = asked.body.items[0]?.id ?? '';
    const own = await post(people.archivist, `/api/dispositions/${id}/decision`, { approve: true, reason: '同意' });
    expect(own).toMatchObject({ status: 403, body: { code: 'own_request' } });
    const denials = await eventsOf(harness, 'access.denied');
    expect(denials.some(({ data }) => data.code === 'own_request')).toBe(true);
    const listed = await get<{ items: { id: string; actions: object }[] }>(
      people.archivist,
      '/api/dispositions?state=requested',
    );
    expect(listed.body.items.find((each) => each.id === id)?.actions).toEqual({ decide: false, withdraw: true });
    expect(await post(people.archivist, `/api/dispositions/${id}/withdrawal`)).toMatchObject({
      status: 200,
      body: { state: 'withdrawn' },
    });
  });

  it('is not asked for while a hold stands; of several items all or none', async () => {
    const [free, held] = [await makeEvidence(harness, { unit }), await makeEvidence(harness, { unit })];
    harness.clock.advance(200 * 86_400_000);
    await signIn();
    await post(people.legal, `/api/evidence/${held.id}/holds`, { reason: '诉讼' });
    const both = await post(people.archivist, '/api/dispositions', { evidence: [free.id, held.id], reason });
    expect(both).toMatchObject({ status: 409, body: { code: 'not_disposable', refusal: 'held' } });
    expect((await keeping(free)).disposition).toBeNull();
    const denied = (await eventsOf(harness, 'access.denied')).filter(({ data }) => data.rule === 'held');
    expect(denied.length).toBeGreaterThan(0);
  });

  it('carried out leaves the item visible, its receipt good, and a verification that says what is gone', async () => {
    const item = await makeEvidence(harness, { unit });
    harness.clock.advance(200 * 86_400_000);
    await signIn();
    await buried(item);
    await publishLog(harness);
    const page = await get<{ disposedAt?: string; digests: object }>(people.archivist, `/api/evidence/${item.id}`);
    expect(page.status).toBe(200);
    expect(page.body.disposedAt).toBeDefined();
    expect(page.body.digests).toMatchObject({ readBack: { sha256: item.sha256 } });
    expect(await keeping(item)).toMatchObject({
      tombstone: { objects: 1 },
      actions: { assign: { allowed: false }, hold: { allowed: false }, dispose: { allowed: false } },
    });
    const hold = await post(people.archivist, `/api/evidence/${item.id}/holds`, { reason: '晚了' });
    expect(hold).toMatchObject({ status: 409, body: { code: 'being_disposed' } });
    const result = await verified(item, harness.app);
    expect(outcomesOf(result)).toMatchObject({
      sha256: 'not_checked',
      lock: 'not_checked',
      disposal: 'passed',
      inclusion: 'passed',
      checkpoint_signature: 'passed',
    });
    expect(result).toMatchObject({ verdict: 'incomplete', bytesRead: 0 });
    expect(await harness.owner.selectFrom('alarm').selectAll().where('subject_id', '=', item.id).execute()).toEqual([]);
  });

  it('that the log knows nothing of is found out', async () => {
    const item = await makeEvidence(harness, { unit });
    await buried(item, { sha256: 'f'.repeat(64) });
    await publishLog(harness);
    expect(outcomesOf(await verified(item, harness.app))).toMatchObject({ disposal: 'failed' });
  });
});

/** What the worker leaves behind when it has disposed of an item. */
async function buried(item: TestEvidence, wrong: { sha256?: string } = {}): Promise<void> {
  const row = await harness.owner
    .selectFrom('evidence')
    .selectAll()
    .where('id', '=', item.id)
    .executeTakeFirstOrThrow();
  const disposition = newId();
  const now = harness.clock.now();
  await harness.owner.transaction().execute(async (trx) => {
    await trx
      .insertInto('disposition')
      .values({
        id: disposition,
        evidence_id: item.id,
        unit_id: unit.id,
        state: 'disposed',
        requested_by: people.archivist.id,
        requested_at: now,
        reason: '届满',
        decided_by: people.legal.id,
        decided_at: now,
        decision_reason: '同意',
        objects: '{}',
        finished_at: now,
        updated_at: now,
      })
      .execute();
    const event_id = await appendEvent(
      trx,
      {
        type: 'evidence.disposed',
        actor: { kind: 'system', id: 'worker', name: null },
        subject: { kind: 'evidence', id: item.id },
        data: {
          disposition,
          requestedBy: people.archivist.id,
          decidedBy: people.legal.id,
          size: row.size,
          sha256: row.sha256.toString('hex'),
          sm3: row.sm3.toString('hex'),
          tree: { leafSize: row.tree_leaf_size, root: row.tree_root.toString('hex') },
          objects: 1,
          ...wrong,
        },
      },
      harness.clock,
    );
    await trx
      .insertInto('tombstone')
      .values({ evidence_id: item.id, disposition_id: disposition, disposed_at: now, objects: 1, event_id })
      .execute();
    await trx.updateTable('evidence_retention').set({ disposal: 'done' }).where('evidence_id', '=', item.id).execute();
  });
}
