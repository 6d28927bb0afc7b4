import type { Play } from '@fengcun/contracts';
import { makePerson, makeSession, makeUnit, type TestPerson, type TestUnit } from '@fengcun/identity/testing';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSweeper } from '../sweeper.ts';
import { eventsOf } from '../testing/events.ts';
import { type Harness, startHarness } from '../testing/harness.ts';
import { makeEvidence, type TestEvidence } from '../testing/make-evidence.ts';
import { Plays } from './plays.ts';

let harness: Harness;
let unit: TestUnit;
let officer: TestPerson;
let item: TestEvidence;

beforeAll(async () => {
  harness = await startHarness();
  unit = await makeUnit(harness.owner);
  officer = await makePerson(harness.owner, 'supervisor', { unit, name: '李警官', now: harness.clock.now() });
  item = await makeEvidence(harness, { unit });
});
afterAll(() => harness.close());

const post = (url: string, as: { headers: Record<string, string> }, payload?: object) =>
  harness.app.inject({ method: 'POST', url, headers: as.headers, ...(payload ? { payload } : {}) });
const get = (url: string, as: { cookie: string }) => harness.app.inject({ url, headers: { cookie: as.cookie } });
const supervising = { purpose: 'supervision' };
const begin = async (as: TestPerson = officer, evidence = item.id) => {
  const reply = await post(`/api/evidence/${evidence}/plays`, as, supervising);
  expect(reply.statusCode, reply.body).toBe(201);
  return reply.json() as Play & { poster: string };
};
const endsOf = async (play: string) =>
  (await eventsOf(harness, 'play.ended'))
    .filter((e) => e.data.play === play)
    .map((e) => ({ actor: e.actor, ...e.data }));
const sweep = async () => {
  const access = {
    config: { playIdleMs: 1 } as never,
    secrets: undefined as never,
    replica: null,
    catalog: harness.database.as('fengcun_access'),
    vault: harness.vault,
    clock: harness.clock,
  };
  const sweeper = startSweeper(access, new Plays(access, harness.app.log), harness.app.log);
  await sweeper.sweep();
  await sweeper.close();
};

describe('a session of play', () => {
  it('is on record, with the rule, before anything is served', async () => {
    const reply = await post(`/api/evidence/${item.id}/plays`, officer, supervising);
    const play = reply.json();
    const event = (await eventsOf(harness, 'play.started')).find((e) => e.data.play === play.id);
    expect(event).toMatchObject({
      actor: officer.id,
      subject: item.id,
      data: { play: play.id, rule: 'supervision_play', purpose: 'supervision' },
    });
    expect(play).toMatchObject({
      evidence: item.id,
      event: String(event?.id),
      playlist: `/api/plays/${play.id}/index.m3u8`,
      poster: `/api/plays/${play.id}/pictures/poster`,
      viewer: expect.stringContaining('李警官 '),
    });
  });

  it('gives playlist, key, init, segments and poster as they are stored', async () => {
    const play = await begin();
    const playlist = await get(String(play.playlist), officer);
    expect(playlist.headers).toMatchObject({
      'content-type': 'application/vnd.apple.mpegurl',
      'cache-control': 'no-store',
    });
    expect(playlist.body).toContain('#EXT-X-MAP:URI="segments/init.mp4"');
    expect(playlist.body.match(/^segments\/\d\.m4s$/gm)).toEqual([
      'segments/0.m4s',
      'segments/1.m4s',
      'segments/2.m4s',
    ]);
    const key = await get(`/api/plays/${play.id}/key`, officer);
    expect(key.rawPayload).toEqual(item.proxyKey);
    expect(key.headers['cache-control']).toBe('no-store');
    const init = await get(`/api/plays/${play.id}/segments/init.mp4`, officer);
    expect(init.rawPayload).toEqual(item.proxyBytes.subarray(0, 100));
    const segment = await get(`/api/plays/${play.id}/segments/2.m4s`, officer);
    expect(segment.rawPayload).toEqual(item.proxyBytes.subarray(2100, 3100));
    expect(segment.headers).toMatchObject({ 'content-length': '1000', 'content-type': 'video/mp4' });
    expect(segment.headers['cache-control']).toContain('private');
    const poster = await get(play.poster, officer);
    expect([poster.headers['content-type'], poster.body]).toEqual(['image/jpeg', 'jpeg']);
  });

  it('says where each small picture lies on the sheet it hands out', async () => {
    const tiles = [
      { startMs: 0, x: 0, y: 0, w: 160, h: 90 },
      { startMs: 1000, x: 160, y: 0, w: 160, h: 90 },
    ];
    const { id } = await makeEvidence(harness, { unit, thumbnails: { mediaType: 'image/jpeg', width: 320, tiles } });
    const play = await begin(officer, id);
    expect(play.thumbnails).toEqual({ sprite: `/api/plays/${play.id}/pictures/thumbnails`, tiles });
    const sheet = await get(play.thumbnails?.sprite ?? '', officer);
    expect([sheet.statusCode, sheet.headers['content-type'], sheet.body]).toEqual([200, 'image/jpeg', 'sheet']);
  });

  it.each([
    ['has no sheet', undefined],
    ['has a sheet that nobody can read', { mediaType: 'image/jpeg' }],
    ['has a sheet without a picture', { mediaType: 'image/jpeg', tiles: [] }],
  ])('offers no small pictures of an item that %s', async (_, thumbnails) => {
    const { id } = await makeEvidence(harness, { unit, ...(thumbnails ? { thumbnails } : {}) });
    expect((await begin(officer, id)).thumbnails).toBeNull();
  });

  it.each(['segments/3.m4s', 'segments/999999.m4s', 'pictures/thumbnails'])('has no %s', async (part) => {
    const play = await begin();
    expect((await get(`/api/plays/${play.id}/${part}`, officer)).statusCode).toBe(404);
  });

  it.each([
    'segments/..',
    'segments/-1.m4s',
    'segments/1e3.m4s',
    'segments/01.m4s',
    'segments/0',
    'segments/init',
    'pictures/original',
  ])('refuses %s', async (part) => {
    const play = await begin();
    expect((await get(`/api/plays/${play.id}/${part}`, officer)).statusCode).toBeGreaterThanOrEqual(400);
  });

  it('is the person’s own and the session’s own', async () => {
    const play = await begin();
    const colleague = await makePerson(harness.owner, 'supervisor', { unit });
    const otherBrowser = await makeSession(harness.owner, officer.id, harness.clock.now());
    for (const who of [colleague, otherBrowser]) {
      for (const part of ['index.m3u8', 'key', 'segments/0.m4s', 'pictures/poster']) {
        expect((await get(`/api/plays/${play.id}/${part}`, who)).statusCode, part).toBe(404);
      }
      expect((await post(`/api/plays/${play.id}/end`, who, { watched: [] })).statusCode).toBe(404);
    }
  });

  it('ended by the viewer gives nothing more, and says what was watched as far as it was handed out', async () => {
    const play = await begin();
    await get(`/api/plays/${play.id}/segments/0.m4s`, officer);
    await get(`/api/plays/${play.id}/segments/2.m4s`, officer);
    const watched = [
      { from: 1000, to: 3000 },
      { from: 2000, to: 99_000 },
    ];
    expect((await post(`/api/plays/${play.id}/end`, officer, { watched })).statusCode).toBe(204);
    expect((await post(`/api/plays/${play.id}/end`, officer, { watched: [] })).statusCode).toBe(204);
    expect(await endsOf(play.id)).toEqual([
      {
        actor: officer.id,
        play: play.id,
        cause: 'viewer',
        watched: [
          { from: 1000, to: 6000 },
          { from: 12_000, to: 18_000 },
        ],
        served: [
          { from: 0, to: 6000 },
          { from: 12_000, to: 18_000 },
        ],
      },
    ]);
    for (const part of ['index.m3u8', 'key', 'segments/0.m4s', 'pictures/poster']) {
      expect((await get(`/api/plays/${play.id}/${part}`, officer)).json(), part).toMatchObject({
        status: 410,
        code: 'play_over',
      });
    }
  });

  it('whose viewer vanished ends by itself with what was handed out', async () => {
    const play = await begin();
    await get(`/api/plays/${play.id}/segments/1.m4s`, officer);
    harness.clock.advance(9 * 60_000);
    await get(`/api/plays/${play.id}/segments/2.m4s`, officer);
    harness.clock.advance(9 * 60_000);
    await sweep();
    expect(await endsOf(play.id)).toEqual([]);
    harness.clock.advance(60_000);
    expect((await get(`/api/plays/${play.id}/key`, officer)).statusCode).toBe(410);
    await Promise.all([sweep(), sweep()]);
    const range = [{ from: 6000, to: 18_000 }];
    expect(await endsOf(play.id)).toEqual([
      { actor: 'access', play: play.id, cause: 'expired', watched: range, served: range },
    ]);
  });

  it('ends when the viewer signs out', async () => {
    const person = await makePerson(harness.owner, 'supervisor', { unit, now: harness.clock.now() });
    const play = await begin(person);
    await harness.app.inject({ method: 'DELETE', url: '/api/session', headers: person.headers });
    expect(await endsOf(play.id)).toMatchObject([{ cause: 'viewer' }]);
    expect((await get(`/api/plays/${play.id}/key`, person)).statusCode).toBe(401);
  });

  it('ends in its middle when the right to it is taken away', async () => {
    const person = await makePerson(harness.owner, 'supervisor', { unit, now: harness.clock.now() });
    const other = await makeUnit(harness.owner);
    const play = await begin(person);
    await harness.owner
      .updateTable('account_role')
      .set({ unit_id: other.id })
      .where('account_id', '=', person.id)
      .execute();
    expect((await get(`/api/plays/${play.id}/segments/0.m4s`, person)).json()).toMatchObject({ code: 'play_over' });
    expect(await endsOf(play.id)).toMatchObject([{ cause: 'revoked', served: [] }]);
  });
});

describe('no record, no byte', () => {
  it('is begun only when the event is committed', async () => {
    await sql`revoke insert on ledger_event from fengcun_access`.execute(harness.owner);
    const before = await harness.owner.selectFrom('play').select('id').execute();
    try {
      expect((await post(`/api/evidence/${item.id}/plays`, officer, supervising)).json()).toMatchObject({
        status: 503,
        code: 'not_recorded',
      });
    } finally {
      await sql`grant insert on ledger_event to fengcun_access`.execute(harness.owner);
    }
    expect(await harness.owner.selectFrom('play').select('id').execute()).toEqual(before);
  });

  it('is begun only when the commit itself succeeds', async () => {
    await sql`create function refuse_commit() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$`.execute(
      harness.owner,
    );
    await sql`create constraint trigger refuse after insert on ledger_event deferrable initially deferred for each row
      when (new.type = 'play.started') execute function refuse_commit()`.execute(harness.owner);
    try {
      expect((await post(`/api/evidence/${item.id}/plays`, officer, supervising)).json()).toMatchObject({
        code: 'not_recorded',
      });
    } finally {
      await sql`drop trigger refuse on ledger_event`.execute(harness.owner);
    }
  });

  it('hands out no segment that it cannot note', async () => {
    const play = await begin();
    await sql`revoke update on play from fengcun_access`.execute(harness.owner);
    await sql`revoke update (ended_at, expires_at, served) on play from fengcun_access`.execute(harness.owner);
    try {
      expect((await get(`/api/plays/${play.id}/segments/0.m4s`, officer)).json()).toMatchObject({
        code: 'not_recorded',
      });
    } finally {
      await sql`grant update (ended_at, expires_at, served) on play to fengcun_access`.execute(harness.owner);
    }
  });
});

describe('who may not', () => {
  it.each(['auditor', 'system_admin', 'security_admin'] as const)(
    '%s is refused at the door, on record',
    async (role) => {
      const person = await makePerson(harness.owner, role, { unit, now: harness.clock.now() });
      expect((await post(`/api/evidence/${item.id}/plays`, person, supervising)).json()).toMatchObject({
        status: 403,
        code: 'role_required',
      });
      const denied = (await eventsOf(harness, 'access.denied')).filter((e) => e.actor === person.id);
      expect(denied.map((e) => e.data)).toMatchObject([
        { route: 'POST /api/evidence/:id/plays', code: 'role_required' },
      ]);
    },
  );

  it.each(['auditor', 'system_admin', 'security_admin'] as const)(
    'an officer who is also %s is refused by the rule, on record',
    async (role) => {
      const person = await makePerson(harness.owner, ['officer', role], { unit, now: harness.clock.now() });
      expect((await post(`/api/evidence/${item.id}/plays`, person, supervising)).json()).toMatchObject({
        status: 403,
        code: 'denied',
        rule: 'administrators_never_open_footage',
      });
      const denied = (await eventsOf(harness, 'access.denied')).filter((e) => e.actor === person.id);
      expect(denied).toMatchObject([
        { subject: item.id, data: { code: 'denied', rule: 'administrators_never_open_footage' } },
      ]);
    },
  );

  it('somebody of another unit finds nothing', async () => {
    const person = await makePerson(harness.owner, 'supervisor', { now: harness.clock.now() });
    expect((await post(`/api/evidence/${item.id}/plays`, person, supervising)).statusCode).toBe(404);
  });

  it('a page of another site', async () => {
    const headers = { cookie: officer.cookie, 'sec-fetch-site': 'cross-site' };
    expect((await post(`/api/evidence/${item.id}/plays`, { headers }, supervising)).json()).toMatchObject({
      code: 'cross_site',
    });
  });
});

describe('an item that cannot be played', () => {
  it.each([
    ['pending', 'proxy_pending'],
    ['failed', 'nothing_to_play'],
    ['nothing_to_play', 'nothing_to_play'],
  ] as const)('because its copy is %s says so', async (proxy, code) => {
    const other = await makeEvidence(harness, { unit, proxy });
    expect((await post(`/api/evidence/${other.id}/plays`, officer, supervising)).json()).toMatchObject({
      status: 409,
      code,
    });
  });

  it('because the vault lost the copy fails without a false byte', async () => {
    const other = await makeEvidence(harness, { unit });
    await harness.owner
      .updateTable('derivative')
      .set({ vault_version: 'gone' })
      .where('evidence_id', '=', other.id)
      .where('kind', '=', 'proxy')
      .execute();
    const play = await begin(officer, other.id);
    expect((await get(`/api/plays/${play.id}/segments/0.m4s`, officer)).statusCode).toBe(500);
  });
});

describe('an end with bad ranges', () => {
  it.each([
    {},
    { watched: [{ from: -1, to: 2 }] },
    { watched: [{ from: 0 }] },
    { watched: Array(1001).fill({ from: 0, to: 1 }) },
  ])('is refused', async (body) => {
    const play = await begin();
    expect((await post(`/api/plays/${play.id}/end`, officer, body)).json()).toMatchObject({ code: 'invalid_input' });
  });
});
