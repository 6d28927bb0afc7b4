import { randomBytes } from 'node:crypto';
import type { Play } from '@fengcun/contracts';
import { makePerson, type TestPerson } from '@fengcun/identity/testing';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeBureau, requestsOf, type TestBureau } from '../testing/bureau.ts';
import { eventsOf } from '../testing/events.ts';
import { type Harness, startHarness } from '../testing/harness.ts';
import { makeCopyReady } from '../testing/make-copy.ts';
import { makeEvidence, type TestEvidence } from '../testing/make-evidence.ts';
import { publishLog } from '../testing/publish-log.ts';

let harness: Harness;
let bureau: TestBureau;
let person: TestPerson;
let item: TestEvidence;
let play: Play;
let copy: string;

beforeAll(async () => {
  harness = await startHarness({ config: { logFreshnessMs: 60_000 } });
  bureau = await makeBureau(harness);
  person = await makePerson(harness.owner, 'supervisor', { unit: bureau.section, now: harness.clock.now() });
  item = await makeEvidence(harness, { unit: bureau.section });
  await publishLog(harness);
  const api = requestsOf(harness);
  const asked = await api.ask(person, [item.id], { operations: ['package'] });
  await api.approve(bureau.legal, asked.id);
  await api.approve(bureau.head, asked.id);
  copy = (await call('POST', `/api/evidence/${item.id}/copies`, { operation: 'package' })).json().id;
  await makeCopyReady(harness, copy, randomBytes(1000));
  play = (await call('POST', `/api/evidence/${item.id}/plays`, { purpose: 'supervision' })).json();
  await publishLog(harness);
});
afterAll(() => harness.close());

const call = (method: 'GET' | 'POST', url: string, payload?: object) =>
  harness.app.inject({ method, url, headers: person.headers, ...(payload ? { payload } : {}) });

/** Everything by which footage is shown or leaves. */
const names = [
  'play',
  'playlist',
  'key',
  'init',
  'segment',
  'picture',
  'copy',
  'download',
  'continued download',
] as const;
const ways = () =>
  [
    ['play', 'POST', `/api/evidence/${item.id}/plays`, { purpose: 'supervision' }],
    ['playlist', 'GET', `/api/plays/${play.id}/index.m3u8`],
    ['key', 'GET', `/api/plays/${play.id}/key`],
    ['init', 'GET', `/api/plays/${play.id}/segments/init.mp4`],
    ['segment', 'GET', `/api/plays/${play.id}/segments/1.m4s`],
    ['picture', 'GET', `/api/plays/${play.id}/pictures/poster`],
    ['copy', 'POST', `/api/evidence/${item.id}/copies`, { operation: 'package' }],
    ['download', 'GET', `/api/copies/${copy}/content`],
    ['continued download', 'GET', `/api/copies/${copy}/content`, undefined, { range: 'bytes=10-' }],
  ] as const;

/** What each way answers now, and that not one byte of footage is in it. */
async function answers(): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [name, method, url, payload, headers] of ways()) {
    const reply = await harness.app.inject({
      method,
      url,
      headers: { ...person.headers, ...headers },
      ...(payload ? { payload } : {}),
    });
    const problem = String(reply.headers['content-type']).startsWith('application/problem+json');
    found[name] = problem ? `${reply.statusCode} ${reply.json().code}` : String(reply.statusCode);
  }
  return found;
}
const all = (answer: string) => Object.fromEntries(names.map((name) => [name, answer]));
const open = {
  ...all('200'),
  play: '201',
  copy: '202',
  'continued download': '206',
};

afterEach(async () => {
  await publishLog(harness);
  // Whatever was taken away is back, and everything goes on.
  expect(await answers()).toEqual(open);
});

describe('without a ledger not one byte leaves', () => {
  it('when it takes no events', async () => {
    await sql`revoke insert on ledger_event from fengcun_access`.execute(harness.owner);
    try {
      expect(await answers()).toEqual(all('503 not_recorded'));
    } finally {
      await sql`grant insert on ledger_event to fengcun_access`.execute(harness.owner);
    }
  });

  it('and as soon as it takes events again, everything goes on', async () => {
    const patient = await harness.another({ config: { logCheckMs: 3_600_000 } });
    const key = () => patient.inject({ method: 'GET', url: `/api/plays/${play.id}/key`, headers: person.headers });
    await sql`revoke insert on ledger_event from fengcun_access`.execute(harness.owner);
    try {
      expect((await key()).statusCode).toBe(503);
    } finally {
      await sql`grant insert on ledger_event to fengcun_access`.execute(harness.owner);
    }
    expect((await key()).statusCode).toBe(200);
  });

  it('when it cannot be read', async () => {
    await sql`revoke select on ledger_event from fengcun_access`.execute(harness.owner);
    try {
      expect(await answers()).toEqual(all('503 not_recorded'));
    } finally {
      await sql`grant select on ledger_event to fengcun_access`.execute(harness.owner);
    }
  });

  it('while somebody holds it locked', async () => {
    const held = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const holding = harness.owner.transaction().execute(async (tx) => {
      await sql`lock table ledger_event in access exclusive mode`.execute(tx);
      held.resolve();
      await release.promise;
    });
    await held.promise;
    const [segment, download, begun] = await Promise.all([
      call('GET', `/api/plays/${play.id}/segments/0.m4s`),
      call('GET', `/api/copies/${copy}/content`),
      call('POST', `/api/evidence/${item.id}/plays`, { purpose: 'supervision' }),
    ]);
    release.resolve();
    await holding;
    for (const reply of [segment, download, begun]) expect(reply.json()).toMatchObject({ code: 'not_recorded' });
  });

  it('when the database cannot be reached', async () => {
    const { rows } = await sql<{ name: string }>`select current_database() as name`.execute(harness.owner);
    const name = rows[0]?.name ?? '';
    await sql`alter database ${sql.id(name)} connection limit 0`.execute(harness.owner);
    await sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${name} and usename = 'fengcun_access'`.execute(
      harness.owner,
    );
    try {
      for (const [way, answer] of Object.entries(await answers()))
        expect(Number(answer.slice(0, 3)), way).toBeGreaterThanOrEqual(500);
    } finally {
      await sql`alter database ${sql.id(name)} connection limit -1`.execute(harness.owner);
    }
  });

  it('when it has published nothing for too long, and that is on record', async () => {
    const before = (await eventsOf(harness, 'access.denied')).length;
    // The last round of answers has left events that nobody publishes.
    expect(await answers()).toEqual(open);
    harness.clock.advance(59_000);
    expect(await answers()).toEqual(open);
    harness.clock.advance(2_000);
    expect(await answers()).toEqual(all('503 log_behind'));
    const denied = (await eventsOf(harness, 'access.denied')).slice(before);
    expect(denied.map((event) => event.data.code)).toContain('log_behind');
    // The item's page, which shows no footage, still answers.
    expect((await call('GET', `/api/evidence/${item.id}`)).statusCode).toBe(200);
  });

  it('when entries are placed and no checkpoint over them is signed', async () => {
    expect(await answers()).toEqual(open);
    const { rows } = await sql<{ placed: boolean }>`
      with placed as (
        insert into ledger_entry (index, event_id, leaf_hash)
        select (select max(size) from ledger_checkpoint) + row_number() over (order by event_id) - 1 + 1000000, event_id, decode(repeat('00', 32), 'hex')
        from ledger_pending returning true
      ) select bool_or(true) as placed from placed`.execute(harness.owner);
    expect(rows[0]?.placed).toBe(true);
    const { rows: waiting } = await sql<{ event_id: number }>`delete from ledger_pending returning event_id`.execute(
      harness.owner,
    );
    harness.clock.advance(61_000);
    try {
      expect(await answers()).toEqual(all('503 log_behind'));
    } finally {
      await sql`alter table ledger_entry disable trigger user`.execute(harness.owner);
      await sql`delete from ledger_entry where index >= 1000000`.execute(harness.owner);
      await sql`alter table ledger_entry enable trigger user`.execute(harness.owner);
      for (const { event_id } of waiting)
        await harness.owner.insertInto('ledger_pending').values({ event_id }).execute();
    }
  });
});
