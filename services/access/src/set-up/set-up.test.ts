import { offerSetUp } from '@fengcun/catalog';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventsOf } from '../testing/events.ts';
import { type Harness, startHarness } from '../testing/harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

const first = {
  unit: { name: '临江市公安局', code: 'LJ' },
  login: 'first.admin',
  name: '何芳',
  password: 'Correct-horse-9',
};
const setUp = async (code: string, more: object = {}) => {
  const reply = await harness.app.inject({ method: 'POST', url: '/api/set-up', payload: { code, ...first, ...more } });
  return { status: reply.statusCode, code: reply.json().code };
};
const isOffered = async () => (await harness.app.inject({ url: '/api/site' })).json().signIn.setUp;

it('an empty site is set up once, by whoever has the code of its last start', async () => {
  expect(await isOffered()).toBe(true);
  expect(await setUp('ABCD-EFGH-JKLM-NPQR-STUV')).toEqual({ status: 403, code: 'set_up_code_invalid' });
  const former = (await offerSetUp(harness.owner, harness.clock)) ?? '';
  const code = (await offerSetUp(harness.owner, harness.clock)) ?? '';
  expect(await setUp(former)).toEqual({ status: 403, code: 'set_up_code_invalid' });
  expect((await setUp(code, { password: 'first.admin' })).code).toBe('password_weak');

  harness.clock.advance(24 * 3_600_000);
  expect(await setUp(code)).toEqual({ status: 403, code: 'set_up_code_invalid' });
  const fresh = (await offerSetUp(harness.owner, harness.clock)) ?? '';
  const replies = await Promise.all([setUp(fresh.toLowerCase()), setUp(fresh, { login: 'second.admin' })]);
  expect(replies.map(({ status }) => status).sort()).toEqual([201, 409]);
  expect(await setUp(fresh)).toEqual({ status: 409, code: 'already_set_up' });
  expect(await offerSetUp(harness.owner, harness.clock)).toBeUndefined();
  expect(await isOffered()).toBe(false);
  expect(await eventsOf(harness, 'site.set_up')).toHaveLength(1);

  const { login } = await harness.owner.selectFrom('account').select('login').executeTakeFirstOrThrow();
  const payload = { login, password: first.password };
  const signedIn = await harness.app.inject({ method: 'POST', url: '/api/session', payload });
  expect(signedIn.json()).toMatchObject({
    pending: 'second_factor_enrolment',
    roles: [{ unitName: '临江市公安局', role: 'security_admin' }],
  });
});
