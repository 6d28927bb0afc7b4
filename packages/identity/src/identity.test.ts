import { createHmac, generateKeyPairSync } from 'node:crypto';
import { type Database, newId } from '@fengcun/catalog';
import { createTestDatabase, type TestDatabase } from '@fengcun/catalog/testing';
import type { RouteRule } from '@fengcun/contracts';
import { testPostgresUrl } from '@fengcun/local/testing';
import { type Clock, createHttpServer, createLogger, createMetrics } from '@fengcun/runtime';
import type { FastifyInstance } from 'fastify';
import { SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { actorOf, identity, recordDenial, recordRefusedSignIn, visibleUnits } from './index.ts';
import { makeDock, makePerson, makeUnit, testAudience } from './testing/index.ts';

let database: TestDatabase;
let owner: Database;
let catalog: Database;
let app: FastifyInstance;
let bodiesRead: number;
const clock: Clock & { at: Date } = { at: new Date(), now: () => clock.at };
const later = (ms: number) => {
  clock.at = new Date(clock.at.getTime() + ms);
};

beforeAll(async () => {
  database = await createTestDatabase(testPostgresUrl());
  owner = database.as('owner');
  catalog = database.as('fengcun_ledger');
});
afterAll(() => database.drop());

beforeEach(async () => {
  clock.at = new Date();
  bodiesRead = 0;
  app = createHttpServer({
    logger: createLogger({ name: 'test', level: 'silent' }),
    metrics: createMetrics('test'),
    health: [],
  });
  await app.register(async (scope) => {
    await scope.register(identity, { catalog, audience: testAudience, clock });
    scope.addHook('preParsing', async (_request, _reply, payload) => {
      bodiesRead++;
      return payload;
    });
    const add = (url: string, rule: RouteRule) =>
      scope.route({
        method: ['GET', 'POST'],
        url,
        config: { rule },
        handler: async (request) => ({ actor: actorOf(request.caller) }),
      });
    add('/public', { who: 'public' });
    add('/person', { who: 'person', roles: [] });
    add('/asked', { who: 'person', roles: [], askedByStrangers: true });
    add('/security', { who: 'person', roles: ['security_admin', 'auditor'] });
    add('/dock', { who: 'dock' });
    add('/either', { who: 'dock-or-person', roles: ['officer'] });
  });
});
afterEach(() => app.close());

const denials = async () => {
  const rows = await owner
    .selectFrom('ledger_event')
    .selectAll()
    .where('type', '=', 'access.denied')
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    actor: row.actor_id,
    subject: row.subject_id,
    ...JSON.parse(row.entry.toString()).data,
  }));
};
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe('a person', () => {
  it('is known by the cookie', async () => {
    const person = await makePerson(owner, 'officer');
    const reply = await app.inject({ url: '/person', headers: { cookie: person.cookie } });
    expect(reply.json()).toEqual({ actor: { kind: 'account', id: person.id, name: { personal: person.name } } });
  });

  it('without a cookie is asked to sign in, before the body is read', async () => {
    const reply = await app.inject({ method: 'POST', url: '/person', payload: { a: 1 } });
    expect(reply.statusCode).toBe(401);
    expect(reply.json()).toMatchObject({ code: 'sign_in_required', type: 'urn:fengcun:problem:sign_in_required' });
    expect(reply.headers['www-authenticate']).toContain('Cookie realm="fengcun"');
    expect(bodiesRead).toBe(0);
  });

  it('who opens a sign-in page is told that nobody is signed in, and only a session that is over is a refusal', async () => {
    const before = (await denials()).length;
    expect((await app.inject({ url: '/asked' })).json()).toMatchObject({ code: 'sign_in_required', status: 401 });
    expect(await denials()).toHaveLength(before);
    await app.inject({ url: '/asked', headers: { cookie: `fengcun_session=${'A'.repeat(43)}` } });
    expect((await denials()).slice(before)).toMatchObject([{ route: 'GET /asked', code: 'session_over' }]);
    await app.inject({ url: '/person' });
    expect((await denials()).slice(before + 1)).toMatchObject([{ route: 'GET /person', code: 'sign_in_required' }]);
  });

  it.each(['x', 'A'.repeat(43), '../../etc', `${'B'.repeat(43)};`])(
    'with the cookie %j is not let in',
    async (token) => {
      const reply = await app.inject({ url: '/person', headers: { cookie: `fengcun_session=${token}` } });
      expect(reply.statusCode).toBe(401);
    },
  );

  it('with a role the route asks for passes; without, the refusal is recorded with name and route', async () => {
    const [auditor, officer] = [await makePerson(owner, 'auditor'), await makePerson(owner, 'officer')];
    expect((await app.inject({ url: '/security', headers: { cookie: auditor.cookie } })).statusCode).toBe(200);
    const refused = await app.inject({ url: '/security?secret=1', headers: { cookie: officer.cookie } });
    expect(refused.statusCode).toBe(403);
    expect(refused.json()).toMatchObject({ code: 'role_required' });
    expect((await denials()).filter((d) => d.actor === officer.id)).toEqual([
      {
        actor: officer.id,
        subject: 'GET /security',
        route: 'GET /security',
        code: 'role_required',
        rule: null,
        suppressed: 0,
      },
    ]);
  });

  it('loses a role at the next request', async () => {
    const person = await makePerson(owner, 'auditor');
    await owner.deleteFrom('account_role').where('account_id', '=', person.id).execute();
    expect((await app.inject({ url: '/security', headers: { cookie: person.cookie } })).statusCode).toBe(403);
  });

  it('is turned away when the account is disabled, and the session is closed on record', async () => {
    const person = await makePerson(owner, 'officer');
    await owner.updateTable('account').set({ disabled_at: new Date() }).where('id', '=', person.id).execute();
    expect((await app.inject({ url: '/person', headers: { cookie: person.cookie } })).statusCode).toBe(401);
    const { closed_at } = await owner
      .selectFrom('session')
      .selectAll()
      .where('id', '=', person.session)
      .executeTakeFirstOrThrow();
    expect(closed_at).not.toBeNull();
  });

  it.each([
    ['supervisor', 14, 16],
    ['officer', 8 * 60 - 1, 8 * 60 + 1],
  ] as const)('%s: idle %i minutes is fine, %i is over, and the end is recorded once', async (role, fine, over) => {
    const person = await makePerson(owner, role, { now: clock.at });
    const headers = { cookie: person.cookie };
    later(fine * 60_000);
    expect((await app.inject({ url: '/person', headers })).statusCode).toBe(200);
    if (role === 'supervisor') {
      later(fine * 60_000);
      expect((await app.inject({ url: '/person', headers })).statusCode).toBe(200);
      later(over * 60_000);
    } else later(5 * 60 * 60_000);
    const replies = await Promise.all([
      app.inject({ url: '/person', headers }),
      app.inject({ url: '/person', headers }),
    ]);
    for (const reply of replies) {
      expect(reply.statusCode).toBe(401);
      expect(reply.json().code).toBe('session_over');
    }
    const ends = await owner
      .selectFrom('ledger_event')
      .selectAll()
      .where('type', '=', 'session.closed')
      .where('subject_id', '=', person.session)
      .execute();
    expect(ends.map((row) => JSON.parse(row.entry.toString()).data)).toEqual([
      { session: person.session, cause: 'expired' },
    ]);
  });

  it('is signed out after twelve hours of constant use', async () => {
    const person = await makePerson(owner, 'officer', { now: clock.at });
    const headers = { cookie: person.cookie };
    for (let hour = 1; hour < 12; hour++) {
      later(60 * 60_000);
      expect((await app.inject({ url: '/person', headers })).statusCode).toBe(200);
    }
    later(60 * 60_000);
    expect((await app.inject({ url: '/person', headers })).statusCode).toBe(401);
  });

  it.each([
    ['what a page fetches by itself', { 'fengcun-background': '1' }],
    ['a live stream that reconnects', { accept: 'text/event-stream' }],
  ])('is not kept signed in by %s', async (_, automatic) => {
    const person = await makePerson(owner, 'supervisor', { now: clock.at });
    const headers = { cookie: person.cookie, ...automatic };
    later(10 * 60_000);
    expect((await app.inject({ url: '/person', headers })).statusCode).toBe(200);
    later(10 * 60_000);
    expect((await app.inject({ url: '/person', headers })).statusCode).toBe(401);
  });

  it('use is written at most once a minute', async () => {
    const person = await makePerson(owner, 'officer', { now: clock.at });
    const seen = async () =>
      (
        await owner
          .selectFrom('session')
          .select('last_seen_at')
          .where('id', '=', person.session)
          .executeTakeFirstOrThrow()
      ).last_seen_at;
    const first = await seen();
    later(59_000);
    await app.inject({ url: '/person', headers: { cookie: person.cookie } });
    expect(await seen()).toEqual(first);
    later(2_000);
    await app.inject({ url: '/person', headers: { cookie: person.cookie } });
    expect(await seen()).toEqual(clock.at);
  });
});

describe('a change', () => {
  it.each([
    ['from our own page', { 'sec-fetch-site': 'same-origin' }, 200],
    ['from an old browser on our page', { origin: 'http://localhost:80', host: 'localhost:80' }, 403],
    [
      'from an old browser on our page, default port',
      { origin: 'http://evidence.example', host: 'evidence.example' },
      200,
    ],
    ['from another site', { 'sec-fetch-site': 'cross-site' }, 403],
    ['from a sibling site', { 'sec-fetch-site': 'same-site' }, 403],
    ['from an address bar', { 'sec-fetch-site': 'none' }, 403],
    ['from another origin', { origin: 'http://evil.example', host: 'evidence.example' }, 403],
    ['from nowhere', { origin: 'null' }, 403],
    ['without a word about its origin', {}, 403],
  ])('with a cookie %s', async (_name, headers, status) => {
    const person = await makePerson(owner, 'officer');
    const reply = await app.inject({ method: 'POST', url: '/person', headers: { cookie: person.cookie, ...headers } });
    expect(reply.statusCode).toBe(status);
    if (status === 403) expect(reply.json().code).toBe('cross_site');
  });

  it('without a cookie is refused on a public route only when it says it is from elsewhere', async () => {
    const post = (headers: Record<string, string>) => app.inject({ method: 'POST', url: '/public', headers });
    expect((await post({})).statusCode).toBe(200);
    expect((await post({ 'sec-fetch-site': 'same-origin' })).statusCode).toBe(200);
    expect((await post({ 'sec-fetch-site': 'cross-site' })).statusCode).toBe(403);
    expect((await post({ origin: 'https://evil.example' })).statusCode).toBe(403);
  });
});

describe('a dock', () => {
  it('is known by its token, and its last word is noted', async () => {
    const dock = await makeDock(owner);
    const reply = await app.inject({ method: 'POST', url: '/dock', headers: bearer(await dock.token()) });
    expect(reply.json()).toEqual({ actor: { kind: 'dock', id: dock.id, name: { personal: dock.name } } });
    const row = await owner
      .selectFrom('dock')
      .select('last_seen_at')
      .where('id', '=', dock.id)
      .executeTakeFirstOrThrow();
    expect(row.last_seen_at).toEqual(clock.at);
  });

  it('passes where docks or persons may, and not where only persons may', async () => {
    const dock = await makeDock(owner);
    const headers = bearer(await dock.token());
    expect((await app.inject({ url: '/either', headers })).statusCode).toBe(200);
    const refused = await app.inject({ url: '/person', headers });
    expect([refused.statusCode, refused.json().code]).toEqual([403, 'wrong_caller']);
  });

  it('a person is not a dock', async () => {
    const person = await makePerson(owner, 'officer');
    const reply = await app.inject({ url: '/dock', headers: { cookie: person.cookie } });
    expect([reply.statusCode, reply.json().code]).toEqual([403, 'wrong_caller']);
  });

  it('without a token is told how', async () => {
    const reply = await app.inject({ url: '/dock' });
    expect([reply.statusCode, reply.json().code]).toEqual([401, 'token_required']);
    expect(reply.headers['www-authenticate']).toBe('Bearer realm="fengcun"');
  });

  it('is refused at the request after its revocation', async () => {
    const dock = await makeDock(owner);
    const headers = bearer(await dock.token());
    expect((await app.inject({ url: '/dock', headers })).statusCode).toBe(200);
    await owner.updateTable('dock').set({ revoked_at: new Date() }).where('id', '=', dock.id).execute();
    const reply = await app.inject({ url: '/dock', headers });
    expect([reply.statusCode, reply.json().code]).toEqual([401, 'dock_revoked']);
    expect((await denials()).find((d) => d.actor === dock.id)).toMatchObject({ code: 'dock_revoked' });
  });

  it('with a bad token is refused even if a good cookie comes along', async () => {
    const person = await makePerson(owner, 'officer');
    const reply = await app.inject({ url: '/either', headers: { cookie: person.cookie, ...bearer('nonsense') } });
    expect([reply.statusCode, reply.json().code]).toEqual([401, 'token_invalid']);
  });

  const stranger = generateKeyPairSync('ed25519').privateKey;
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = (sub: string) => {
    const iat = Math.floor(Date.now() / 1000);
    return { sub, aud: testAudience, iat, exp: iat + 60 };
  };
  type Dock = Awaited<ReturnType<typeof makeDock>>;
  const signed = (dock: Dock, change: (jwt: SignJWT) => SignJWT) =>
    change(new SignJWT(claims(dock.id)).setProtectedHeader({ alg: 'EdDSA', kid: dock.id })).sign(stranger);
  const cases: [string, (dock: Dock) => Promise<string>, string][] = [
    ['for another site', (dock) => dock.token({ audience: 'elsewhere' }), 'token_elsewhere'],
    ['expired', (dock) => dock.token({ now: new Date(Date.now() - 200_000), lifetimeSeconds: 60 }), 'token_expired'],
    ['from the future', (dock) => dock.token({ now: new Date(Date.now() + 120_000) }), 'token_expired'],
    ['valid for ten minutes', (dock) => dock.token({ lifetimeSeconds: 600 }), 'token_expired'],
    ['with another subject', (dock) => dock.token({ subject: newId() }), 'token_invalid'],
    ['signed by another key', (dock) => signed(dock, (jwt) => jwt), 'token_invalid'],
    ['of an unknown dock', async () => (await makeDockElsewhere()).token(), 'token_invalid'],
    ['alg none', async (dock) => `${part({ alg: 'none', kid: dock.id })}.${part(claims(dock.id))}.`, 'token_invalid'],
    [
      'HMAC keyed with the public key',
      async (dock) => {
        const { public_key } = await owner
          .selectFrom('dock')
          .select('public_key')
          .where('id', '=', dock.id)
          .executeTakeFirstOrThrow();
        const text = `${part({ alg: 'HS256', kid: dock.id })}.${part(claims(dock.id))}`;
        return `${text}.${createHmac('sha256', public_key ?? '')
          .update(text)
          .digest('base64url')}`;
      },
      'token_invalid',
    ],
    ['garbage', async () => 'a.b.c', 'token_invalid'],
    [
      'with a kid that is no id',
      async (dock) => (await dock.token()).replace(/^[^.]+/, part({ alg: 'EdDSA', kid: "' or 1=1" })),
      'token_invalid',
    ],
  ];
  const makeDockElsewhere = async () => {
    const dock = await makeDock(owner);
    await owner.deleteFrom('dock').where('id', '=', dock.id).execute();
    return dock;
  };
  it.each(cases)('with a token %s is refused', async (_name, make, code) => {
    const dock = await makeDock(owner);
    const reply = await app.inject({ method: 'POST', url: '/dock', headers: bearer(await make(dock)) });
    expect([reply.statusCode, reply.json().code]).toEqual([401, code]);
    expect(reply.headers['www-authenticate']).toContain('error="invalid_token"');
  });

  it('not yet enrolled is refused', async () => {
    const dock = await makeDock(owner);
    await owner.updateTable('dock').set({ public_key: null, enrolled_at: null }).where('id', '=', dock.id).execute();
    expect((await app.inject({ url: '/dock', headers: bearer(await dock.token()) })).statusCode).toBe(401);
  });
});

describe('refusals on record', () => {
  it('of a flood are written once and counted, the count with the next one', async () => {
    const from = (remoteAddress: string) => app.inject({ url: '/dock', remoteAddress });
    for (let i = 0; i < 50; i++) expect((await from('203.0.113.9')).statusCode).toBe(401);
    const of = async (actor: string) => (await denials()).filter((d) => d.actor === actor).map((d) => d.suppressed);
    expect(await of('203.0.113.9')).toEqual([0]);
    expect((await from('203.0.113.10')).statusCode).toBe(401);
    expect(await of('203.0.113.10')).toEqual([0]);
    later(61_000);
    await from('203.0.113.9');
    expect(await of('203.0.113.9')).toEqual([0, 49]);
  });

  it('still only counted are written when the service closes', async () => {
    for (let i = 0; i < 5; i++) await app.inject({ url: '/dock', remoteAddress: '203.0.113.20' });
    await app.close();
    expect((await denials()).filter((d) => d.actor === '203.0.113.20').map((d) => d.suppressed)).toEqual([0, 3]);
  });

  it('never turn a refusal into a failure', async () => {
    const broken = database.as('fengcun_ledger');
    const other = createHttpServer({
      logger: createLogger({ name: 'test', level: 'silent' }),
      metrics: createMetrics('test'),
      health: [],
    });
    await other.register(async (scope) => {
      await scope.register(identity, { catalog: broken, audience: testAudience });
      scope.get('/dock', { config: { rule: { who: 'dock' } } }, async () => ({}));
    });
    await other.ready();
    await broken.destroy();
    expect((await other.inject({ url: '/dock' })).statusCode).toBe(401);
    await other.close().catch(() => undefined);
  });

  it('name the item where the route knows it', async () => {
    const person = await makePerson(owner, 'auditor');
    const id = newId();
    const inner = createHttpServer({
      logger: createLogger({ name: 'test', level: 'silent' }),
      metrics: createMetrics('test'),
      health: [],
    });
    await inner.register(async (scope) => {
      await scope.register(identity, { catalog, audience: testAudience });
      scope.get('/item', { config: { rule: { who: 'person', roles: [] } } }, async (request) => {
        await recordDenial(request, { code: 'denied', rule: 'some_rule', subject: { kind: 'evidence', id } });
        await recordRefusedSignIn(request, { login: 'someone', code: 'wrong_credentials' });
        return { units: await visibleUnits(catalog, request.caller) };
      });
    });
    const child = await makeUnit(owner, { parent: person.unit });
    const reply = await inner.inject({ url: '/item', headers: { cookie: person.cookie } });
    await inner.close();
    expect(reply.json().units.sort()).toEqual([person.unit.id, child.id].sort());
    expect((await denials()).find((d) => d.actor === person.id)).toMatchObject({
      subject: id,
      rule: 'some_rule',
      route: 'GET /item',
    });
    const refused = await owner
      .selectFrom('ledger_event')
      .selectAll()
      .where('type', '=', 'session.refused')
      .executeTakeFirstOrThrow();
    expect(refused.entry.toString()).not.toContain('someone');
  });
});
