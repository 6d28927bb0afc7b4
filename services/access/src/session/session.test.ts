import { hashPassword } from '@fengcun/identity';
import { makePerson } from '@fengcun/identity/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventsOf } from '../testing/events.ts';
import { type Harness, startHarness } from '../testing/harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

const signIn = (payload: unknown, headers: Record<string, string> = {}) =>
  harness.app.inject({ method: 'POST', url: '/api/session', payload: payload as object, headers });

describe('signing in', () => {
  it('gives a cookie that scripts cannot read, says who it is, and is on record', async () => {
    const person = await makePerson(harness.owner, ['officer', 'archivist']);
    const reply = await signIn({ login: person.login, password: person.password });
    expect(reply.statusCode).toBe(201);
    expect(reply.json()).toMatchObject({
      id: person.id,
      login: person.login,
      name: person.name,
      unit: { id: person.unit.id, name: person.unit.name },
      roles: [
        { unit: person.unit.id, unitName: person.unit.name, role: 'archivist' },
        { unit: person.unit.id, unitName: person.unit.name, role: 'officer' },
      ],
      expiresAt: new Date(harness.clock.now().getTime() + 12 * 3_600_000).toISOString(),
    });
    const cookie = String(reply.headers['set-cookie']);
    expect(cookie).toMatch(/^fengcun_session=[\w-]{43}; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Strict$/);
    const token = cookie.slice('fengcun_session='.length, cookie.indexOf(';'));
    const sessions = await harness.owner
      .selectFrom('session')
      .selectAll()
      .where('account_id', '=', person.id)
      .execute();
    expect(JSON.stringify(sessions)).not.toContain(token);
    const me = await harness.app.inject({ url: '/api/session', headers: { cookie } });
    expect(me.json()).toMatchObject({ id: person.id });
    expect((await eventsOf(harness, 'session.opened')).filter((e) => e.actor === person.id)).toHaveLength(1);
  });

  it('over TLS gives a cookie for TLS only', async () => {
    const person = await makePerson(harness.owner, 'officer');
    const { createHttpServer, createLogger, createMetrics } = await import('@fengcun/runtime');
    const { accessService, defaultAccessLimits } = await import('../index.ts');
    const app = createHttpServer({
      logger: createLogger({ name: 't', level: 'silent' }),
      metrics: createMetrics('t'),
      health: [],
      trustProxy: '127.0.0.1',
    });
    await app.register(accessService, {
      config: {
        ...defaultAccessLimits,
        siteSecret: new Uint8Array(32),
        site: { id: 's', name: 's', version: '0', timeZone: 'UTC', maxUploadSize: 1, logOrigin: 'l' },
        logKeys: [],
      },
      catalog: harness.database.as('fengcun_access'),
      vault: harness.vault,
    });
    const reply = await app.inject({
      method: 'POST',
      url: '/api/session',
      headers: { 'x-forwarded-proto': 'https' },
      payload: { login: person.login, password: person.password },
    });
    await app.close();
    expect(String(reply.headers['set-cookie'])).toContain('; Secure');
    expect(reply.headers['strict-transport-security']).toBeDefined();
  });

  it('makes the hash of an earlier version anew once the password is known, and not before', async () => {
    const person = await makePerson(harness.owner, 'officer');
    const account = () =>
      harness.owner.selectFrom('account').select('password_hash').where('id', '=', person.id).executeTakeFirstOrThrow();
    const earlier = await hashPassword(person.password, { logN: 17 });
    await harness.owner.updateTable('account').set({ password_hash: earlier }).where('id', '=', person.id).execute();
    expect((await signIn({ login: person.login, password: 'wrong' })).statusCode).toBe(401);
    expect(await account()).toEqual({ password_hash: earlier });
    expect((await signIn({ login: person.login, password: person.password })).statusCode).toBe(201);
    const { password_hash: renewed } = await account();
    expect(renewed).toMatch(/^\$scrypt\$ln=16,r=8,p=2\$/);
    expect((await signIn({ login: person.login, password: person.password })).statusCode).toBe(201);
    expect(await account()).toEqual({ password_hash: renewed });
  });

  it('answers a wrong password and an unknown login alike, on record without the login', async () => {
    const person = await makePerson(harness.owner, 'officer');
    const wrong = await signIn({ login: person.login, password: 'wrong' });
    const unknown = await signIn({ login: `${person.login}x`, password: 'wrong' });
    expect(wrong.statusCode).toBe(401);
    const { requestId: _a, ...first } = wrong.json();
    const { requestId: _b, ...second } = unknown.json();
    expect(first).toEqual(second);
    expect(first.code).toBe('wrong_credentials');
    const refused = await harness.owner
      .selectFrom('ledger_event')
      .select('entry')
      .where('type', '=', 'session.refused')
      .execute();
    expect(refused.length).toBeGreaterThan(0);
    for (const { entry } of refused) expect(entry.toString()).not.toContain(person.login);
  });

  it('is refused to a disabled account as to a wrong password', async () => {
    const person = await makePerson(harness.owner, 'officer');
    await harness.owner.updateTable('account').set({ disabled_at: new Date() }).where('id', '=', person.id).execute();
    expect((await signIn({ login: person.login, password: person.password })).json().code).toBe('wrong_credentials');
  });

  it('locks after five failures, known login or not, longer each time, and opens again', async () => {
    const person = await makePerson(harness.owner, 'officer');
    const observe = async (login: string, right: string) => {
      const seen: [number, string | undefined][] = [];
      const attempt = async (password: string) => {
        const { statusCode, headers } = await signIn({ login, password });
        seen.push([statusCode, headers['retry-after'] as string | undefined]);
      };
      for (let i = 0; i < 6; i++) await attempt('wrong');
      await attempt(right);
      harness.clock.advance(30_000);
      await attempt('wrong');
      await attempt(right);
      harness.clock.advance(60_000);
      return seen;
    };
    const known = await observe(person.login, person.password);
    expect(known).toEqual([...Array(6).fill([401, undefined]), [429, '30'], [401, undefined], [429, '60']]);
    expect(await observe(`${person.login}-nobody`, 'wrong')).toEqual(known);
    expect((await signIn({ login: person.login, password: person.password })).statusCode).toBe(201);
    // A success forgets the failures.
    for (let i = 0; i < 5; i++) expect((await signIn({ login: person.login, password: 'wrong' })).statusCode).toBe(401);
    expect((await signIn({ login: person.login, password: person.password })).statusCode).toBe(201);
  });

  it('counts guesses that are sent at once one by one', async () => {
    const person = await makePerson(harness.owner, 'officer');
    const replies = await Promise.all(
      Array.from({ length: 30 }, () => signIn({ login: person.login, password: 'wrong' })),
    );
    expect(replies.filter((reply) => reply.statusCode === 401)).toHaveLength(6);
    expect(replies.filter((reply) => reply.statusCode === 429)).toHaveLength(24);
  });

  it.each([
    ['nothing', undefined],
    ['no password', { login: 'a' }],
    ['a number', { login: 1, password: 'x' }],
    ['an unknown field', { login: 'a', password: 'b', admin: true }],
    ['control characters', { login: 'a\u0000b', password: 'x' }],
    ['a megabyte', { login: 'a', password: 'x'.repeat(1e6) }],
  ])('refuses %s', async (_name, payload) => {
    expect((await signIn(payload)).json()).toMatchObject({ status: 400, code: 'invalid_input' });
  });

  it('is tried only so often from one address, whatever the logins; others go on', async () => {
    const rates = { general: 1000, search: 1000, sign_in: 3 };
    const app = await harness.another({ config: { rates } });
    const attempt = (login: string, remoteAddress: string) =>
      app.inject({ method: 'POST', url: '/api/session', remoteAddress, payload: { login, password: 'x' } });
    for (let i = 0; i < 3; i++) expect((await attempt(`guess-${i}`, '192.0.2.1')).statusCode).toBe(401);
    const refused = await attempt('guess-3', '192.0.2.1');
    expect([refused.statusCode, refused.json().code]).toEqual([429, 'too_many_requests']);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await attempt('guess-4', '192.0.2.2')).statusCode).toBe(401);
    expect((await app.inject({ url: '/api/site', remoteAddress: '192.0.2.1' })).statusCode).toBe(200);
  });

  it('from a page of another site is refused', async () => {
    const person = await makePerson(harness.owner, 'officer');
    const reply = await signIn({ login: person.login, password: person.password }, { 'sec-fetch-site': 'cross-site' });
    expect(reply.json().code).toBe('cross_site');
  });

  it('anew closes the browser’s former session', async () => {
    const person = await makePerson(harness.owner, 'officer');
    await signIn({ login: person.login, password: person.password }, { cookie: person.cookie });
    expect((await harness.app.inject({ url: '/api/session', headers: { cookie: person.cookie } })).statusCode).toBe(
      401,
    );
  });
});

describe('signing out', () => {
  it('ends the session on record, once, and takes the cookie back', async () => {
    const person = await makePerson(harness.owner, 'officer');
    const out = () => harness.app.inject({ method: 'DELETE', url: '/api/session', headers: person.headers });
    const reply = await out();
    expect([reply.statusCode, reply.body]).toEqual([204, '']);
    expect(String(reply.headers['set-cookie'])).toContain('Expires=Thu, 01 Jan 1970');
    expect((await out()).statusCode).toBe(401);
    const closed = (await eventsOf(harness, 'session.closed')).filter((e) => e.subject === person.session);
    expect(closed.map((e) => e.data)).toEqual([{ session: person.session, cause: 'signed_out' }]);
  });
});
