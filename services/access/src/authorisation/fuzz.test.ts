import { roles } from '@fengcun/contracts';
import { makePerson, type TestPerson } from '@fengcun/identity/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addressOf, type Fixture, makeFixture, noSuchId } from './fixture.ts';
import { queryOf, sample, seeded } from './samples.ts';

let fixture: Fixture;
/** Together they hold every role; nobody holds two of the administrators'. */
let people: readonly TestPerson[];
beforeAll(async () => {
  fixture = await makeFixture();
  const { harness, own } = fixture;
  const working = roles.filter((role) => !['auditor', 'system_admin', 'security_admin'].includes(role));
  people = [
    await makePerson(harness.owner, working, { unit: own }),
    await makePerson(harness.owner, 'auditor', { unit: own }),
    await makePerson(harness.owner, 'system_admin', { unit: own }),
    await makePerson(harness.owner, 'security_admin', { unit: own }),
  ];
});
afterAll(() => fixture.harness.close());

/** Would end the session that asks, hash passwords for minutes, or never answer. */
const apart = new Set<string>(['signOut', 'streamChanges', 'signIn', 'changePassword', 'setUp', 'revokeMySession']);
const seed = Number(process.env.FENGCUN_FUZZ_SEED ?? 20_261_122);
const rounds = Number(process.env.FENGCUN_FUZZ_ROUNDS ?? 9);

it(`no route answers 500, or anything but its reply or a problem, whatever it is sent (seed ${seed})`, async () => {
  const { harness, routes, own, foreign, ownItem, foreignItem } = fixture;
  const random = seeded(seed);
  const target = await makePerson(harness.owner, 'officer', { unit: own });
  const ids = [noSuchId, own.id, foreign.id, ownItem.id, foreignItem.id, target.id, target.session];
  const faults: string[] = [];
  let sent = 0;
  for (const route of routes) {
    if (apart.has(route.name)) continue;
    const { method, params, query, body } = route.contract;
    const entering = route.open ? people : people.filter((_, at) => route.roles.some((role) => at === groupOf(role)));
    for (let round = 0; round < rounds; round++) {
      const person = entering[round % entering.length];
      if (!person) throw new Error(`nobody may enter ${route.name}`);
      const hostility = [0, 0.15, 0.6][round % 3] ?? 0;
      const options = { random, ids, hostility };
      const filled = params ? sample(params, options) : {};
      const texts = Object.fromEntries(
        Object.entries(typeof filled === 'object' && filled !== null ? filled : {}).map(([key, value]) => [
          key,
          (typeof value === 'string' ? value : JSON.stringify(value)).toWellFormed() || '%20',
        ]),
      );
      const url = addressOf(route, texts) + queryOf(query ? sample(query, options) : undefined);
      const payload = body ? JSON.stringify(sample(body, options) ?? null) : undefined;
      const headers = {
        ...person.headers,
        ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
      };
      const reply = await harness.app.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
      sent++;
      const what = `${person === people[0] ? 'viewer' : 'administrator'} ${route.name} ${method} ${url.slice(0, 300)} ${(payload ?? '').slice(0, 500)}`;
      if (reply.statusCode === 500) faults.push(`500: ${what}`);
      if (reply.statusCode >= 400) {
        const type = String(reply.headers['content-type']);
        if (!type.includes('application/problem+json')) faults.push(`${reply.statusCode} as ${type}: ${what}`);
        else if (!/^[a-z_]+$/.test(reply.json().code)) faults.push(`a problem without a code: ${what}`);
        // A hostile text may come back in a problem only as the JSON text that it is.
        else if (/\bat .*\.ts:\d+|node_modules|select .* from/i.test(reply.body))
          faults.push(`tells of its insides: ${what}`);
      }
    }
  }
  expect(faults).toEqual([]);
  expect(sent).toBeGreaterThan(800);
}, 120_000);

function groupOf(role: string): number {
  return Math.max(0, ['', 'auditor', 'system_admin', 'security_admin'].indexOf(role));
}

it.each([
  ['text that is not JSON', '{"a":', 'application/json'],
  ['JSON that poisons prototypes', '{"__proto__":{"admin":true},"login":"a","password":"b"}', 'application/json'],
  ['JSON nested past any reason', `${'['.repeat(20_000)}${']'.repeat(20_000)}`, 'application/json'],
  ['a type that is not JSON', 'a=b', 'application/x-www-form-urlencoded'],
  ['a type that is not one', 'a=b', ';;;'],
  ['nothing', '', 'application/json'],
])('a sign-in of %s is refused as the caller’s fault', async (_, payload, type) => {
  const reply = await fixture.harness.app.inject({
    method: 'POST',
    url: '/api/session',
    headers: { 'content-type': type },
    payload,
  });
  expect(reply.statusCode).toBeGreaterThanOrEqual(400);
  expect(reply.statusCode).toBeLessThan(500);
  expect(reply.headers['content-type']).toContain('application/problem+json');
});
