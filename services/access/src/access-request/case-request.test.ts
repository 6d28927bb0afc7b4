import { describeEvidence, findDescription, newId, openCase } from '@fengcun/catalog';
import type { TestUnit } from '@fengcun/identity/testing';
import { type RawBuilder, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeBureau, requestsOf, type TestBureau } from '../testing/bureau.ts';
import { eventsOf } from '../testing/events.ts';
import { type Harness, startHarness } from '../testing/harness.ts';
import { makeEvidence } from '../testing/make-evidence.ts';

let harness: Harness;
let b: TestBureau;
let api: ReturnType<typeof requestsOf>;

beforeAll(async () => {
  harness = await startHarness();
  b = await makeBureau(harness);
  api = requestsOf(harness);
});
afterAll(() => harness.close());

let cases = 0;

async function caseOf(unit: TestUnit): Promise<{ id: string; number: string }> {
  const number = `县执案〔2026〕${++cases}号`;
  const opened = await openCase(
    harness.database.as('fengcun_access'),
    {
      number,
      title: '某案',
      subject: null,
      kind: 'other',
      matter: null,
      officers: [],
      unit: unit.id,
      account: b.supervisor.id,
      actor: { kind: 'account', id: b.supervisor.id, name: null },
    },
    harness.clock,
  );
  if (typeof opened === 'string') throw new Error(opened);
  return { id: opened.id, number };
}

/** A recording of a unit, put into a case. */
async function recording(unit: TestUnit, file: string, minute = 0): Promise<string> {
  const { id } = await makeEvidence(harness, {
    unit,
    capturedAt: new Date(Date.UTC(2026, 0, 1, 0, minute)),
    proxy: 'pending',
  });
  await putInto(id, file);
  return id;
}

async function putInto(id: string, file: string | null): Promise<void> {
  const catalog = harness.database.as('fengcun_access');
  const { version } = await findDescription(catalog, id);
  const words = { title: 'x', place: null, note: null, tags: [], case: file, matter: null, basedOn: version };
  const by = { account: b.supervisor.id, actor: { kind: 'account', id: b.supervisor.id, name: null } as const };
  const draft = { evidence: id, unit: b.section.id, ...by, rule: 'x', ...words };
  expect(await describeEvidence(catalog, draft, harness.clock)).toBe('described');
}

const forCase = (file: string, more: object = {}) => {
  const { items: _, ...draft } = api.draft([], more);
  return { ...draft, case: file };
};
const write = (file: string, more: object = {}) => api.call('POST', '/api/requests', b.colleague, forCase(file, more));
const idsOf = (items: readonly { readonly id: string }[]) => items.map(({ id }) => id);

describe('a request for a case', () => {
  it('asks for the recordings of the case that its author may ask for, the oldest first, and says how many it leaves out', async () => {
    const file = await caseOf(b.section);
    const [late, early] = [await recording(b.section, file.id, 9), await recording(b.section, file.id, 1)];
    const elsewhere = await recording(b.otherCounty, file.id, 2);
    const gone = await recording(b.section, file.id, 3);
    await dispose(gone);
    const left = { outside: 1, disposed: 1, denied: 0, beyond: 0 };
    const question = { case: file.id, operations: ['play'], purpose: 'case_handling' };
    const assessed = await api.call('POST', '/api/requests/assessment', b.colleague, question);
    expect(assessed.body).toMatchObject({ items: [{ id: early }, { id: late }], left, needed: ['bureau_head'] });
    const { status, body: draft } = await write(file.id);
    expect(status).toBe(201);
    expect(draft).toMatchObject({ state: 'draft', case: { id: file.id, left }, caseNumber: file.number, blockers: [] });
    expect(idsOf(draft.items)).toEqual([early, late]);
    const submitted = await api.submit(b.colleague, draft.id);
    expect(idsOf(submitted.items)).toEqual([early, late]);
    expect(submitted).toMatchObject({ state: 'submitted', case: { id: file.id, left }, caseNumber: file.number });
    const [event] = (await eventsOf(harness, 'request.submitted')).filter(({ subject }) => subject === draft.id);
    expect(event?.data).toMatchObject({ items: [early, late], case: { id: file.id, left } });
    expect(JSON.stringify([draft, submitted, event])).not.toContain(elsewhere);
  });

  it('stays what it was when it was submitted, whatever becomes of the case, and that is what a grant opens', async () => {
    const file = await caseOf(b.section);
    const first = await recording(b.section, file.id, 1);
    const { body: draft } = await write(file.id);
    // Until then it follows the case.
    const second = await recording(b.section, file.id, 2);
    expect(idsOf((await api.read(b.colleague, draft.id)).items)).toEqual([first, second]);
    await api.submit(b.colleague, draft.id);
    const third = await recording(b.section, file.id, 3);
    await putInto(first, null);
    expect(idsOf((await api.read(b.head, draft.id)).items)).toEqual([first, second]);
    const { grant } = await api.approve(b.head, draft.id);
    expect(grant?.items.map(({ evidence }) => evidence)).toEqual([first, second]);
    const grants = await api.call('GET', `/api/grants?view=given&evidence=${third}`, b.head);
    expect(grants.body.items).toEqual([]);
  });

  it('names a case or items, never both and never neither', async () => {
    const file = await caseOf(b.section);
    const item = await recording(b.section, file.id);
    for (const body of [forCase(file.id, {}), api.draft([item])]) {
      const both = { ...body, case: file.id, items: [item] };
      const neither = { ...body, case: null, items: undefined };
      for (const wrong of [both, neither]) {
        expect((await api.call('POST', '/api/requests', b.colleague, wrong)).body.code).toBe('invalid_request');
      }
    }
    const question = { operations: ['play'], purpose: 'case_handling' };
    expect((await api.call('POST', '/api/requests/assessment', b.colleague, question)).body.code).toBe(
      'invalid_request',
    );
  });

  it('of a case that the author’s units do not reach is as one of no case at all', async () => {
    const file = await caseOf(b.otherCounty);
    await recording(b.otherCounty, file.id);
    const nothing = '00000000-0000-7000-8000-000000000000';
    const answers = [await write(file.id), await write(nothing)].map(({ status, body: { requestId: _, ...body } }) => [
      status,
      body,
    ]);
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]).toMatchObject([422, { code: 'unknown_case' }]);
  });

  it('is not submitted while there is nothing in the case to ask for', async () => {
    const file = await caseOf(b.section);
    const { body: draft } = await write(file.id);
    expect(draft).toMatchObject({ items: [], blockers: ['case_empty'], may: { submit: false } });
    const refused = await api.call('POST', `/api/requests/${draft.id}/submission`, b.colleague);
    expect(refused).toMatchObject({ status: 409, body: { code: 'request_blocked', blockers: ['case_empty'] } });
    await harness.owner.updateTable('case_file').set({ unit_id: b.otherCounty.id }).where('id', '=', file.id).execute();
    expect((await api.read(b.colleague, draft.id)).blockers).toEqual(['case_unknown']);
  });

  it('takes two hundred recordings and says how many more there are', async () => {
    const file = await caseOf(b.section);
    const model = await recording(b.section, file.id, 1);
    await manyLike(model, file.id, 204);
    const { body: draft } = await write(file.id);
    expect(draft.items).toHaveLength(200);
    expect(draft.case.left).toEqual({ outside: 0, disposed: 0, denied: 0, beyond: 5 });
  });
});

/** What is left of a recording whose content was disposed of. */
async function dispose(id: string): Promise<void> {
  const now = harness.clock.now();
  const disposition = newId();
  const asked = { id: disposition, evidence_id: id, unit_id: b.section.id, requested_by: b.archivist.id };
  const decided = { decided_by: b.legal.id, decided_at: now, objects: '[]' };
  await harness.owner
    .insertInto('disposition')
    .values({ ...asked, ...decided, state: 'disposed', requested_at: now, reason: 'x', updated_at: now } as never)
    .execute();
  const { event_id } = await harness.owner
    .selectFrom('evidence')
    .select('event_id')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  await harness.owner
    .insertInto('tombstone')
    .values({ evidence_id: id, disposition_id: disposition, disposed_at: now, objects: 0, event_id })
    .execute();
}

/** So many more recordings like one of a case, in the same case. */
async function manyLike(model: string, file: string, count: number): Promise<void> {
  const ids = Array.from({ length: count }, () => newId());
  const copyOf = (table: 'upload' | 'evidence', more: RawBuilder<unknown>) => sql`
    insert into ${sql.table(table)} select (jsonb_populate_record(t, ${more})).* from ${sql.table(table)} t, unnest(${ids}::uuid[]) as fresh(id)
    where t.id = ${model}`;
  await copyOf(
    'upload',
    sql`jsonb_build_object('id', fresh.id, 'vault_key', fresh.id, 'vault_transfer', fresh.id)`,
  ).execute(harness.owner);
  await copyOf(
    'evidence',
    sql`jsonb_build_object('id', fresh.id, 'vault_key', fresh.id, 'vault_version', fresh.id)`,
  ).execute(harness.owner);
  await sql`
    insert into evidence_description select (jsonb_populate_record(t, jsonb_build_object('evidence_id', fresh.id))).*
    from evidence_description t, unnest(${ids}::uuid[]) as fresh(id) where t.evidence_id = ${model} and t.case_id = ${file}`.execute(
    harness.owner,
  );
}
