import { consumeGrant, describeEvidence, findDescription, listen, liveGrants, openCase } from '@fengcun/catalog';
import { grantRevokedChannel, type ListedGrant } from '@fengcun/contracts';
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
});
afterAll(() => harness.close());
beforeEach(async () => {
  item = await makeEvidence(harness, { unit: b.section });
});

/** Asked for by an officer of the same section, approved by the head. */
async function granted(more: object = {}, as = b.colleague): Promise<string> {
  const { id } = await api.ask(as, [item.id], more);
  const { grant } = await api.approve(b.head, id);
  expect(grant).not.toBeNull();
  return grant?.id ?? '';
}
const play = (as = b.colleague, more: object = {}) => api.call('POST', `/api/evidence/${item.id}/plays`, as, more);
const segment = async (id: string, as = b.colleague) =>
  harness.app.inject({ url: `/api/plays/${id}/segments/0.m4s`, headers: await api.headersOf(as) });
const revoke = (id: string, as = b.head, reason = '情况有变') =>
  api.call('POST', `/api/grants/${id}/revocation`, as, { reason });
const about = async (type: string, subject: string) =>
  (await eventsOf(harness, type)).filter((event) => event.subject === subject);
const later = (ms: number) => new Date(harness.clock.now().getTime() + ms);
const hour = 3600_000;
const hoursFrom = (from: number, until: number) => ({
  from: later(from * hour).toISOString(),
  until: later(until * hour).toISOString(),
});

describe('without a grant', () => {
  it('an officer who is not on the case plays nothing, and is told what it takes', async () => {
    expect(await play()).toMatchObject({
      status: 403,
      body: { code: 'approval_required', rule: 'other_play', approvers: ['bureau_head'] },
    });
    const page = await api.call('GET', `/api/evidence/${item.id}`, b.colleague);
    expect(page.body.actions.play).toEqual({
      allowed: false,
      outcome: 'needApproval',
      rule: 'other_play',
      approvers: ['bureau_head'],
      purposes: [],
      grant: null,
    });
  });

  it('a supervisor plays for supervision, having said so, on record', async () => {
    expect(await play(b.supervisor)).toMatchObject({
      status: 403,
      body: { code: 'purpose_required', purposes: ['supervision', 'file_review'] },
    });
    expect((await play(b.supervisor, { purpose: 'complaint' })).body.code).toBe('approval_required');
    const reply = await play(b.supervisor, { purpose: 'supervision' });
    expect(reply).toMatchObject({ status: 201, body: { purpose: 'supervision', authorisation: null } });
    expect(await about('play.started', item.id)).toMatchObject([
      { actor: b.supervisor.id, data: { rule: 'supervision_play', purpose: 'supervision' } },
    ]);
    expect((await segment(reply.body.id, b.supervisor)).statusCode).toBe(200);
  });
});

describe('a case', () => {
  const actorOf = (as: typeof b.officer) => ({ kind: 'account', id: as.id, name: null }) as const;
  const open = async (as: typeof b.officer, officers: readonly string[]) => {
    const facts = { title: '某案', subject: null, kind: 'other', matter: null } as const;
    const draft = { number: item.id, ...facts, officers, unit: b.section.id, account: as.id };
    const opened = await openCase(
      harness.database.as('fengcun_access'),
      { ...draft, actor: actorOf(as) },
      harness.clock,
    );
    expect(opened).toHaveProperty('id');
    return (opened as { id: string }).id;
  };
  const describeAs = async (as: typeof b.officer, file: string | null, title: string) => {
    const catalog = harness.database.as('fengcun_access');
    const { version } = await findDescription(catalog, item.id);
    const draft = { evidence: item.id, unit: b.section.id, account: as.id, actor: actorOf(as), rule: 'x' };
    const words = { title, place: null, note: null, tags: [], case: file, matter: null, basedOn: version };
    expect(await describeEvidence(catalog, { ...draft, ...words }, harness.clock)).toBe('described');
  };

  it('opens its recordings to its officers, whom others put on it', async () => {
    const file = await open(b.supervisor, [b.colleague.id]);
    await describeAs(b.supervisor, file, '查封');
    expect((await play()).status).toBe(201);
    expect(await about('play.started', item.id)).toMatchObject([{ data: { rule: 'own_case_play' } }]);
    // Their own words on it change nothing.
    await describeAs(b.colleague, file, '查封扣押');
    expect((await play()).status).toBe(201);
    expect((await play(b.officer)).status).toBe(403);
    await describeAs(b.supervisor, null, '查封扣押');
    expect((await play()).status).toBe(403);
  });

  it('is nobody’s own by their own doing: neither by joining it nor by putting a recording into it', async () => {
    const joined = await open(b.colleague, [b.colleague.id]);
    await describeAs(b.supervisor, joined, 'x');
    expect((await play()).body.rule).toBe('other_play');
    item = await makeEvidence(harness, { unit: b.section });
    const given = await open(b.supervisor, [b.colleague.id]);
    await describeAs(b.colleague, given, 'x');
    expect((await play()).body.rule).toBe('other_play');
    await describeAs(b.supervisor, given, 'y');
    expect((await play()).body.rule).toBe('other_play');
    const { needed } = await api.ask(b.colleague, [item.id]);
    expect(needed).toEqual(['bureau_head']);
  });
});

describe('a grant', () => {
  it('opens what it is for, to whom it is for, and is named in the event', async () => {
    const grant = await granted();
    expect(await play(b.officer)).toMatchObject({ status: 403 });
    const reply = await play();
    expect(reply).toMatchObject({ status: 201, body: { authorisation: grant } });
    const row = await harness.owner
      .selectFrom('ledger_event')
      .select('entry')
      .where('type', '=', 'play.started')
      .where('subject_id', '=', item.id)
      .executeTakeFirstOrThrow();
    expect(JSON.parse(row.entry.toString())).toMatchObject({ authorisation: grant, data: { rule: 'granted' } });
    const page = await api.call('GET', `/api/evidence/${item.id}`, b.colleague);
    expect(page.body.actions.play).toMatchObject({ allowed: true, grant: { id: grant, usesLeft: 9 } });
    expect(page.body.actions.package.allowed).toBe(false);
  });

  it('is listed for its holder, and read by who may read its request', async () => {
    const id = await granted({ uses: 2 });
    const list = await api.call('GET', `/api/grants?state=live&evidence=${item.id}`, b.colleague);
    expect(list.body.items).toMatchObject([{ id, items: [{ evidence: item.id, usesLeft: 2 }] }]);
    expect((await api.call('GET', '/api/grants?state=revoked', b.colleague)).body.items).not.toContainEqual(
      expect.objectContaining({ id }),
    );
    expect((await api.call('GET', `/api/grants/${id}`, b.auditor)).status).toBe(200);
    expect((await api.call('GET', `/api/grants/${id}`, b.stranger)).status).toBe(404);
    expect((await api.call('GET', '/api/grants', b.officer)).body.items).toEqual([]);
  });

  it('is good only in its time', async () => {
    const window = { from: later(hour).toISOString(), until: later(2 * hour).toISOString() };
    const id = await granted({ window });
    expect((await api.call('GET', `/api/grants/${id}`, b.colleague)).body.state).toBe('waiting');
    expect((await play()).status).toBe(403);
    harness.clock.advance(hour);
    expect((await play()).status).toBe(201);
    harness.clock.advance(hour);
    expect((await play()).status).toBe(403);
    await Promise.all([api.sweep(), api.sweep()]);
    expect(await about('grant.expired', id)).toHaveLength(1);
    expect((await revoke(id)).body.code).toBe('grant_over');
  });

  it('is good as often as it says, and the last play goes on', async () => {
    const id = await granted({ uses: 2 });
    const first = await play();
    const second = await play();
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(await play()).toMatchObject({ status: 403, body: { code: 'approval_required' } });
    expect((await segment(second.body.id)).statusCode).toBe(200);
    expect((await api.call('GET', `/api/evidence/${item.id}`, b.colleague)).status).toBe(200);
    expect(id).toBe(second.body.authorisation);
  });

  it('is never used more often than it says, however many ask at once', async () => {
    const id = await granted({ uses: 3 });
    const catalog = harness.database.as('fengcun_access');
    const now = harness.clock.now();
    const uses = await Promise.all(
      Array.from({ length: 12 }, () =>
        catalog.transaction().execute((trx) => consumeGrant(trx, { grant: id, evidence: item.id, now })),
      ),
    );
    expect(uses.filter(Boolean)).toHaveLength(3);
    const [left] = await liveGrants(catalog, { account: b.colleague.id, evidence: item.id, now });
    expect(left).toMatchObject({ id, usesLeft: 0, actions: [] });
    const inUse = await liveGrants(catalog, { account: b.colleague.id, evidence: item.id, now, inUse: id });
    expect(inUse).toMatchObject([{ id, actions: ['play'] }]);
  });

  it('counts each item by itself', async () => {
    const other = await makeEvidence(harness, { unit: b.section });
    const { id } = await api.ask(b.colleague, [item.id, other.id], { uses: 1 });
    await api.approve(b.head, id);
    expect((await play()).status).toBe(201);
    expect((await api.call('POST', `/api/evidence/${other.id}/plays`, b.colleague, {})).status).toBe(201);
    expect((await play()).status).toBe(403);
  });

  it('of a play that was not recorded is not used', async () => {
    const { sql } = await import('kysely');
    const id = await granted({ uses: 1 });
    await sql`revoke insert on play from fengcun_access`.execute(harness.owner);
    try {
      expect((await play()).body.code).toBe('not_recorded');
    } finally {
      await sql`grant insert on play to fengcun_access`.execute(harness.owner);
    }
    expect((await play()).body.authorisation).toBe(id);
  });
});

describe('grants given', () => {
  const listed = async (as: TestPerson, query: string) => {
    const { status, body } = await api.call('GET', `/api/grants?${query}`, as);
    expect(status, JSON.stringify(body)).toBe(200);
    return body as { items: ListedGrant[]; next: string | null };
  };
  const idsIn = async (as: TestPerson, query: string) => (await listed(as, query)).items.map(({ id }) => id);

  it('are listed for who gave them, by when, with the way to take each back', async () => {
    const first = await granted();
    harness.clock.advance(1000);
    const second = await granted({ purpose: 'file_review' });
    const { items } = await listed(b.head, `view=given&evidence=${item.id}`);
    expect(items.map(({ id }) => id)).toEqual([second, first]);
    expect(items[0]).toMatchObject({
      to: { id: b.colleague.id },
      purpose: 'file_review',
      number: expect.any(Number),
      items: [{ evidence: item.id, name: '执法记录 01.mp4' }],
      may: { revoke: true, readRequest: true },
    });
    await revoke(first);
    expect(await idsIn(b.head, `view=given&state=live&evidence=${item.id}`)).toEqual([second]);
    const revoked = await listed(b.head, `view=given&state=revoked&evidence=${item.id}`);
    expect(revoked.items).toMatchObject([{ id: first, may: { revoke: false, readRequest: true } }]);
    // Who only could have given them gave none.
    expect(await idsIn(b.bureauHead, `view=given&evidence=${item.id}`)).toEqual([]);
  });

  it('are listed page by page, none twice and none left out', async () => {
    const given = [await granted(), await granted(), await granted({ window: hoursFrom(1, 2) })];
    for (const view of ['given', 'units']) {
      const seen: string[] = [];
      let cursor = '';
      do {
        const page = await listed(b.head, `view=${view}&evidence=${item.id}&limit=1${cursor}`);
        seen.push(...page.items.map(({ id }) => id));
        cursor = page.next === null ? '' : `&cursor=${page.next}`;
      } while (cursor !== '');
      expect(seen.toSorted(), view).toEqual(given.toSorted());
      expect(await idsIn(b.head, `view=${view}&evidence=${item.id}&state=waiting`), view).toEqual(given.slice(2));
    }
  });

  it('are known to whoever answers for the recordings, each with what they may do about it, and to nobody else', async () => {
    const id = await granted();
    const seenBy = async (as: TestPerson) =>
      (await listed(as, `view=units&evidence=${item.id}`)).items.map(({ may }) => may);
    expect(await seenBy(b.head)).toEqual([{ revoke: true, readRequest: true }]);
    expect(await seenBy(b.bureauHead)).toEqual([{ revoke: true, readRequest: true }]);
    // A supervisor knows who sees what, and not what was written to be allowed it; an archivist and an auditor read, and take nothing back.
    expect(await seenBy(b.supervisor)).toEqual([{ revoke: false, readRequest: false }]);
    expect(await seenBy(b.legal)).toEqual([{ revoke: false, readRequest: false }]);
    expect(await seenBy(b.archivist)).toEqual([{ revoke: false, readRequest: true }]);
    expect(await seenBy(b.auditor)).toEqual([{ revoke: false, readRequest: true }]);
    for (const nobody of [b.officer, b.colleague, b.stranger]) expect(await seenBy(nobody)).toEqual([]);
    expect((await api.call('GET', `/api/grants/${id}`, b.supervisor)).status).toBe(200);
    expect((await revoke(id, b.supervisor)).status).toBe(403);
  });
});

describe('taking a grant back', () => {
  it('ends it at once, in the middle of a play too, on record, and tells whoever is handing something out', async () => {
    const heard: string[] = [];
    const ready = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    const listener = listen(harness.database.as('fengcun_access'), {
      channels: [grantRevokedChannel],
      onNotification: (_channel, payload) => {
        heard.push(payload);
        arrived.resolve();
      },
      onConnected: () => ready.resolve(),
      onError: () => undefined,
    });
    await ready.promise;
    const id = await granted();
    const begun = (await play()).body;
    expect((await segment(begun.id)).statusCode).toBe(200);
    const revoked = await revoke(id);
    expect(revoked).toMatchObject({
      status: 200,
      body: { state: 'revoked', revoked: { by: { id: b.head.id }, reason: '情况有变' } },
    });
    expect((await segment(begun.id)).json()).toMatchObject({ status: 410, code: 'play_over' });
    expect((await about('play.ended', item.id)).map(({ data }) => data)).toMatchObject([{ cause: 'revoked' }]);
    expect((await play()).status).toBe(403);
    expect(await about('grant.revoked', id)).toMatchObject([{ actor: b.head.id, data: { cause: 'approver' } }]);
    await arrived.promise;
    expect(heard).toEqual([id]);
    await listener.close();
    const told = await api.call('GET', '/api/notifications?limit=1', b.colleague);
    expect(told.body.items).toMatchObject([{ kind: 'grant_revoked', data: { reason: '情况有变' } }]);
  });

  it('happens once', async () => {
    const id = await granted();
    const replies = await Promise.all([revoke(id), revoke(id, b.bureauHead), revoke(id)]);
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    expect(await about('grant.revoked', id)).toHaveLength(1);
  });

  it('is for its holder and for who could approve it; others are denied or find nothing', async () => {
    const id = await granted();
    expect((await revoke(id, b.archivist)).status).toBe(403);
    expect((await revoke(id, b.officer)).status).toBe(404);
    expect((await revoke(id, b.stranger)).status).toBe(404);
    expect((await api.call('GET', `/api/grants/${id}`, b.colleague)).body.state).toBe('live');
    expect((await revoke(id, b.colleague, '用完了')).body.state).toBe('revoked');
    expect(await about('grant.revoked', id)).toMatchObject([{ data: { cause: 'holder' } }]);
  });

  it('and using it at once: a use that came after it is none', async () => {
    const catalog = harness.database.as('fengcun_access');
    for (let round = 0; round < 5; round++) {
      const id = await granted();
      const now = harness.clock.now();
      const revoking = revoke(id);
      await Promise.all([
        revoking,
        catalog.transaction().execute((trx) => consumeGrant(trx, { grant: id, evidence: item.id, now })),
      ]);
      expect(
        await catalog.transaction().execute((trx) => consumeGrant(trx, { grant: id, evidence: item.id, now })),
      ).toBe(false);
    }
  });
});
