import { newId } from '@fengcun/catalog';
import type { TestPerson } from '@fengcun/identity/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeBureau, requestsOf, type TestBureau } from '../testing/bureau.ts';
import { eventsOf } from '../testing/events.ts';
import { type Harness, startHarness } from '../testing/harness.ts';
import { makeEvidence, type TestEvidence } from '../testing/make-evidence.ts';

let harness: Harness;
let b: TestBureau;
let item: TestEvidence;
let api: ReturnType<typeof requestsOf>;

beforeAll(async () => {
  harness = await startHarness();
  b = await makeBureau(harness);
  api = requestsOf(harness);
  item = await makeEvidence(harness, { unit: b.section });
});
afterAll(() => harness.close());

const day = 86_400_000;
const at = (ms: number) => new Date(harness.clock.now().getTime() + ms).toISOString();
const eventOf = async (type: string, subject: string) =>
  (await eventsOf(harness, type)).filter((event) => event.subject === subject);

/** A scan that somebody sent, as the upload service leaves it. */
async function scan(sender: TestPerson, state = 'sealed', kind = 'document'): Promise<string> {
  const id = newId();
  const now = harness.clock.now();
  await harness.owner
    .insertInto('upload')
    .values({
      id,
      unit_id: sender.unit.id,
      account_id: sender.id,
      name: '介绍信.pdf',
      kind: kind as 'document',
      size: 1,
      metadata: '{}',
      part_size: 5_242_880,
      vault_key: `evidence/${id}`,
      vault_transfer: id,
      state: state as 'sealed',
      created_at: now,
      updated_at: now,
      expires_at: now,
    })
    .execute();
  return id;
}

describe('an assessment', () => {
  const assess = (as: TestPerson, more: object) =>
    api.call('POST', '/api/requests/assessment', as, {
      items: [item.id],
      operations: ['play'],
      purpose: 'case_handling',
      ...more,
    });

  it('says what is needed and who could give it', async () => {
    const { body } = await assess(b.colleague, { operations: ['play', 'disclose'] });
    expect(body.items).toEqual([
      {
        id: item.id,
        outcomes: [
          { operation: 'play', outcome: 'needApproval', rule: 'other_play' },
          { operation: 'disclose', outcome: 'needApproval', rule: 'disclose_outside' },
        ],
      },
    ]);
    expect(body.needed).toEqual(['bureau_head', 'legal']);
    expect(body.approvers.map((each: { id: string; role: string }) => [each.id, each.role])).toEqual([
      [b.head.id, 'bureau_head'],
      [b.legal.id, 'legal'],
      [b.bureauHead.id, 'bureau_head'],
    ]);
  });

  it('never tells an item of another unit from one that is not there', async () => {
    const there = await assess(b.stranger, {});
    const nowhere = newId();
    const absent = await assess(b.stranger, { items: [nowhere] });
    expect(there.body.approvers).toEqual([]);
    expect(JSON.stringify(there.body).replaceAll(item.id, nowhere)).toBe(JSON.stringify(absent.body));
  });

  it('of opening at once is for playing alone', async () => {
    expect((await assess(b.supervisor, { urgent: true })).body.needed).toEqual(['bureau_head']);
    const wrong = await assess(b.supervisor, { urgent: true, operations: ['package'] });
    expect(wrong).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
  });
});

describe('a draft', () => {
  it('is seen and changed by its author alone', async () => {
    const { id, state, may } = await api.write(b.colleague, [item.id]);
    expect([state, may]).toEqual([
      'draft',
      { change: true, submit: true, withdraw: true, decideAs: [], revoke: false, readAttachments: true },
    ]);
    for (const other of [b.officer, b.head, b.archivist, b.auditor, b.stranger]) {
      expect((await api.call('GET', `/api/requests/${id}`, other)).status).toBe(404);
      expect((await api.call('GET', `/api/requests/${id}/history`, other)).status).toBe(404);
    }
    const changed = await api.call(
      'PUT',
      `/api/requests/${id}`,
      b.colleague,
      api.draft([item.id], { purpose: 'complaint', operations: ['play', 'package'] }),
    );
    expect(changed.body).toMatchObject({ purpose: 'complaint', operations: ['play', 'package'], state: 'draft' });
    expect((await api.call('PUT', `/api/requests/${id}`, b.officer, api.draft([item.id]))).status).toBe(404);
  });

  it('is made once for one client id, and refuses another under the same', async () => {
    const clientId = newId();
    const body = { ...api.draft([item.id]), clientId };
    const [one, two] = await Promise.all([
      api.call('POST', '/api/requests', b.colleague, body),
      api.call('POST', '/api/requests', b.colleague, body),
    ]);
    expect([one.status, two.status]).toEqual([201, 201]);
    expect(one.body.id).toBe(two.body.id);
    const other = await api.call('POST', '/api/requests', b.colleague, { ...body, basis: '另一事由' });
    expect(other).toMatchObject({ status: 409, body: { code: 'client_id_used' } });
    expect((await api.call('POST', '/api/requests', b.officer, body)).body.id).not.toBe(one.body.id);
  });

  it.each([
    ['a window that ends before it begins', { window: { from: at2(2), until: at2(1) } }, '/window/until'],
    ['a window that is over', { window: { from: at2(-3), until: at2(-1) } }, '/window/until'],
    ['a window longer than a grant may last', { window: { from: at2(0), until: at2(31) } }, '/window/until'],
    ['a moment that is none', { window: { from: '2026-12-31T23:59:60Z', until: at2(1) } }, '/window/from'],
  ])('refuses %s', async (_, more, path) => {
    const reply = await api.call('POST', '/api/requests', b.colleague, api.draft([item.id], more));
    expect(reply).toMatchObject({ status: 400, body: { code: 'invalid_request', errors: [{ path }] } });
  });

  it.each([
    { items: [] },
    { items: ['x'] },
    { operations: [] },
    { operations: ['see'] },
    { operations: ['play', 'play'] },
    { purpose: 'curiosity' },
    { basis: '' },
    { basis: ' \n ' },
    { basis: 'a\u0000b' },
    { basis: '\ud800' },
    { basis: 'x'.repeat(2001) },
    { uses: 0 },
    { uses: 101 },
    { caseNumber: '' },
    { applicant: { kind: 'court' } },
    { unknown: 1 },
  ])('refuses %j', async (more) => {
    const reply = await api.call('POST', '/api/requests', b.colleague, api.draft([item.id], more));
    expect(reply).toMatchObject({ status: 400, body: { code: 'invalid_input' } });
  });

  it('takes a basis of several lines', async () => {
    expect((await api.write(b.colleague, [item.id], { basis: '一、事由\n二、依据 🙂' })).basis).toContain('\n');
  });

  it('withdrawn is over and leaves no event, for it never was on record', async () => {
    const { id } = await api.write(b.colleague, [item.id]);
    const withdrawn = await api.call('POST', `/api/requests/${id}/withdrawal`, b.colleague);
    expect(withdrawn.body.state).toBe('withdrawn');
    expect(await eventOf('request.withdrawn', id)).toEqual([]);
    const submitted = await api.call('POST', `/api/requests/${id}/submission`, b.colleague);
    expect(submitted.body).toMatchObject({ state: 'withdrawn', submittedAt: null });
  });
});

describe('submitting', () => {
  it('puts it on record with rules and matrix, and tells those who can decide', async () => {
    const request = await api.ask(b.colleague, [item.id], { caseNumber: '2026-17' });
    expect(request).toMatchObject({
      state: 'submitted',
      needed: ['bureau_head'],
      waitingFor: ['bureau_head'],
      rules: ['other_play'],
    });
    const [event] = await eventOf('request.submitted', request.id);
    expect(event).toMatchObject({
      actor: b.colleague.id,
      data: {
        number: request.number,
        items: [item.id],
        needed: ['bureau_head'],
        rules: ['other_play'],
        matrix: 0,
        basis: { commitment: expect.any(String) },
        caseNumber: { commitment: expect.any(String) },
      },
    });
    for (const head of [b.head, b.bureauHead]) {
      const told = await api.call('GET', '/api/notifications?unread=true', head);
      expect(told.body.items[0]).toMatchObject({
        kind: 'request_to_decide',
        subject: { kind: 'request', id: request.id },
        data: { number: request.number, name: b.colleague.name },
      });
    }
    expect((await api.call('GET', '/api/notifications', b.stranger)).body.items).toEqual([]);
  });

  it('again changes nothing', async () => {
    const { id } = await api.ask(b.colleague, [item.id]);
    await Promise.all([api.submit(b.colleague, id), api.submit(b.colleague, id)]);
    expect(await eventOf('request.submitted', id)).toHaveLength(1);
  });

  it('is not possible where nothing needs approval', async () => {
    const mine = await makeEvidence(harness, { unit: b.section, officer: await officerNumberOf(b.officer) });
    const { id, blockers } = await api.write(b.officer, [mine.id]);
    expect(blockers).toEqual(['nothing_to_approve']);
    const reply = await api.call('POST', `/api/requests/${id}/submission`, b.officer);
    expect(reply).toMatchObject({ status: 409, body: { code: 'request_blocked', blockers: ['nothing_to_approve'] } });
    expect((await api.write(b.officer, [mine.id, item.id])).blockers).toEqual([]);
  });

  it('of taking away one’s own case needs the legal office alone', async () => {
    const mine = await makeEvidence(harness, { unit: b.section, officer: await officerNumberOf(b.officer) });
    expect(await api.ask(b.officer, [mine.id], { operations: ['package'] })).toMatchObject({
      needed: ['legal'],
      rules: ['own_case_copy'],
    });
  });

  it('for items of several units needs who reaches all of them', async () => {
    const next = await makeEvidence(harness, { unit: b.otherCounty });
    await harness.owner
      .insertInto('account_role')
      .values({ account_id: b.colleague.id, unit_id: b.otherCounty.id, role: 'officer' })
      .execute();
    const { id } = await api.ask(b.colleague, [item.id, next.id]);
    expect((await api.decide(b.head, id)).status).toBe(404);
    expect((await api.approve(b.bureauHead, id)).state).toBe('approved');
  });

  it('for an item outside one’s units looks like asking for nothing, and is for its own approvers to decide', async () => {
    const ours = await api.ask(b.stranger, [item.id]);
    const nothing = await api.ask(b.stranger, [newId()]);
    const shape = ({ id, number, items, createdAt, submittedAt, dueAt, window, ...rest }: typeof ours) => ({
      ...rest,
      items: items.map((each) => ({ ...each, id: '' })),
    });
    expect(shape(ours)).toEqual(shape(nothing));
    expect(ours.items[0]).toMatchObject({ name: null, unit: null, held: null });
    expect((await api.read(b.head, ours.id)).items[0]).toMatchObject({ name: '执法记录 01.mp4', held: false });
    expect((await api.call('GET', `/api/requests/${nothing.id}`, b.bureauHead)).status).toBe(404);
    expect((await api.approve(b.head, ours.id)).state).toBe('approved');
    expect((await api.call('GET', `/api/evidence/${item.id}`, b.stranger)).status).toBe(200);
  });

  it('is refused, on record, where the rules forbid it', async () => {
    const applicant = { kind: 'court', organisation: '法院', person: '刘', letterNumber: '1', contact: null };
    const attachments = [
      { kind: 'letter', evidence: await scan(b.colleague) },
      { kind: 'identity', evidence: await scan(b.colleague) },
    ];
    const { id } = await api.write(b.colleague, [item.id], { applicant, attachments, purpose: 'judicial' });
    const reply = await api.call('POST', `/api/requests/${id}/submission`, b.colleague);
    expect(reply).toMatchObject({ status: 403, body: { code: 'denied', rule: 'archivist_registers_others' } });
    const denied = (await eventsOf(harness, 'access.denied')).filter((event) => event.subject === id);
    expect(denied).toMatchObject([{ data: { code: 'denied', rule: 'archivist_registers_others' } }]);
  });

  it('stays a draft when the record cannot be made', async () => {
    const { id } = await api.write(b.colleague, [item.id]);
    const { sql } = await import('kysely');
    await sql`revoke insert on ledger_event from fengcun_access`.execute(harness.owner);
    try {
      const reply = await api.call('POST', `/api/requests/${id}/submission`, b.colleague);
      expect(reply).toMatchObject({ status: 503, body: { code: 'not_recorded' } });
    } finally {
      await sql`grant insert on ledger_event to fengcun_access`.execute(harness.owner);
    }
    expect((await api.read(b.colleague, id)).state).toBe('draft');
  });
});

describe('on behalf of others', () => {
  const court = { kind: 'court', organisation: '人民法院', person: '刘法官', letterNumber: '调2026-8', contact: null };
  const party = { kind: 'party', organisation: null, person: '张三', letterNumber: null, contact: '13800000000' };

  it('waits until the scans are sealed, and says so', async () => {
    const letter = await scan(b.archivist, 'sealing');
    const identity = await scan(b.archivist, 'sealed', 'image');
    const attachments = [
      { kind: 'letter', evidence: letter },
      { kind: 'identity', evidence: identity },
    ];
    const draft = await api.write(b.archivist, [item.id], { applicant: court, attachments, purpose: 'judicial' });
    expect(draft.attachments.map(({ state }) => state)).toEqual(['arriving', 'sealed']);
    expect([draft.blockers, draft.may.submit]).toEqual([['attachments_not_sealed'], false]);
    const early = await api.call('POST', `/api/requests/${draft.id}/submission`, b.archivist);
    expect(early).toMatchObject({ status: 409, body: { blockers: ['attachments_not_sealed'] } });
    await harness.owner.updateTable('upload').set({ state: 'sealed' }).where('id', '=', letter).execute();
    const request = await api.submit(b.archivist, draft.id);
    expect(request).toMatchObject({ needed: ['legal'], rules: ['authority_view_or_copy'], applicant: court });
    const [event] = await eventOf('request.submitted', request.id);
    expect(event?.data).toMatchObject({
      applicant: { kind: 'court', person: { commitment: expect.any(String) } },
      attachments,
    });
    expect(JSON.stringify(event)).not.toContain('刘法官');
    expect((await api.approve(b.legal, request.id)).grant).toMatchObject({ to: { id: b.archivist.id } });
  });

  it('of a party is for the bureau head', async () => {
    const attachments = [
      { kind: 'letter', evidence: await scan(b.archivist) },
      { kind: 'identity', evidence: await scan(b.archivist) },
    ];
    const request = await api.ask(b.archivist, [item.id], {
      applicant: party,
      attachments,
      operations: ['play', 'package'],
    });
    expect(request).toMatchObject({ needed: ['bureau_head'], rules: ['party_view_or_copy'] });
  });

  it('needs letter and identity document, both good and the archivist’s own', async () => {
    const attachments = [
      { kind: 'other', evidence: await scan(b.legal) },
      { kind: 'other', evidence: await scan(b.archivist, 'quarantined') },
      { kind: 'other', evidence: await scan(b.archivist, 'expired') },
      { kind: 'other', evidence: await scan(b.archivist, 'sealed', 'video') },
      { kind: 'other', evidence: newId() },
    ];
    const draft = await api.write(b.archivist, [item.id], { applicant: court, attachments });
    expect(draft.attachments.map(({ state }) => state)).toEqual([
      'not_found',
      'quarantined',
      'not_found',
      'not_found',
      'not_found',
    ]);
    expect([...draft.blockers].sort()).toEqual(['attachment_refused', 'identity_missing', 'letter_missing']);
  });
});

describe('who sees a request', () => {
  it('is its author, its approvers, and archivist and auditor of its units', async () => {
    const { id } = await api.ask(b.colleague, [item.id]);
    for (const reader of [b.colleague, b.head, b.bureauHead, b.archivist, b.auditor]) {
      expect((await api.read(reader, id)).id).toBe(id);
    }
    for (const other of [b.officer, b.legal, b.supervisor, b.stranger]) {
      expect((await api.call('GET', `/api/requests/${id}`, other)).status).toBe(404);
    }
    expect((await api.call('GET', `/api/requests/${id}`, b.securityAdmin)).status).toBe(403);
    const denied = (await eventsOf(harness, 'access.denied')).filter((event) => event.subject === id);
    expect(denied.map((event) => event.actor).sort()).toEqual(
      [b.officer, b.legal, b.supervisor, b.stranger].map((each) => each.id).sort(),
    );
  });

  it('and the approver finds what the requester asked for before', async () => {
    const asker = b.officer;
    const other = await makeEvidence(harness, { unit: b.section });
    const first = await api.ask(asker, [item.id]);
    await api.refuse(b.head, first.id);
    const second = await api.ask(asker, [item.id, other.id]);
    await api.approve(b.head, second.id);
    const third = await api.ask(asker, [item.id, other.id]);
    const seen = await api.read(b.head, third.id);
    expect(seen.earlier.slice(0, 2)).toMatchObject([
      { id: second.id, state: 'approved', sharedItems: 2, live: true },
      { id: first.id, state: 'refused', sharedItems: 1, live: false },
    ]);
    const history = await api.call('GET', `/api/requests/${third.id}/history`, b.head);
    expect(history.body.counts).toMatchObject({ refused: 1, approved: 1, urgent: 0, violations: 0 });
    expect(history.body.last.slice(0, 2).map((each: { id: string }) => each.id)).toEqual([second.id, first.id]);
    expect((await api.call('GET', `/api/requests/${third.id}/history`, b.auditor)).status).toBe(404);
  });
});

describe('lists', () => {
  const ids: string[] = [];
  beforeAll(async () => {
    harness.clock.advance(1000);
    for (let n = 0; n < 5; n++) {
      harness.clock.advance(1000);
      ids.unshift((await api.ask(b.colleague, [item.id], { purpose: n === 2 ? 'complaint' : 'case_handling' })).id);
    }
  });
  beforeEach(() => harness.clock.advance(1));

  it('mine: pages follow each other without gap or repetition', async () => {
    const seen: string[] = [];
    let cursor = '';
    for (let page = 0; page < 3; page++) {
      const list = await api.list(b.colleague, `?limit=2${cursor}`);
      seen.push(...list.items.map(({ id }) => id));
      cursor = `&cursor=${list.next}`;
    }
    expect(seen.slice(0, 5)).toEqual(ids);
    expect(new Set(seen).size).toBe(6);
  });

  it('to decide: what waits for me, and no more once it is decided', async () => {
    const waiting = async (as: TestPerson) =>
      (await api.list(as, '?view=to_decide&limit=200')).items.map(({ id }) => id);
    expect(await waiting(b.head)).toEqual(expect.arrayContaining(ids));
    for (const other of [b.legal, b.colleague, b.stranger, b.auditor]) {
      expect((await waiting(other)).filter((id) => ids.includes(id))).toEqual([]);
    }
    await api.approve(b.head, ids[0] ?? '');
    expect(await waiting(b.bureauHead)).not.toContain(ids[0]);
    expect((await api.list(b.head, '?view=decided')).items[0]?.id).toBe(ids[0]);
  });

  it('register: the archivist’s and the auditor’s subtree, filtered', async () => {
    for (const reader of [b.archivist, b.auditor]) {
      const all = await api.list(reader, '?view=register&limit=200');
      expect(all.items.map(({ id }) => id)).toEqual(expect.arrayContaining(ids));
      const complaints = await api.list(reader, `?view=register&purpose=complaint&requester=${b.colleague.id}`);
      expect(complaints.items.map(({ id }) => id)).toEqual([ids[2]]);
      const approved = await api.list(
        reader,
        `?view=register&state=approved&evidence=${item.id}&from=${at(-3600_000)}`,
      );
      expect(approved.items.map(({ id }) => id)).toContain(ids[0]);
      const [first] = (await api.list(reader, '?view=register')).items as unknown as { number: number; id: string }[];
      const numbered = await api.list(reader, `?view=register&number=${first?.number}`);
      expect(numbered.items.map(({ id }) => id)).toEqual([first?.id]);
    }
    expect((await api.list(b.officer, '?view=register')).items).toEqual([]);
    const strangers = await api.list(b.stranger, '?view=register&limit=200');
    expect(strangers.items.filter(({ id }) => ids.includes(id))).toEqual([]);
  });

  it.each(['cursor=x', 'from=2026-12-31T23:59:60Z', 'view=all', 'limit=0', 'number=0'])('refuse ?%s', async (query) => {
    expect((await api.call('GET', `/api/requests?${query}`, b.colleague)).status).toBe(400);
  });
});

async function officerNumberOf(person: TestPerson): Promise<string> {
  const row = await harness.owner
    .selectFrom('account')
    .select('officer_number')
    .where('id', '=', person.id)
    .executeTakeFirstOrThrow();
  return row.officer_number ?? '';
}

/** days from now, before there is a harness */
function at2(days: number): string {
  return new Date(Date.now() + days * day).toISOString();
}
