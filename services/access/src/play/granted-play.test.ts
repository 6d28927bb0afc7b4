import type { AddressInfo } from 'node:net';
import type { Play } from '@fengcun/contracts';
import { makePerson, type TestPerson } from '@fengcun/identity/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeBureau, requestsOf, type TestBureau } from '../testing/bureau.ts';
import { eventsOf } from '../testing/events.ts';
import { type Harness, startHarness } from '../testing/harness.ts';
import { makeEvidence, type TestEvidence } from '../testing/make-evidence.ts';

let harness: Harness;
let bureau: TestBureau;
let api: ReturnType<typeof requestsOf>;
let item: TestEvidence;

beforeAll(async () => {
  harness = await startHarness();
  bureau = await makeBureau(harness);
  api = requestsOf(harness);
  item = await makeEvidence(harness, { unit: bureau.section });
});
afterAll(() => harness.close());

const viewer = () =>
  makePerson(harness.owner, 'officer', { unit: bureau.section, now: harness.clock.now(), name: '王警官' });
const start = (as: TestPerson, body: object = {}) => api.call('POST', `/api/evidence/${item.id}/plays`, as, body);
const get = (url: string, as: TestPerson) => harness.app.inject({ url, headers: { cookie: as.cookie } });
async function granted(to: TestPerson, uses = 10, until = 7 * 86_400_000): Promise<string> {
  const window = {
    from: harness.clock.now().toISOString(),
    until: new Date(harness.clock.now().getTime() + until).toISOString(),
  };
  const asked = await api.ask(to, [item.id], { operations: ['play'], uses, window });
  const { grant } = await api.approve(bureau.head, asked.id);
  if (!grant) throw new Error('no grant');
  return grant.id;
}
const revoke = (grant: string) =>
  api.call('POST', `/api/grants/${grant}/revocation`, bureau.head, { reason: '审批有误' });
const endsOf = async (play: string) =>
  (await eventsOf(harness, 'play.ended')).filter((event) => event.data.play === play);

describe('a play under a grant', () => {
  it('takes a use, and stands on record with rule and grant', async () => {
    const person = await viewer();
    expect((await start(person)).body).toMatchObject({ status: 403, code: 'approval_required' });
    const grant = await granted(person, 1);
    const { body: play } = await start(person);
    expect(play).toMatchObject({ authorisation: grant, purpose: null, viewer: expect.stringContaining('王警官') });
    const row = await harness.owner
      .selectFrom('ledger_event')
      .select('entry')
      .where('id', '=', Number(play.event))
      .executeTakeFirstOrThrow();
    expect(JSON.parse(row.entry.toString('utf8'))).toMatchObject({
      type: 'play.started',
      authorisation: grant,
      data: { play: play.id, rule: 'granted' },
    });
    // Its last use is gone, and this play goes on with it; another cannot begin.
    expect((await get(`/api/plays/${play.id}/segments/0.m4s`, person)).statusCode).toBe(200);
    expect((await start(person)).body).toMatchObject({ code: 'approval_required' });
    expect((await get(`/api/plays/${play.id}/key`, person)).statusCode).toBe(200);
  });

  it('stops at the next segment and key when the grant is revoked, and the player is told why', async () => {
    const base = await harness.app.listen({ port: 0, host: '127.0.0.1' });
    const person = await viewer();
    const bystander = await viewer();
    const grant = await granted(person);
    const play: Play = (await start(person)).body;
    expect((await get(`/api/plays/${play.id}/segments/0.m4s`, person)).statusCode).toBe(200);
    const streams = await Promise.all(
      [person, bystander].map(({ cookie }) => fetch(`${base}/api/stream`, { headers: { cookie } })),
    );
    const heard = streams.map((reply) => listenTo(reply));
    expect((await revoke(grant)).status).toBe(200);
    for (const part of ['segments/1.m4s', 'key', 'index.m3u8', 'pictures/poster', 'segments/init.mp4']) {
      expect((await get(`/api/plays/${play.id}/${part}`, person)).json(), part).toMatchObject({
        status: 410,
        code: 'play_over',
      });
    }
    await expect.poll(() => heard[0]?.text()).toContain(`"cause":"revoked"`);
    expect(heard[0]?.text()).toContain(play.id);
    expect(heard[1]?.text()).not.toContain(play.id);
    const [end, ...more] = await endsOf(play.id);
    expect(more).toEqual([]);
    expect(end?.data).toMatchObject({ cause: 'revoked', served: [{ from: 0, to: 6000 }] });
    for (const each of heard) each.close();
  });

  it('is ended on record by the revocation itself when nothing more is fetched', async () => {
    const person = await viewer();
    const grant = await granted(person);
    const { body: play } = await start(person);
    await revoke(grant);
    await expect.poll(async () => (await endsOf(play.id)).map((event) => event.data.cause)).toEqual(['revoked']);
  });

  it('ends with the time of the grant', async () => {
    const person = await viewer();
    await granted(person, 10, 5 * 60_000);
    const { body: play } = await start(person);
    expect(new Date(play.expiresAt).getTime()).toBeLessThanOrEqual(harness.clock.now().getTime() + 5 * 60_000);
    harness.clock.advance(5 * 60_000 + 1);
    expect((await get(`/api/plays/${play.id}/segments/1.m4s`, person)).json()).toMatchObject({ code: 'play_over' });
    expect((await endsOf(play.id)).map((event) => event.data.cause)).toEqual(['expired']);
  });

  it('ends at the moment the grant runs out, on record, told to its player, though nothing more is fetched', async () => {
    const base = `http://127.0.0.1:${(harness.app.server.address() as AddressInfo).port}`;
    const person = await viewer();
    await granted(person, 10, 300);
    const { body: play } = await start(person);
    const reply = await fetch(`${base}/api/stream`, { headers: { cookie: person.cookie } });
    const heard = listenTo(reply);
    harness.clock.advance(300);
    await expect.poll(async () => (await endsOf(play.id)).map((event) => event.data.cause)).toEqual(['expired']);
    await expect.poll(() => heard.text()).toContain(`"cause":"expired"`);
    expect(heard.text()).toContain(play.id);
    for (const part of ['segments/0.m4s', 'key', 'index.m3u8']) {
      expect((await get(`/api/plays/${play.id}/${part}`, person)).json(), part).toMatchObject({ code: 'play_over' });
    }
    expect(await endsOf(play.id)).toHaveLength(1);
    heard.close();
  });

  it('goes on where its last use was taken, and ends with another grant’s life no more than with its own', async () => {
    const person = await viewer();
    const first = await granted(person, 1);
    const { body: play } = await start(person);
    const second = await granted(person, 1);
    expect((await revoke(second)).status).toBe(200);
    expect((await get(`/api/plays/${play.id}/segments/0.m4s`, person)).statusCode).toBe(200);
    expect((await revoke(first)).status).toBe(200);
    await expect.poll(async () => (await endsOf(play.id)).map((event) => event.data.cause)).toEqual(['revoked']);
  });
});

describe('a supervisor', () => {
  it('says what it is for before anything plays, and that is on record', async () => {
    expect((await start(bureau.supervisor)).body).toMatchObject({
      status: 403,
      code: 'purpose_required',
      purposes: ['supervision', 'file_review'],
    });
    const { body } = await start(bureau.supervisor, { purpose: 'file_review' });
    expect(body).toMatchObject({ purpose: 'file_review', authorisation: null });
    const started = (await eventsOf(harness, 'play.started')).find((event) => event.data.play === body.id);
    expect(started?.data).toMatchObject({ rule: 'supervision_play', purpose: 'file_review' });
    expect((await start(bureau.supervisor, { purpose: 'other' })).body).toMatchObject({ code: 'approval_required' });
  });
});

/** What a stream of events has said so far. */
function listenTo(reply: Response): { text(): string; close(): void } {
  let text = '';
  const reader = reply.body?.getReader();
  const read = async (): Promise<void> => {
    for (;;) {
      const next = await reader?.read();
      if (!next || next.done) return;
      text += Buffer.from(next.value).toString('utf8');
    }
  };
  read().catch(() => undefined);
  return { text: () => text, close: () => void reader?.cancel() };
}
