import { makePerson, makeToken, makeUnit, type TestPerson, type TestUnit } from '@fengcun/identity/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventsOf } from '../testing/events.ts';
import { type Harness, startHarness } from '../testing/harness.ts';

let harness: Harness;
let bureau: TestUnit;
let branch: TestUnit;
let keeper: TestPerson;
beforeAll(async () => {
  harness = await startHarness();
  bureau = await makeUnit(harness.owner);
  branch = await makeUnit(harness.owner, { parent: bureau });
  keeper = await makePerson(harness.owner, 'security_admin', { unit: bureau });
});
afterAll(() => harness.close());

type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
const ask = async (person: TestPerson, method: Method, url: string, payload?: object) => {
  const reply = await harness.app.inject({ method, url, headers: person.headers, ...(payload ? { payload } : {}) });
  return { status: reply.statusCode, body: reply.body === '' ? null : reply.json() };
};
const draft = (login: string, more: object = {}) => ({
  login,
  name: '张伟',
  officerNumber: null,
  unit: branch.id,
  roles: [{ unit: branch.id, role: 'officer' }],
  password: true,
  ...more,
});
const whoAmI = async (headers: Record<string, string>) =>
  (await harness.app.inject({ url: '/api/session', headers })).statusCode;

describe('an account', () => {
  it('is created with roles and a one-time password, which asks for a new one at once', async () => {
    const { status, body } = await ask(keeper, 'POST', '/api/accounts', draft('zhang.wei'));
    expect(status).toBe(201);
    expect(body.account).toMatchObject({
      login: 'zhang.wei',
      roles: [{ unit: branch.id, unitName: branch.name, role: 'officer' }],
      mustChangePassword: true,
      secondFactor: { enrolled: false, required: false },
    });
    const signedIn = await harness.app.inject({
      method: 'POST',
      url: '/api/session',
      payload: { login: 'Zhang.Wei', password: body.oneTimePassword },
    });
    expect(signedIn.json().pending).toBe('new_password');
    const created = (await eventsOf(harness, 'account.created')).filter((e) => e.subject === body.account.id);
    expect(created).toEqual([expect.objectContaining({ actor: keeper.id })]);
    expect(JSON.stringify(created)).not.toContain('zhang');
  });

  it('with a one-time password that is over is not let in', async () => {
    const { body } = await ask(keeper, 'POST', '/api/accounts', draft('over.due'));
    await harness.owner
      .updateTable('account')
      .set({ password_expires_at: harness.clock.now() })
      .where('login', '=', 'over.due')
      .execute();
    const reply = await harness.app.inject({
      method: 'POST',
      url: '/api/session',
      payload: { login: 'over.due', password: body.oneTimePassword },
    });
    expect(reply.json().code).toBe('wrong_credentials');
  });

  it.each([
    ['a login that differs in case only', draftWith({ login: 'ZHANG.WEI' }), 409, 'login_taken'],
    [
      'two administrators in one',
      draftWith({ login: 'two.in.one' }, ['auditor', 'system_admin']),
      409,
      'two_administrators',
    ],
    [
      'a unit nobody knows',
      draftWith({ login: 'nowhere', unit: '00000000-0000-7000-8000-000000000000' }),
      400,
      'unit_unknown',
    ],
    ['a login with blanks', draftWith({ login: 'a b' }), 400, 'invalid_input'],
  ] as const)('is refused with %s', async (_, make, status, code) => {
    const reply = await ask(keeper, 'POST', '/api/accounts', make());
    expect([reply.status, reply.body.code]).toEqual([status, code]);
  });

  it('takes roles and loses them, and live sessions with it at the next request', async () => {
    const person = await makePerson(harness.owner, 'officer', { unit: branch });
    const listing = () => harness.app.inject({ url: '/api/accounts', headers: person.headers });
    expect((await listing()).statusCode).toBe(403);
    const given = await ask(keeper, 'POST', `/api/accounts/${person.id}/roles`, { unit: branch.id, role: 'auditor' });
    expect(given.status).toBe(200);
    expect((await listing()).statusCode).toBe(200);
    expect(
      (await ask(keeper, 'POST', `/api/accounts/${person.id}/roles`, { unit: branch.id, role: 'auditor' })).body.code,
    ).toBe('role_held');
    expect(
      (await ask(keeper, 'POST', `/api/accounts/${person.id}/roles`, { unit: bureau.id, role: 'security_admin' })).body
        .code,
    ).toBe('two_administrators');
    expect((await ask(keeper, 'DELETE', `/api/accounts/${person.id}/roles/${branch.id}/auditor`)).status).toBe(200);
    expect((await listing()).statusCode).toBe(403);
    expect((await eventsOf(harness, 'role.given')).at(-1)).toMatchObject({ actor: keeper.id, subject: person.id });
    expect((await eventsOf(harness, 'role.taken')).at(-1)).toMatchObject({
      data: { unit: branch.id, role: 'auditor' },
    });
  });

  it('loses its sessions and tokens when it is disabled, and signs in again when it is enabled', async () => {
    const person = await makePerson(harness.owner, 'officer', { unit: branch });
    const token = await makeToken(harness.owner, person.id, ['read']);
    expect(await whoAmI(token.headers)).toBe(200);
    const disabled = await ask(keeper, 'POST', `/api/accounts/${person.id}/disablement`, { reason: '离职' });
    expect(disabled.body).toMatchObject({ disabled: { reason: '离职' }, openSessions: 0, tokens: 0 });
    expect(await whoAmI(person.headers)).toBe(401);
    expect(await whoAmI(token.headers)).toBe(401);
    expect((await ask(keeper, 'POST', `/api/accounts/${person.id}/disablement`, { reason: 'x' })).body.code).toBe(
      'already_disabled',
    );
    expect((await ask(keeper, 'POST', `/api/accounts/${person.id}/enablement`, { reason: '返岗' })).status).toBe(200);
    const { login, password } = person;
    const back = await harness.app.inject({ method: 'POST', url: '/api/session', payload: { login, password } });
    expect(back.statusCode).toBe(201);
  });

  it('gets a one-time password in place of one that is forgotten; whoever is signed in is out', async () => {
    const person = await makePerson(harness.owner, 'officer', { unit: branch });
    const { body } = await ask(keeper, 'POST', `/api/accounts/${person.id}/password-reset`, { reason: '遗忘' });
    expect(await whoAmI(person.headers)).toBe(401);
    const { login, password } = person;
    const signIn = (secret: string) =>
      harness.app.inject({ method: 'POST', url: '/api/session', payload: { login, password: secret } });
    expect((await signIn(password)).statusCode).toBe(401);
    expect((await signIn(body.oneTimePassword)).json().pending).toBe('new_password');
  });

  it('is found by role, state and part of its name, page by page', async () => {
    const unit = await makeUnit(harness.owner, { parent: bureau });
    const people: TestPerson[] = [];
    for (const name of ['甲一', '甲二', '乙_三']) people.push(await makePerson(harness.owner, 'legal', { unit, name }));
    const list = async (query: string) => (await ask(keeper, 'GET', `/api/accounts?unit=${unit.id}${query}`)).body;
    const names = (page: { items: { name: string }[] }) => page.items.map(({ name }) => name).sort();
    expect(names(await list(`&text=${encodeURIComponent('甲')}`))).toEqual(['甲一', '甲二']);
    expect(names(await list('&text=_'))).toEqual(['乙_三']);
    expect(names(await list('&role=legal&state=active'))).toHaveLength(3);
    expect(names(await list('&role=officer'))).toEqual([]);
    const first = await list('&limit=2');
    const second = await list(`&limit=2&cursor=${first.next}`);
    expect([...names(first), ...names(second)].sort()).toEqual(['乙_三', '甲一', '甲二']);
    expect(second.next).toBeNull();
    expect((await list('&cursor=nonsense')).code).toBe('cursor_invalid');
  });
});

describe('the list of accounts', () => {
  it('is narrowed to whom sign-in is closed for, who has no second factor, and parts of names of any kind', async () => {
    const unit = await makeUnit(harness.owner, { parent: bureau });
    const make = (name: string) => makePerson(harness.owner, 'officer', { unit, name });
    const [locked, guarded, free] = [await make('欧阳修远'), await make('Ｏｕｙａｎｇ Xiu'), await make('曾巩%')];
    const set = (id: string, columns: object) =>
      harness.owner.updateTable('account').set(columns).where('id', '=', id).execute();
    const at = (ms: number) => new Date(harness.clock.now().getTime() + ms);
    await set(locked.id, { locked_until: at(60_000) });
    await set(free.id, { locked_until: at(-60_000) });
    await set(guarded.id, { second_factor_at: at(-60_000) });
    const found = async (query: string) => {
      const { status, body } = await ask(keeper, 'GET', `/api/accounts?unit=${unit.id}${query}`);
      expect(status).toBe(200);
      return body.items.map(({ id }: { id: string }) => id).toSorted();
    };
    const ids = (...people: TestPerson[]) => people.map(({ id }) => id).toSorted();
    expect(await found('&state=locked')).toEqual(ids(locked));
    expect(await found('&state=active')).toEqual(ids(locked, guarded, free));
    expect(await found('&secondFactor=enrolled')).toEqual(ids(guarded));
    expect(await found('&secondFactor=none')).toEqual(ids(locked, free));
    expect(await found('&secondFactor=none&state=locked')).toEqual(ids(locked));
    const texts: [string, readonly string[]][] = [
      ['阳修', ids(locked)],
      ['远', ids(locked)],
      // Width and case do not matter.
      ['ouyang', ids(guarded)],
      ['u', ids(locked, guarded, free)],
      ['%', ids(free)],
      ['阳远', []],
      [locked.login.slice(2, 9), ids(locked)],
    ];
    for (const [text, expected] of texts) {
      expect(await found(`&text=${encodeURIComponent(text)}`), text).toEqual(expected);
    }
  });
});

describe('a security administrator', () => {
  it.each([
    ['PATCH', '', { name: '我' }],
    ['POST', '/disablement', { reason: 'x' }],
    ['POST', '/roles', { unit: 'branch', role: 'legal' }],
    ['POST', '/password-reset', { reason: 'x' }],
    ['POST', '/second-factor-reset', { reason: 'x' }],
    ['PUT', '/identity', { subject: 'x' }],
  ] as const)('does not %s their own account%s', async (method, path, body) => {
    const payload = 'unit' in body ? { ...body, unit: branch.id } : body;
    const reply = await ask(keeper, method, `/api/accounts/${keeper.id}${path}`, payload);
    expect([reply.status, reply.body.code]).toEqual([403, 'own_account']);
  });

  it('finds nobody outside the units they keep, and that they looked is on record', async () => {
    const stranger = await makePerson(harness.owner, 'officer');
    const unknown = await ask(keeper, 'GET', '/api/accounts/00000000-0000-7000-8000-000000000000');
    const foreign = await ask(keeper, 'GET', `/api/accounts/${stranger.id}`);
    expect(foreign.status).toBe(404);
    const { requestId: _a, ...first } = unknown.body;
    const { requestId: _b, ...second } = foreign.body;
    expect(second).toEqual(first);
    expect((await eventsOf(harness, 'access.denied')).at(-1)).toMatchObject({ actor: keeper.id, subject: stranger.id });
    const below = await makePerson(harness.owner, 'security_admin', { unit: branch });
    const person = await makePerson(harness.owner, 'officer', { unit: branch });
    const upwards = await ask(below, 'POST', `/api/accounts/${person.id}/roles`, { unit: bureau.id, role: 'legal' });
    expect(upwards.body.code).toBe('unit_unknown');
  });

  it('of two who take the role from each other at once, one keeps it', async () => {
    const [a, b] = [
      await makePerson(harness.owner, 'security_admin', { unit: branch }),
      await makePerson(harness.owner, 'security_admin', { unit: branch }),
    ];
    const take = (by: TestPerson, from: TestPerson) =>
      ask(by, 'DELETE', `/api/accounts/${from.id}/roles/${branch.id}/security_admin`);
    const replies = await Promise.all([take(a, b), take(b, a)]);
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 403]);
  });

  it('cannot be made an auditor too, not even by the database’s owner', async () => {
    await expect(
      harness.owner
        .insertInto('account_role')
        .values({ account_id: keeper.id, unit_id: branch.id, role: 'auditor' })
        .execute(),
    ).rejects.toMatchObject({ constraint: 'two_administrators' });
  });

  it('changes who needs a second factor for the whole site only from its top', async () => {
    const below = await makePerson(harness.owner, 'security_admin', { unit: branch });
    expect((await ask(below, 'PUT', '/api/sign-in-policy', { secondFactor: 'off' })).body.code).toBe('whole_site_only');
    const tops = await harness.owner.selectFrom('unit').select('id').where('parent_id', 'is', null).execute();
    for (const { id } of tops) {
      await harness.owner
        .insertInto('account_role')
        .values({ account_id: keeper.id, unit_id: id, role: 'security_admin' })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    }
    expect((await ask(keeper, 'PUT', '/api/sign-in-policy', { secondFactor: 'everyone' })).body.secondFactor).toBe(
      'everyone',
    );
    expect((await eventsOf(harness, 'sign_in_policy.changed')).at(-1)?.data).toEqual({
      secondFactor: 'everyone',
      was: 'approvers',
    });
    await ask(keeper, 'PUT', '/api/sign-in-policy', { secondFactor: 'approvers' });
  });

  it('sees and ends the sessions and tokens of others', async () => {
    const person = await makePerson(harness.owner, 'officer', { unit: branch });
    const token = await makeToken(harness.owner, person.id, ['read']);
    const { body } = await ask(keeper, 'GET', `/api/accounts/${person.id}/sessions`);
    expect(body.items.map(({ id }: { id: string }) => id).sort()).toEqual([person.session, token.id].sort());
    expect((await ask(keeper, 'DELETE', `/api/accounts/${person.id}/sessions/${token.id}`)).status).toBe(204);
    expect(await whoAmI(token.headers)).toBe(401);
    expect(await whoAmI(person.headers)).toBe(200);
  });
});

function draftWith(more: object, roles?: readonly string[]) {
  return () => draft('x', { ...more, ...(roles ? { roles: roles.map((role) => ({ unit: branch.id, role })) } : {}) });
}
