import type { MatrixRow, PolicyMatrix } from '@fengcun/contracts';
import { defaultMatrix, fixedRows } from '@fengcun/policy';
import { sql } from 'kysely';
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

const read = async () => (await api.call('GET', '/api/policy/matrix', b.securityAdmin)).body as PolicyMatrix;
const put = async (rows: readonly unknown[], more: object = {}, as = b.securityAdmin) =>
  api.call('PUT', '/api/policy/matrix', as, { basedOn: (await read()).version, rows, reason: '按制度调整', ...more });
const rowsWith = (rule: string, change: Partial<MatrixRow>) =>
  defaultMatrix.map((row) => (row.rule === rule ? { ...row, ...change } : row));

describe('the matrix', () => {
  it('is the default one until somebody changes it', async () => {
    expect(await read()).toEqual({
      version: 0,
      changedAt: null,
      changedBy: null,
      reason: null,
      fixed: [...fixedRows],
      rows: [...defaultMatrix],
      inherited: [],
      guarantees: expect.arrayContaining(['nobody_decides_their_own', 'administrators_never_open_footage']),
    });
  });

  it('is read by those who work by it and changed by the security administrator alone', async () => {
    for (const reader of [b.legal, b.head, b.archivist, b.auditor, b.supervisor]) {
      expect((await api.call('GET', '/api/policy/matrix', reader)).status).toBe(200);
      expect((await put(defaultMatrix, {}, reader)).body.code).toBe('role_required');
    }
    expect((await api.call('GET', '/api/policy/matrix', b.officer)).status).toBe(403);
  });

  it.each([
    ['footage for the auditor', rowsWith('own_case_play', { who: ['auditor'] }), 'administrators_and_footage'],
    [
      'disclosure on one word',
      rowsWith('disclose_outside', { outcome: { needApproval: ['legal'] } }),
      'leaving_needs_two',
    ],
    ['publication by anybody', rowsWith('publish_redacted', { outcome: 'allow' }), 'leaving_needs_two'],
    ['a fixed name', rowsWith('own_case_play', { rule: 'publish_redacted_only' }), 'rule_reserved'],
  ])('refuses %s', async (_, rows, code) => {
    const reply = await put(rows);
    expect(reply).toMatchObject({ status: 400, body: { code: 'matrix_invalid', faults: [{ code }] } });
    expect((await read()).version).toBe(0);
  });

  it.each([
    [[]],
    [[{ rule: 'x' }]],
    [rowsWith('own_case_play', { rule: 'With Spaces' })],
    [rowsWith('own_case_play', { actions: ['fly' as never] })],
    [rowsWith('other_play', { outcome: { needApproval: ['auditor' as never] } })],
    [rowsWith('other_play', { outcome: { needApproval: [] } })],
  ])('refuses what is no matrix', async (rows) => {
    expect((await put(rows)).body.code).toBe('invalid_input');
  });
});

describe('a change', () => {
  it('holds at once and everywhere, is on record, and keeps every version', async () => {
    const item = await makeEvidence(harness, { unit: b.section });
    const other = await harness.another();
    const elsewhere = requestsOf(harness, other);
    const before = await api.ask(b.colleague, [item.id]);
    const { id } = await elsewhere.ask(b.officer, [item.id]);
    const { grant } = await api.approve(b.head, id);
    expect(grant).not.toBeNull();
    const tighter = rowsWith('other_play', { outcome: { needApproval: ['legal', 'bureau_head'] } });
    const changed = await put(tighter);
    expect(changed).toMatchObject({
      status: 200,
      body: { version: 1, changedBy: { id: b.securityAdmin.id }, reason: '按制度调整', rows: tighter },
    });
    expect(await eventsOf(harness, 'policy.changed')).toMatchObject([
      {
        actor: b.securityAdmin.id,
        subject: '1',
        data: { version: 1, added: [], removed: [], changed: ['other_play'], reordered: false },
      },
    ]);
    // In another process too, with no word from the first.
    const asked = await elsewhere.ask(b.colleague, [item.id]);
    expect(asked.needed).toEqual(['bureau_head', 'legal']);
    // What was submitted before needs by now what the matrix asks by now.
    const half = await elsewhere.approve(b.head, before.id);
    expect([half.state, half.waitingFor]).toEqual(['submitted', ['legal']]);
    // A grant goes on as long as the matrix lets an approval count at all.
    const play = () => elsewhere.call('POST', `/api/evidence/${item.id}/plays`, b.officer, {});
    expect((await play()).status).toBe(201);
    const without = tighter.filter(({ rule }) => rule !== 'other_play');
    expect((await put(without)).body.version).toBe(2);
    expect(await play()).toMatchObject({ status: 403, body: { code: 'denied', rule: 'no_rule_allows' } });
    const versions = await api.call('GET', '/api/policy/matrix/versions?limit=1', b.auditor);
    expect(versions.body).toMatchObject({ items: [{ version: 2 }], next: '2' });
    const rest = await api.call('GET', `/api/policy/matrix/versions?limit=1&cursor=${versions.body.next}`, b.auditor);
    expect(rest.body).toMatchObject({ items: [{ version: 1 }], next: null });
    const old = async (version: number | string) =>
      api.call('GET', `/api/policy/matrix/versions/${version}`, b.auditor);
    expect((await old(1)).body.rows).toEqual(tighter);
    expect((await old(0)).body.rows).toEqual([...defaultMatrix]);
    expect([(await old(9)).status, (await old('x')).status, (await old(-1)).status]).toEqual([404, 400, 400]);
    expect((await put(defaultMatrix)).body.version).toBe(3);
    expect((await play()).status).toBe(201);
  });

  it('by two at once is made by one, and the other is told to read again', async () => {
    const { version } = await read();
    const replies = await Promise.all([1, 2, 3].map(() => put(defaultMatrix, { basedOn: version })));
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    expect(replies.filter(({ status }) => status === 409).map(({ body }) => body.code)).toEqual([
      'matrix_changed',
      'matrix_changed',
    ]);
    expect((await put(defaultMatrix, { basedOn: 99 })).body.code).toBe('matrix_changed');
  });

  it('that was set before something could be spoken of inherits the default rows about it, says so, and the next one speaks for itself', async () => {
    const work = ['own_case_redact', 'own_unit_redact', 'own_unit_review_redaction'];
    const rows = defaultMatrix.filter(({ rule }) => !work.includes(rule));
    const { version } = await read();
    const photo = await makeEvidence(harness, { unit: b.section });
    const redacting = async (): Promise<{ allowed: boolean; rule: string }> =>
      (await api.call('GET', `/api/evidence/${photo.id}`, b.supervisor)).body.actions.redact;
    // Somebody who leaves the rows out today means it.
    const meant = await put(rows);
    expect(meant.body.inherited).toEqual([]);
    expect(await redacting()).toEqual({ allowed: false, rule: 'no_rule_allows' });
    // One that was set before there was redaction does not.
    await sql`insert into access_matrix (version, rows, sha256, actions, changed_by, changed_at, reason)
      select version + 1, rows, sha256, array_remove(array_remove(actions, 'redact'), 'review_redaction'), changed_by, changed_at, reason
      from access_matrix where version = ${version + 1}`.execute(harness.owner);
    const inheriting = await read();
    expect(inheriting.rows).toEqual(rows);
    expect(inheriting.inherited.map(({ rule }) => rule)).toEqual(work);
    expect(await redacting()).toEqual({ allowed: true, rule: 'own_unit_redact' });
    // Leaving one of them out now is a change, and on record as one.
    const [own, , reviewing] = inheriting.inherited;
    const decided = await put([...rows, own, reviewing]);
    expect(decided.body.inherited).toEqual([]);
    expect(await redacting()).toMatchObject({ allowed: false });
    expect((await eventsOf(harness, 'policy.changed')).at(-1)?.data).toMatchObject({
      added: [],
      removed: ['own_unit_redact'],
    });
  });

  it('is never rewritten', async () => {
    await expect(harness.owner.deleteFrom('access_matrix').execute()).rejects.toThrow('never changed or removed');
  });
});
