import { newId, notifyChange } from '@fengcun/catalog';
import { type Change, changeChannel } from '@fengcun/contracts';
import { makePerson, makeUnit, type TestPerson, type TestUnit } from '@fengcun/identity/testing';
import Fastify, { type FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Harness, startHarness } from '../testing/harness.ts';
import { ChangeHub, type Subscriber } from './hub.ts';

let harness: Harness;
let unit: TestUnit;
let base: string;
const open: AbortController[] = [];

beforeAll(async () => {
  harness = await startHarness();
  unit = await makeUnit(harness.owner);
  base = await harness.app.listen({ host: '127.0.0.1', port: 0 });
});
afterEach(() => {
  for (const controller of open.splice(0)) controller.abort();
});
afterAll(() => harness.close());

/** Follows a stream; `events` grows, `ended` resolves when the server ends it. */
async function follow(as: TestPerson) {
  const controller = new AbortController();
  open.push(controller);
  const response = await fetch(`${base}/api/stream`, { headers: { cookie: as.cookie }, signal: controller.signal });
  expect(response.status).toBe(200);
  const events: { event: string; data: Change }[] = [];
  let text = '';
  const ended = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const [, event, data] = /^event: (.+)\ndata: (.+)$/.exec(block) ?? [];
        if (event && data) events.push({ event, data: JSON.parse(data) });
      }
    }
  })().catch(() => undefined);
  return { response, events, ended, abort: () => controller.abort() };
}
const change = (of: TestUnit): Change => ({ kind: 'evidence', id: newId(), unit: of.id });
const notify = (it: Change) => notifyChange(harness.owner, it);

describe('the stream', () => {
  it('delivers what the reader can see, below their unit too, and nothing else', async () => {
    const officer = await makePerson(harness.owner, 'officer', { unit });
    const below = await makeUnit(harness.owner, { parent: unit });
    const elsewhere = await makeUnit(harness.owner);
    const stream = await follow(officer);
    expect(stream.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(stream.response.headers.get('x-content-type-options')).toBe('nosniff');
    const [own, lower, foreign] = [change(unit), change(below), change(elsewhere)];
    const site: Change = { kind: 'alarm', id: newId(), unit: null };
    const foreignAlarm: Change = { kind: 'alarm', id: newId(), unit: elsewhere.id };
    const last: Change = { kind: 'checkpoint', size: 7 };
    for (const it of [foreign, own, foreignAlarm, lower, site, last]) await notify(it);
    await vi.waitFor(() => expect(stream.events).toHaveLength(4));
    expect(stream.events).toEqual([own, lower, site, last].map((data) => ({ event: data.kind, data })));
  });

  it('passes on nothing that is no change, and goes on', async () => {
    const stream = await follow(await makePerson(harness.owner, 'officer', { unit }));
    for (const text of ['', 'x', '{}', '{"kind":"evidence","id":"1"}', '{"kind":"film"}']) {
      await sql`select pg_notify(${changeChannel}, ${text})`.execute(harness.owner);
    }
    const good = change(unit);
    await notify(good);
    await vi.waitFor(() => expect(stream.events).toEqual([{ event: 'evidence', data: good }]));
  });

  it('ends for everybody when the connection to the database was lost, and comes back', async () => {
    const person = await makePerson(harness.owner, 'officer', { unit });
    const stream = await follow(person);
    await sql`select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'fengcun-listen' and datname = current_database()`.execute(harness.owner);
    await stream.ended;
    const again = await follow(person);
    const good = change(unit);
    await notify(good);
    await vi.waitFor(() => expect(again.events).toHaveLength(1));
  });

  it('keeps a few for each session; the oldest goes', async () => {
    const person = await makePerson(harness.owner, 'officer', { unit });
    const first = await follow(person);
    for (let i = 0; i < 6; i++) await follow(person);
    await first.ended;
  });

  it('is refused without a session', async () => {
    expect((await fetch(`${base}/api/stream`)).status).toBe(401);
  });

  it('ends when the service closes', async () => {
    const app = await harness.another();
    const address = await app.listen({ host: '127.0.0.1', port: 0 });
    const person = await makePerson(harness.owner, 'officer', { unit });
    const response = await fetch(`${address}/api/stream`, { headers: { cookie: person.cookie } });
    const text = response.text();
    await app.close();
    expect(await text).toContain('retry: 2000');
  });
});

describe('at a heartbeat', () => {
  async function beating(): Promise<{ app: FastifyInstance; address: string }> {
    const { identity } = await import('@fengcun/identity');
    const { streamRoutes } = await import('./routes.ts');
    const catalog = harness.database.as('fengcun_access');
    const app = Fastify();
    await app.register(identity, { catalog, audience: 'x', clock: harness.clock });
    const access = {
      config: {} as never,
      secrets: undefined as never,
      catalog,
      vault: harness.vault,
      replica: null,
      clock: harness.clock,
    };
    streamRoutes(app, access, { heartbeatMs: 30 });
    return { app, address: await app.listen({ host: '127.0.0.1', port: 0 }) };
  }

  it('the stream of a session that is over ends', async () => {
    const { app, address } = await beating();
    const person = await makePerson(harness.owner, 'officer', { unit, now: harness.clock.now() });
    const response = await fetch(`${address}/api/stream`, { headers: { cookie: person.cookie } });
    const text = response.text();
    await harness.owner
      .updateTable('session')
      .set({ closed_at: new Date() })
      .where('id', '=', person.session)
      .execute();
    expect(await text).toContain('retry:');
    await app.close();
  });

  it('a reader’s units are those of now', async () => {
    const { app, address } = await beating();
    const person = await makePerson(harness.owner, 'officer', { unit, now: harness.clock.now() });
    const moved = await makeUnit(harness.owner);
    const controller = new AbortController();
    const response = await fetch(`${address}/api/stream`, {
      headers: { cookie: person.cookie },
      signal: controller.signal,
    });
    await harness.owner
      .updateTable('account_role')
      .set({ unit_id: moved.id })
      .where('account_id', '=', person.id)
      .execute();
    const reader = response.body?.getReader();
    let text = '';
    while (!text.includes(moved.id)) {
      await notify(change(moved));
      text += new TextDecoder().decode((await reader?.read())?.value);
    }
    controller.abort();
    await app.close();
  });
});

describe('a reader that does not keep up', () => {
  it('is dropped; the others go on', async () => {
    const catalog = harness.database.as('fengcun_access');
    const hub = new ChangeHub(catalog, harness.app.log);
    await hub.ready();
    const received: string[] = [];
    const ends: string[] = [];
    const subscriber = (name: string, keepsUp: boolean): Subscriber => ({
      session: name,
      sees: () => true,
      send(message) {
        received.push(`${name} ${message}`);
        return keepsUp;
      },
      end: () => void ends.push(name),
    });
    hub.add(subscriber('slow', false));
    hub.add(subscriber('quick', true));
    await notify(change(unit));
    await notify(change(unit));
    await vi.waitFor(() => expect(received).toHaveLength(3));
    expect(received.map((line) => line.split(' ')[0])).toEqual(['slow', 'quick', 'quick']);
    expect(ends).toEqual(['slow']);
    await hub.close();
  });
});
