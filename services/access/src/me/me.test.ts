import { fromBase32, totpCode, totpStep } from '@fengcun/identity';
import { makePerson, makeToken, type TestPerson } from '@fengcun/identity/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventsOf } from '../testing/events.ts';
import { type Harness, startHarness } from '../testing/harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

const half = 30_000;
const codeNow = (secret: string, off = 0) => totpCode(fromBase32(secret), totpStep(harness.clock.now()) + off);

/** A browser: keeps the cookie it is given. */
class Browser {
  #cookie = '';
  async ask(method: 'GET' | 'POST' | 'DELETE' | 'PUT', url: string, payload?: object) {
    const headers = { 'sec-fetch-site': 'same-origin', ...(this.#cookie ? { cookie: this.#cookie } : {}) };
    const reply = await harness.app.inject({ method, url, headers, ...(payload ? { payload } : {}) });
    const given = reply.headers['set-cookie'];
    if (given !== undefined) this.#cookie = String(given).split(';', 1)[0] ?? '';
    return { status: reply.statusCode, body: reply.body === '' ? null : reply.json(), cookie: this.#cookie };
  }
  signIn({ login, password }: TestPerson, code?: string) {
    return this.ask('POST', '/api/session', { login, password, ...(code === undefined ? {} : { code }) });
  }
}

/** An approver who has enrolled a second factor at the first sign-in. */
async function enrolled() {
  const person = await makePerson(harness.owner, 'supervisor');
  const browser = new Browser();
  await browser.signIn(person);
  const { body: begun } = await browser.ask('POST', '/api/me/second-factor');
  const { body } = await browser.ask('POST', '/api/me/second-factor/confirmation', { code: codeNow(begun.secret) });
  harness.clock.advance(2 * half);
  return { person, browser, secret: begun.secret as string, recoveryCodes: body.recoveryCodes as string[] };
}

describe('an approver', () => {
  it('enrols a second factor before anything else opens, and is signed in for good then', async () => {
    const person = await makePerson(harness.owner, 'supervisor');
    const browser = new Browser();
    const first = await browser.signIn(person);
    expect(first.body).toMatchObject({
      pending: 'second_factor_enrolment',
      secondFactor: { enrolled: false, required: true },
    });
    const closed = await browser.ask('GET', '/api/evidence');
    expect([closed.status, closed.body.code, closed.body.pending]).toEqual([
      403,
      'sign_in_incomplete',
      'second_factor_enrolment',
    ]);
    const { body: begun } = await browser.ask('POST', '/api/me/second-factor');
    expect(begun.uri).toContain(`secret=${begun.secret}`);
    expect((await browser.ask('POST', '/api/me/second-factor/confirmation', { code: '000000' })).body.code).toBe(
      'wrong_code',
    );
    const confirmed = await browser.ask('POST', '/api/me/second-factor/confirmation', { code: codeNow(begun.secret) });
    expect(confirmed.body.recoveryCodes).toHaveLength(10);
    expect(confirmed.cookie).not.toBe(first.cookie);
    expect((await browser.ask('GET', '/api/evidence')).status).toBe(200);
    expect((await browser.ask('GET', '/api/session')).body).toMatchObject({
      pending: null,
      secondFactor: { enrolled: true, required: true, recoveryCodesLeft: 10 },
    });
    const kept = await harness.owner
      .selectFrom('account_totp')
      .selectAll()
      .where('account_id', '=', person.id)
      .executeTakeFirstOrThrow();
    expect(kept.secret.includes(fromBase32(begun.secret))).toBe(false);
    expect((await eventsOf(harness, 'second_factor.enrolled')).at(-1)?.subject).toBe(person.id);
  });

  it('shows the code in a second step, once; the token is another one then', async () => {
    const { person, secret } = await enrolled();
    const browser = new Browser();
    const first = await browser.signIn(person);
    expect(first.body.pending).toBe('second_factor');
    expect((await browser.ask('GET', '/api/evidence')).status).toBe(403);
    const code = codeNow(secret);
    const second = await browser.ask('POST', '/api/session/second-factor', { code });
    expect(second.body.pending).toBeNull();
    expect(second.cookie).not.toBe(first.cookie);
    const old = await harness.app.inject({ url: '/api/session', headers: { cookie: first.cookie } });
    expect(old.statusCode).toBe(401);
    expect((await browser.ask('POST', '/api/session/second-factor', { code })).body.code).toBe('nothing_pending');

    const again = new Browser();
    await again.signIn(person);
    expect((await again.ask('POST', '/api/session/second-factor', { code })).body.code).toBe('code_used');
    harness.clock.advance(half);
    expect(
      (await again.ask('POST', '/api/session/second-factor', { code: codeNow(secret, 1) })).body.pending,
    ).toBeNull();
  });

  it('signs in in one request with password and code, for programs', async () => {
    const { person, secret } = await enrolled();
    const code = codeNow(secret);
    expect((await new Browser().signIn(person, code)).body.pending).toBeNull();
    expect((await new Browser().signIn(person, code)).body.code).toBe('code_used');
    harness.clock.advance(half);
    expect((await new Browser().signIn({ ...person, password: 'wrong' }, codeNow(secret))).body.code).toBe(
      'wrong_credentials',
    );
    expect((await new Browser().signIn(person, codeNow(secret))).status).toBe(201);
  });

  it('gets no endless tries at the code, whoever has the password', async () => {
    const { person, secret } = await enrolled();
    const statuses: number[] = [];
    for (let i = 0; i < 8; i++) {
      const browser = new Browser();
      const { status } = await browser.signIn(person);
      statuses.push(
        status === 201 ? (await browser.ask('POST', '/api/session/second-factor', { code: '123456' })).status : status,
      );
    }
    expect(statuses).toEqual([403, 403, 403, 429, 429, 429, 429, 429]);
    harness.clock.advance(half);
    const browser = new Browser();
    await browser.signIn(person);
    harness.clock.advance(half * 2);
    expect(
      (await browser.ask('POST', '/api/session/second-factor', { code: codeNow(secret) })).body.pending,
    ).toBeNull();
  });

  it('uses each recovery code once, however it is typed, and can renew them', async () => {
    const { person, recoveryCodes, secret, browser: signedIn } = await enrolled();
    const [code = ''] = recoveryCodes;
    const typed = code.toLowerCase().replaceAll('-', ' ');
    const browser = new Browser();
    await browser.signIn(person);
    expect((await browser.ask('POST', '/api/session/second-factor', { code: typed })).body).toMatchObject({
      pending: null,
      secondFactor: { recoveryCodesLeft: 9 },
    });
    expect((await eventsOf(harness, 'session.confirmed')).at(-1)?.data).toMatchObject({ factor: 'recovery_code' });
    expect((await new Browser().signIn(person, code)).body.code).toBe('wrong_code');
    const renewed = await signedIn.ask('POST', '/api/me/recovery-codes', { code: codeNow(secret) });
    expect(renewed.body.recoveryCodes).toHaveLength(10);
    expect((await new Browser().signIn(person, recoveryCodes[1])).body.code).toBe('wrong_code');
    const rows = await harness.owner
      .selectFrom('recovery_code')
      .selectAll()
      .where('account_id', '=', person.id)
      .execute();
    expect(JSON.stringify(rows)).not.toContain(renewed.body.recoveryCodes[0]);
  });

  it('cannot remove it, an officer can; a security administrator resets it for somebody', async () => {
    const { browser, secret, person } = await enrolled();
    expect((await browser.ask('POST', '/api/me/second-factor/removal', { code: codeNow(secret) })).body.code).toBe(
      'second_factor_required',
    );
    await harness.owner.deleteFrom('account_role').where('account_id', '=', person.id).execute();
    expect((await browser.ask('POST', '/api/me/second-factor/removal', { code: codeNow(secret) })).status).toBe(204);

    const other = await enrolled();
    const keeper = await makePerson(harness.owner, 'security_admin', { unit: other.person.unit });
    const reset = await harness.app.inject({
      method: 'POST',
      url: `/api/accounts/${other.person.id}/second-factor-reset`,
      headers: keeper.headers,
      payload: { reason: '手机丢失' },
    });
    expect(reset.json().secondFactor).toEqual({ enrolled: false, required: true });
    expect((await other.browser.ask('GET', '/api/session')).status).toBe(401);
    expect((await new Browser().signIn(other.person)).body.pending).toBe('second_factor_enrolment');
  });

  it('finds a sign-in that took too long over', async () => {
    const { person } = await enrolled();
    const browser = new Browser();
    await browser.signIn(person);
    harness.clock.advance(10 * 60_000);
    expect((await browser.ask('GET', '/api/session')).status).toBe(401);
  });

  it('who becomes one in the middle of a session has to enrol first', async () => {
    const officer = await makePerson(harness.owner, 'officer');
    const browser = new Browser();
    expect((await browser.signIn(officer)).body.pending).toBeNull();
    await harness.owner
      .insertInto('account_role')
      .values({ account_id: officer.id, unit_id: officer.unit.id, role: 'legal' })
      .execute();
    expect((await browser.ask('GET', '/api/evidence')).body.code).toBe('sign_in_incomplete');
  });

  it('whose secret the site can no longer read is told to have it reset', async () => {
    const { person, secret } = await enrolled();
    await harness.owner
      .updateTable('account_totp')
      .set({ secret: Buffer.alloc(60) })
      .where('account_id', '=', person.id)
      .execute();
    expect((await new Browser().signIn(person, codeNow(secret))).body.code).toBe('second_factor_unreadable');
  });
});

describe('a password', () => {
  it('is changed by its owner who knows it, and everything else of the account ends', async () => {
    const person = await makePerson(harness.owner, 'officer');
    const [here, there] = [new Browser(), new Browser()];
    await here.signIn(person);
    await there.signIn(person);
    const token = await makeToken(harness.owner, person.id, ['read']);
    const change = (current: string | undefined, next: string) =>
      here.ask('POST', '/api/me/password', { next, ...(current === undefined ? {} : { current }) });
    expect((await change(undefined, 'Correct-horse-9')).body.code).toBe('wrong_password');
    expect((await change('wrong', 'Correct-horse-9')).body.code).toBe('wrong_password');
    const weak = await change(person.password, person.login);
    expect([weak.body.code, weak.body.reasons]).toEqual(['password_weak', expect.arrayContaining(['personal'])]);
    expect((await change(person.password, 'Correct-horse-9')).status).toBe(204);
    expect((await here.ask('GET', '/api/session')).status).toBe(200);
    expect((await there.ask('GET', '/api/session')).status).toBe(401);
    expect((await harness.app.inject({ url: '/api/session', headers: token.headers })).statusCode).toBe(401);
    expect((await new Browser().signIn(person)).status).toBe(401);
    expect((await new Browser().signIn({ ...person, password: 'Correct-horse-9' })).status).toBe(201);
    expect((await change('Correct-horse-9', 'Correct-horse-9')).body.reasons).toEqual(['unchanged']);
  });

  it('of one time only asks for nothing but a new one', async () => {
    const person = await makePerson(harness.owner, 'officer');
    await harness.owner
      .updateTable('account')
      .set({ must_change_password: true })
      .where('id', '=', person.id)
      .execute();
    const browser = new Browser();
    expect((await browser.signIn(person)).body.pending).toBe('new_password');
    expect((await browser.ask('GET', '/api/units')).status).toBe(403);
    expect((await browser.ask('POST', '/api/me/second-factor')).body.code).toBe('sign_in_incomplete');
    expect((await browser.ask('POST', '/api/me/password', { next: 'Correct-horse-9' })).status).toBe(204);
    expect((await browser.ask('GET', '/api/units')).status).toBe(200);
  });
});

describe('one’s own sessions', () => {
  it('are listed, and ended one by one; those of others are not there', async () => {
    const person = await makePerson(harness.owner, 'officer');
    const [here, there] = [new Browser(), new Browser()];
    await here.signIn(person);
    await there.signIn(person);
    const { body } = await here.ask('GET', '/api/me/sessions');
    expect(body.items).toHaveLength(3);
    expect(body.items.filter(({ current }: { current: boolean }) => current)).toHaveLength(1);
    const { body: other } = await there.ask('GET', '/api/me/sessions');
    const [theirs] = other.items.filter(({ current }: { current: boolean }) => current);
    expect((await here.ask('DELETE', `/api/me/sessions/${theirs.id}`)).status).toBe(204);
    expect((await there.ask('GET', '/api/session')).status).toBe(401);
    const stranger = await makePerson(harness.owner, 'officer');
    expect((await here.ask('DELETE', `/api/me/sessions/${stranger.session}`)).status).toBe(404);
  });
});

describe('a personal access token', () => {
  const made = async (scopes: readonly string[], role: 'officer' | 'supervisor' = 'officer') => {
    const person = await makePerson(harness.owner, role, { now: harness.clock.now() });
    const reply = await harness.app.inject({
      method: 'POST',
      url: '/api/me/tokens',
      headers: person.headers,
      payload: { name: '统计脚本', scopes, days: 30 },
    });
    const { token, secret } = reply.json();
    return { person, token, secret: secret as string, headers: { authorization: `Bearer ${secret}` } };
  };
  const status = async (headers: Record<string, string>, method: 'GET' | 'POST', url: string, payload?: object) => {
    const reply = await harness.app.inject({ method, url, headers, ...(payload ? { payload } : {}) });
    return [reply.statusCode, reply.statusCode < 400 ? null : reply.json().code];
  };

  it('does what its scopes and its person’s roles both allow, and no more', async () => {
    const { headers } = await made(['read']);
    expect(await status(headers, 'GET', '/api/evidence')).toEqual([200, null]);
    expect(await status(headers, 'GET', '/api/accounts')).toEqual([403, 'role_required']);
    const id = '00000000-0000-7000-8000-000000000000';
    expect(await status(headers, 'POST', `/api/evidence/${id}/plays`, {})).toEqual([403, 'scope_required']);
    expect(await status(headers, 'POST', `/api/evidence/${id}/verification`)).toEqual([403, 'scope_required']);
    expect(await status(headers, 'GET', `/api/plays/${id}/key`)).toEqual([403, 'scope_required']);
    const manage = await made(['read', 'manage']);
    expect(await status(manage.headers, 'POST', `/api/evidence/${id}/verification`)).toEqual([404, 'not_found']);
    const footage = await made(['footage']);
    expect(await status(footage.headers, 'GET', `/api/plays/${id}/key`)).toEqual([404, 'not_found']);
    expect(await status(footage.headers, 'GET', '/api/evidence')).toEqual([403, 'scope_required']);
  });

  it('makes no further tokens and changes nothing of its person', async () => {
    const { headers } = await made(['read', 'manage', 'upload', 'footage']);
    for (const url of ['/api/me/tokens', '/api/me/password', '/api/me/second-factor', '/api/session/second-factor']) {
      expect(await status(headers, 'POST', url, {})).toEqual([403, 'session_required']);
    }
    expect(await status(headers, 'GET', '/api/me/tokens')).toEqual([403, 'session_required']);
  });

  it('is kept hashed, shown once, and listed with its last use', async () => {
    const { person, token, secret, headers } = await made(['read']);
    expect(token).toMatchObject({ name: '统计脚本', scopes: ['read'], lastUsedAt: null });
    const rows = await harness.owner.selectFrom('session').selectAll().where('id', '=', token.id).execute();
    expect(JSON.stringify(rows)).not.toContain(secret);
    harness.clock.advance(120_000);
    await status(headers, 'GET', '/api/units');
    const list = await harness.app.inject({ url: '/api/me/tokens', headers: person.headers });
    expect(list.json().items).toEqual([{ ...token, lastUsedAt: harness.clock.now().toISOString() }]);
    expect(list.body).not.toContain(secret);
  });

  it('outlives idleness, ends when its days are over, and when it is revoked', async () => {
    const { person, token, headers } = await made(['read'], 'supervisor');
    harness.clock.advance(29 * 24 * 3_600_000);
    expect(await status(headers, 'GET', '/api/units')).toEqual([200, null]);
    harness.clock.advance(24 * 3_600_000);
    expect(await status(headers, 'GET', '/api/units')).toEqual([401, 'access_token_invalid']);
    const second = await made(['read']);
    const revoke = await harness.app.inject({
      method: 'DELETE',
      url: `/api/me/tokens/${second.token.id}`,
      headers: second.person.headers,
    });
    expect(revoke.statusCode).toBe(204);
    expect(await status(second.headers, 'GET', '/api/units')).toEqual([401, 'access_token_invalid']);
    expect(person.id).not.toBe(token.id);
  });

  it('is not taken for a cookie, nor a cookie for it', async () => {
    const { secret } = await made(['read']);
    expect(await status({ cookie: `fengcun_session=${secret.slice(4)}` }, 'GET', '/api/units')).toEqual([
      401,
      'session_over',
    ]);
    const person = await makePerson(harness.owner, 'officer', { now: harness.clock.now() });
    const bearer = `fcp_${person.cookie.slice('fengcun_session='.length)}`;
    expect(await status({ authorization: `Bearer ${bearer}` }, 'GET', '/api/units')).toEqual([
      401,
      'access_token_invalid',
    ]);
  });

  it('needs no proof of where a request comes from: no browser sends it by itself', async () => {
    const { headers } = await made(['read', 'manage']);
    const id = '00000000-0000-7000-8000-000000000000';
    const crossing = { ...headers, origin: 'https://elsewhere.example', 'sec-fetch-site': 'cross-site' };
    expect(await status(crossing, 'POST', `/api/evidence/${id}/verification`)).toEqual([404, 'not_found']);
  });
});
