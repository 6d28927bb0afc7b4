import { newId } from '@fengcun/catalog';
import { makePerson, type TestPerson } from '@fengcun/identity/testing';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

const both = { operations: ['play', 'disclose'] };
const someone = (role: Parameters<typeof makePerson>[1], unit = b.county) =>
  makePerson(harness.owner, role, { unit, now: harness.clock.now() });
const about = async (type: string, subject: string) =>
  (await eventsOf(harness, type)).filter((event) => event.subject === subject);
const grantsOf = (request: string) =>
  harness.owner.selectFrom('access_grant').selectAll().where('request_id', '=', request).execute();
const told = async (person: TestPerson) =>
  (await api.call('GET', '/api/notifications?limit=1', person)).body.items[0] as { kind: string; data: object };

describe('a decision', () => {
  it('that is the last gives the grant, both on record with who approved', async () => {
    const request = await api.ask(b.colleague, [item.id], { uses: 3 });
    const approved = await api.approve(b.head, request.id, { reason: '同意' });
    expect(approved).toMatchObject({
      state: 'approved',
      waitingFor: [],
      decisions: [{ by: { id: b.head.id }, role: 'bureau_head', verdict: 'approved', reason: '同意', voided: null }],
      grant: {
        to: { id: b.colleague.id },
        operations: ['play'],
        items: [{ evidence: item.id, usesLeft: 3 }],
        state: 'live',
        urgent: false,
      },
    });
    expect(await about('request.decided', request.id)).toMatchObject([
      { actor: b.head.id, data: { role: 'bureau_head', verdict: 'approved', open: [] } },
    ]);
    expect(await about('grant.given', approved.grant?.id ?? '')).toMatchObject([
      {
        actor: b.head.id,
        data: {
          request: request.id,
          to: b.colleague.id,
          items: [item.id],
          rules: ['other_play'],
          approvals: [{ role: 'bureau_head', by: b.head.id }],
        },
      },
    ]);
    expect(await told(b.colleague)).toMatchObject({ kind: 'request_approved', data: { name: b.head.name } });
  });

  it('to refuse needs a reason, ends it, and reaches the requester', async () => {
    const { id } = await api.ask(b.colleague, [item.id]);
    for (const reason of [undefined, null]) {
      expect(await api.decide(b.head, id, { verdict: 'refused', reason })).toMatchObject({
        status: 400,
        body: { code: 'reason_required' },
      });
    }
    expect((await api.decide(b.head, id, { verdict: 'refused', reason: ' ' })).status).toBe(400);
    expect((await api.refuse(b.head, id, '与案件无关')).state).toBe('refused');
    expect(await grantsOf(id)).toEqual([]);
    expect(await told(b.colleague)).toMatchObject({ kind: 'request_refused', data: { reason: '与案件无关' } });
    expect(await api.decide(b.bureauHead, id)).toMatchObject({ status: 409, body: { code: 'wrong_state' } });
  });

  it.each([
    ['legal first', ['legal', 'head']],
    ['head first', ['head', 'legal']],
  ] as const)('of two people, order free: %s', async (_, order) => {
    const request = await api.ask(b.colleague, [item.id], both);
    expect(request.needed).toEqual(['bureau_head', 'legal']);
    const [first, second] = order;
    const half = await api.approve(b[first], request.id);
    expect([half.state, half.grant, half.waitingFor]).toEqual([
      'submitted',
      null,
      [first === 'legal' ? 'bureau_head' : 'legal'],
    ]);
    expect(await api.decide(b[first], request.id)).toMatchObject({ status: 409, body: { code: 'already_decided' } });
    const done = await api.approve(b[second], request.id);
    expect([done.state, done.grant?.operations]).toEqual(['approved', ['play', 'disclose']]);
  });

  it('of two people is refused by either', async () => {
    const { id } = await api.ask(b.colleague, [item.id], both);
    await api.approve(b.legal, id);
    expect((await api.refuse(b.head, id)).state).toBe('refused');
    expect(await grantsOf(id)).toEqual([]);
  });

  it('of two people is never one person with two roles', async () => {
    const two = await someone(['legal', 'bureau_head']);
    const { id } = await api.ask(b.colleague, [item.id], both);
    const half = await api.approve(two, id, { role: 'legal' });
    expect(half.waitingFor).toEqual(['bureau_head']);
    expect(await api.decide(two, id, { verdict: 'approved', role: 'bureau_head' })).toMatchObject({
      status: 409,
      body: { code: 'already_decided' },
    });
    expect((await api.approve(b.head, id)).state).toBe('approved');
  });

  it('is nobody’s own, whatever roles they hold, and the try is on record', async () => {
    const head = await someone(['bureau_head', 'legal']);
    const { id, may } = await api.ask(head, [item.id]);
    expect(may.decideAs).toEqual([]);
    expect(await api.decide(head, id)).toMatchObject({ status: 403, body: { code: 'own_request' } });
    expect(await about('access.denied', id)).toMatchObject([{ actor: head.id, data: { code: 'own_request' } }]);
    expect((await api.approve(b.head, id)).state).toBe('approved');
    await expect(
      harness.owner
        .insertInto('access_decision')
        .values({
          id: newId(),
          request_id: id,
          account_id: head.id,
          role: 'legal',
          verdict: 'approved',
          reason: null,
          hold_acknowledged: false,
          decided_at: new Date(),
          voided_at: null,
          void_reason: null,
        })
        .execute(),
    ).rejects.toThrow('nobody decides their own request');
  });

  it('is denied, on record, to who may see it and not decide it', async () => {
    const { id } = await api.ask(b.colleague, [item.id]);
    expect(await api.decide(b.archivist, id)).toMatchObject({ status: 403, body: { code: 'denied' } });
    expect(await api.decide(b.head, id, { verdict: 'approved', role: 'legal' })).toMatchObject({ status: 403 });
    expect((await api.decide(b.auditor, id)).status).toBe(403);
  });

  it('by somebody outside the item’s subtree finds no request', async () => {
    const { id } = await api.ask(b.colleague, [item.id]);
    expect((await api.decide(b.stranger, id)).status).toBe(404);
    const below = await someone('bureau_head', b.section);
    const wide = await makeEvidence(harness, { unit: b.county });
    await harness.owner
      .insertInto('account_role')
      .values({ account_id: b.colleague.id, unit_id: b.county.id, role: 'officer' })
      .execute();
    const both = await api.ask(b.colleague, [item.id, wide.id]);
    expect((await api.decide(below, both.id)).status).toBe(404);
  });

  it('comes too late after a withdrawal', async () => {
    const { id } = await api.ask(b.colleague, [item.id]);
    const withdrawn = await api.call('POST', `/api/requests/${id}/withdrawal`, b.colleague);
    expect(withdrawn.body.state).toBe('withdrawn');
    expect(await about('request.withdrawn', id)).toHaveLength(1);
    expect(await api.decide(b.head, id)).toMatchObject({ status: 409, body: { code: 'wrong_state' } });
    expect(await grantsOf(id)).toEqual([]);
  });

  it('and a withdrawal at once: one of them holds', async () => {
    for (let round = 0; round < 5; round++) {
      const { id } = await api.ask(b.colleague, [item.id]);
      const [decided, withdrawn] = await Promise.all([
        api.decide(b.head, id),
        api.call('POST', `/api/requests/${id}/withdrawal`, b.colleague),
      ]);
      const { state } = await api.read(b.colleague, id);
      expect([decided.status, withdrawn.status].sort()).toEqual([200, 409]);
      expect(await grantsOf(id)).toHaveLength(state === 'approved' ? 1 : 0);
    }
  });

  it('of many heads at once counts once, and gives one grant', async () => {
    const heads = await Promise.all([1, 2, 3, 4].map(() => someone('bureau_head')));
    const { id } = await api.ask(b.colleague, [item.id]);
    const replies = await Promise.all(heads.map((head) => api.decide(head, id)));
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
    expect(await grantsOf(id)).toHaveLength(1);
    expect(await about('request.decided', id)).toHaveLength(1);
  });

  it('of both people at once gives one grant', async () => {
    const { id } = await api.ask(b.colleague, [item.id], both);
    const replies = await Promise.all([api.decide(b.legal, id), api.decide(b.head, id)]);
    expect(replies.map(({ status }) => status)).toEqual([200, 200]);
    expect((await api.read(b.colleague, id)).state).toBe('approved');
    expect(await grantsOf(id)).toHaveLength(1);
  });

  it('that dies before the grant is written did not happen', async () => {
    const { id } = await api.ask(b.colleague, [item.id]);
    await sql`create function refuse_grant() returns trigger language plpgsql as $$ begin raise exception 'died'; end $$`.execute(
      harness.owner,
    );
    await sql`create trigger refuse before insert on access_grant for each row execute function refuse_grant()`.execute(
      harness.owner,
    );
    try {
      expect(await api.decide(b.head, id)).toMatchObject({ status: 503, body: { code: 'not_recorded' } });
    } finally {
      await sql`drop trigger refuse on access_grant`.execute(harness.owner);
    }
    expect(await api.read(b.head, id)).toMatchObject({
      state: 'submitted',
      decisions: [],
      may: { decideAs: ['bureau_head'] },
    });
    expect(await about('request.decided', id)).toEqual([]);
    expect((await api.approve(b.head, id)).state).toBe('approved');
  });

  it('is final: what is over is never changed', async () => {
    const { id } = await api.ask(b.colleague, [item.id]);
    await api.refuse(b.head, id);
    await expect(
      harness.owner.updateTable('access_request').set({ state: 'submitted' }).where('id', '=', id).execute(),
    ).rejects.toThrow('is over and never changed');
  });
});

describe('between two decisions', () => {
  it.each([
    ['disabled', 'approver_disabled'],
    ['without the role', 'approver_lost_role'],
  ] as const)('an approver who is %s counts no more, and another is asked', async (how, reason) => {
    const legal = await someone('legal');
    const { id } = await api.ask(b.colleague, [item.id], both);
    await api.approve(legal, id);
    if (how === 'disabled')
      await harness.owner
        .updateTable('account')
        .set({ disabled_at: harness.clock.now() })
        .where('id', '=', legal.id)
        .execute();
    else await harness.owner.deleteFrom('account_role').where('account_id', '=', legal.id).execute();
    const after = await api.approve(b.head, id);
    expect([after.state, after.waitingFor, after.grant]).toEqual(['submitted', ['legal'], null]);
    expect(after.decisions.map(({ by, voided }) => [by.id, voided?.reason ?? null])).toEqual([
      [legal.id, reason],
      [b.head.id, null],
    ]);
    expect(await about('request.decision_voided', id)).toMatchObject([
      { actor: 'access', data: { by: legal.id, reason } },
    ]);
    expect(await told(b.legal)).toMatchObject({ kind: 'request_waits_again' });
    const done = await api.approve(b.legal, id);
    expect(done.state).toBe('approved');
    const [given] = await about('grant.given', done.grant?.id ?? '');
    expect(given?.data.approvals).toEqual([
      { role: 'bureau_head', by: b.head.id },
      { role: 'legal', by: b.legal.id },
    ]);
  });

  it('a requester who left, or lost the role, is given nothing, and can be refused', async () => {
    const leaver = await someone('officer', b.section);
    const { id } = await api.ask(leaver, [item.id]);
    await harness.owner
      .updateTable('account')
      .set({ disabled_at: harness.clock.now() })
      .where('id', '=', leaver.id)
      .execute();
    expect(await api.decide(b.head, id)).toMatchObject({ status: 409, body: { code: 'requester_unfit' } });
    expect(await grantsOf(id)).toEqual([]);
    const mover = await someone('officer', b.section);
    const other = await api.ask(mover, [item.id]);
    await harness.owner.deleteFrom('account_role').where('account_id', '=', mover.id).execute();
    expect(await api.decide(b.head, other.id)).toMatchObject({ status: 409, body: { code: 'requester_unfit' } });
    expect((await api.refuse(b.head, other.id)).state).toBe('refused');
  });

  it('an item that is disposed of leaves nothing to approve', async () => {
    const gone = await makeEvidence(harness, { unit: b.section });
    const { id } = await api.ask(b.colleague, [gone.id]);
    await dispose(gone.id);
    expect(await api.decide(b.head, id)).toMatchObject({ status: 409, body: { code: 'item_disposed' } });
    const draft = await api.write(b.colleague, [gone.id]);
    expect(draft.blockers).toEqual(['item_disposed']);
  });

  it('an item under a hold is approved only by who says they know', async () => {
    const held = await makeEvidence(harness, { unit: b.section });
    const { id } = await api.ask(b.colleague, [held.id, item.id]);
    await hold(held.id);
    expect((await api.read(b.head, id)).items.map((each) => each.held)).toEqual([true, false]);
    expect(await api.decide(b.head, id)).toMatchObject({ status: 409, body: { code: 'item_held', held: [held.id] } });
    expect((await api.approve(b.head, id, { holdAcknowledged: true })).state).toBe('approved');
    expect(await about('request.decided', id)).toMatchObject([{ data: { holdAcknowledged: true } }]);
  });

  it('the time that was asked for can run out', async () => {
    const window = { from: at(0), until: at(3600_000) };
    const { id } = await api.ask(b.colleague, [item.id], { window });
    harness.clock.advance(3600_001);
    expect(await api.decide(b.head, id)).toMatchObject({ status: 409, body: { code: 'wrong_state' } });
    await Promise.all([api.sweep(), api.sweep()]);
    expect((await api.read(b.colleague, id)).state).toBe('expired');
    expect(await about('request.expired', id)).toHaveLength(1);
    expect(await told(b.colleague)).toMatchObject({ kind: 'request_expired' });
  });
});

describe('a request that waits too long', () => {
  it('goes to the head of the unit above, once, who may then give any of the decisions but one', async () => {
    const { id } = await api.ask(b.colleague, [item.id], both);
    harness.clock.advance(3 * 86_400_000 - 1);
    await api.sweep();
    expect((await api.read(b.colleague, id)).state).toBe('submitted');
    harness.clock.advance(1);
    await Promise.all([api.sweep(), api.sweep()]);
    expect(await about('request.escalated', id)).toMatchObject([
      { actor: 'access', data: { unit: b.county.id, open: ['bureau_head', 'legal'] } },
    ]);
    expect(await told(b.head)).toMatchObject({ kind: 'request_escalated' });
    const seen = await api.read(b.bureauHead, id);
    expect([seen.state, seen.may.decideAs, seen.dueAt]).toEqual(['escalated', ['bureau_head', 'legal'], null]);
    const half = await api.approve(b.bureauHead, id, { role: 'legal' });
    expect([half.state, half.waitingFor]).toEqual(['escalated', ['bureau_head']]);
    expect(await api.decide(b.bureauHead, id)).toMatchObject({ body: { code: 'already_decided' } });
    expect((await api.approve(b.head, id)).state).toBe('approved');
  });

  it('is over in the end', async () => {
    const { id } = await api.ask(b.colleague, [item.id], {
      window: { from: at(0), until: at(29 * 86_400_000) },
    });
    harness.clock.advance(29 * 86_400_000);
    await api.sweep();
    const request = await api.read(b.colleague, id);
    expect([request.state, request.waitingFor, request.grant]).toEqual(['expired', [], null]);
    expect(await about('request.escalated', id)).toEqual([]);
  });
});

describe('opening at once', () => {
  const open = async (as: TestPerson, more: object = {}) =>
    api.call('POST', '/api/requests/urgent', as, {
      items: [item.id],
      purpose: 'case_handling',
      reason: '现场处置，来不及审批',
      approver: b.head.id,
      ...more,
    });
  const opened = async (more: object = {}) => {
    const reply = await open(b.supervisor, more);
    expect(reply.status, JSON.stringify(reply.body)).toBe(201);
    return reply.body as Awaited<ReturnType<typeof api.read>>;
  };

  it('works from that moment, on record, and asks the approver', async () => {
    const request = await opened();
    expect(request).toMatchObject({
      kind: 'urgent',
      state: 'submitted',
      rules: ['urgent_play'],
      waitingFor: ['bureau_head'],
      urgent: { approver: { id: b.head.id }, confirmBy: at(86_400_000), violatedAt: null },
      grant: { state: 'live', urgent: true, operations: ['play'] },
      may: { withdraw: false },
    });
    expect(await about('request.submitted', request.id)).toMatchObject([
      { data: { kind: 'urgent', approver: b.head.id } },
    ]);
    expect(await told(b.head)).toMatchObject({ kind: 'urgent_to_confirm', data: { due: at(86_400_000) } });
    const play = await api.call('POST', `/api/evidence/${item.id}/plays`, b.supervisor, {});
    expect([play.status, play.body.authorisation]).toEqual([201, request.grant?.id]);
    const withdrawal = await api.call('POST', `/api/requests/${request.id}/withdrawal`, b.supervisor);
    expect(withdrawal).toMatchObject({ status: 409, body: { code: 'wrong_state' } });
  });

  it('confirmed, goes on until its day is over', async () => {
    const request = await opened();
    const confirmed = await api.approve(b.head, request.id);
    expect([confirmed.state, confirmed.grant?.state]).toEqual(['approved', 'live']);
    expect(await told(b.supervisor)).toMatchObject({ kind: 'urgent_confirmed' });
    harness.clock.advance(86_400_000);
    await api.sweep();
    expect(await about('request.violated', request.id)).toEqual([]);
    expect((await api.read(b.supervisor, request.id)).grant?.state).toBe('expired');
    expect(await about('grant.expired', request.grant?.id ?? '')).toHaveLength(1);
  });

  it('denied, ends at once', async () => {
    const request = await opened();
    const denied = await api.refuse(b.bureauHead, request.id, '并非紧急');
    expect([denied.state, denied.grant?.state]).toEqual(['refused', 'revoked']);
    expect(await about('grant.revoked', request.grant?.id ?? '')).toMatchObject([{ data: { cause: 'denied' } }]);
    expect(await told(b.supervisor)).toMatchObject({ kind: 'urgent_denied', data: { reason: '并非紧急' } });
    const play = await api.call('POST', `/api/evidence/${item.id}/plays`, b.supervisor, {});
    expect(play.status).toBe(403);
  });

  it('not confirmed within a day is a violation: event, alarm, the end of the grant, and people told', async () => {
    const request = await opened();
    harness.clock.advance(86_400_000 - 1);
    await api.sweep();
    expect(await about('request.violated', request.id)).toEqual([]);
    harness.clock.advance(1);
    await Promise.all([api.sweep(), api.sweep()]);
    expect(await about('request.violated', request.id)).toMatchObject([
      { actor: 'access', data: { approver: b.head.id } },
    ]);
    const seen = await api.read(b.supervisor, request.id);
    expect([seen.state, seen.urgent?.violatedAt]).toEqual(['expired', at(0)]);
    const alarms = await harness.owner.selectFrom('alarm').selectAll().where('subject_id', '=', request.id).execute();
    expect(alarms).toMatchObject([{ kind: 'urgent_unconfirmed', unit_id: b.section.id }]);
    for (const person of [b.supervisor, b.head, b.auditor]) {
      expect(await told(person)).toMatchObject({ kind: 'urgent_violated' });
    }
    expect(await api.decide(b.head, request.id)).toMatchObject({ body: { code: 'wrong_state' } });
  });

  it('is made once for one client id', async () => {
    const clientId = newId();
    const [one, two] = await Promise.all([opened({ clientId }), opened({ clientId })]);
    expect(one.id).toBe(two.id);
    expect(await grantsOf(one.id)).toHaveLength(1);
  });

  it('names somebody who can confirm it', async () => {
    const disabled = await someone('bureau_head');
    await harness.owner.updateTable('account').set({ disabled_at: new Date() }).where('id', '=', disabled.id).execute();
    for (const approver of [b.legal.id, b.stranger.id, b.supervisor.id, disabled.id, newId()]) {
      expect(await open(b.supervisor, { approver })).toMatchObject({ status: 409, body: { code: 'approver_unfit' } });
    }
  });

  it('is for items of one’s own subtree, that are still there, and for supervisors', async () => {
    const far = await makeEvidence(harness, { unit: b.otherCounty });
    const gone = await makeEvidence(harness, { unit: b.section });
    await dispose(gone.id);
    expect((await open(b.supervisor, { items: [far.id] })).status).toBe(404);
    expect((await open(b.supervisor, { items: [newId()] })).status).toBe(404);
    expect(await open(b.supervisor, { items: [gone.id] })).toMatchObject({ body: { code: 'item_disposed' } });
    expect((await open(b.officer)).body.code).toBe('role_required');
    expect((await open(b.supervisor, { reason: '' })).status).toBe(400);
  });
});

const at = (ms: number) => new Date(harness.clock.now().getTime() + ms).toISOString();

async function hold(evidence: string): Promise<void> {
  await harness.owner
    .insertInto('evidence_retention')
    .values({
      evidence_id: evidence,
      unit_id: b.section.id,
      class_code: 'M6',
      class_revision: 1,
      starts_at: new Date(),
      updated_at: new Date(),
    } as never)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await harness.owner
    .updateTable('evidence_retention')
    .set({ held: true } as never)
    .where('evidence_id', '=', evidence)
    .execute();
}

async function dispose(evidence: string): Promise<void> {
  const id = newId();
  const now = harness.clock.now();
  await sql`insert into disposition (id, evidence_id, unit_id, state, requested_by, requested_at, reason, decided_by, decided_at,
      decision_reason, objects, finished_at, updated_at)
    values (${id}, ${evidence}, ${b.section.id}, 'disposed', ${b.archivist.id}, ${now}, 'x', ${b.legal.id}, ${now}, 'x', '[]', ${now}, ${now})`.execute(
    harness.owner,
  );
  const { id: event } = await harness.owner.selectFrom('ledger_event').select('id').limit(1).executeTakeFirstOrThrow();
  await sql`insert into tombstone (evidence_id, disposition_id, disposed_at, objects, event_id)
    values (${evidence}, ${id}, ${now}, 1, ${event})`.execute(harness.owner);
}
