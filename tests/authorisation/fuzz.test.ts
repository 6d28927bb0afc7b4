import { roles } from '@fengcun/contracts';
import { makePerson, type TestPerson } from '@fengcun/identity/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Fixture, forEachOf, type Headers, makeFixture } from './fixture.ts';
import { addressOf, noSuchId, type Route } from './routes.ts';
import { queryOf, sample, seeded } from './samples.ts';

let fixture: Fixture;
/** Together they hold every role; nobody holds two of the administrators'. */
let people: readonly TestPerson[];
beforeAll(async () => {
  fixture = await makeFixture();
  const { harness, own } = fixture;
  const now = harness.clock.now();
  const working = roles.filter((role) => !['auditor', 'system_admin', 'security_admin'].includes(role));
  people = [
    await makePerson(harness.owner, working, { unit: own, now }),
    await makePerson(harness.owner, 'auditor', { unit: own, now }),
    await makePerson(harness.owner, 'system_admin', { unit: own, now }),
    await makePerson(harness.owner, 'security_admin', { unit: own, now }),
  ];
});
afterAll(() => fixture.close());

/** Would end the session that asks, hash passwords for minutes, or never answer. */
const apart = new Set<string>(['signOut', 'streamChanges', 'signIn', 'changePassword', 'setUp', 'revokeMySession']);
const seed = Number(process.env.FENGCUN_FUZZ_SEED ?? 20_261_122);
const rounds = Number(process.env.FENGCUN_FUZZ_ROUNDS ?? 9);

interface Request {
  readonly what: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly payload?: string;
}

/** Sends them, several at once, and says what no answer may be. */
async function faultsOf(requests: readonly Request[]): Promise<string[]> {
  const faults: string[] = [];
  await forEachOf(requests, async ({ what, method, url, headers, payload }) => {
    const reply = await fixture.harness.app.inject({
      method: method as 'GET',
      url,
      headers,
      ...(payload === undefined ? {} : { payload }),
    });
    const said = `${what} ${method} ${url.slice(0, 300)} ${(payload ?? '').slice(0, 500)}`;
    if (reply.statusCode === 500) faults.push(`500: ${said}`);
    if (reply.statusCode < 400 || method === 'HEAD') return;
    const type = String(reply.headers['content-type']);
    if (!type.includes('application/problem+json')) faults.push(`${reply.statusCode} as ${type}: ${said}`);
    else if (!/^[a-z_]+$/.test(reply.json().code)) faults.push(`a problem without a code: ${said}`);
    // A hostile text may come back in a problem only as the JSON text that it is.
    else if (/\bat .*\.ts:\d+|node_modules|select .* from/i.test(reply.body))
      faults.push(`tells of its insides: ${said}`);
  });
  return faults;
}

it(`no route answers 500, or anything but its reply or a problem, whatever it is sent (seed ${seed})`, async () => {
  const { harness, table, own, foreign, ownItem, foreignItem, dock } = fixture;
  const random = seeded(seed);
  const target = await makePerson(harness.owner, 'officer', { unit: own });
  const ids = [noSuchId, own.id, foreign.id, ownItem.id, foreignItem.id, target.id, target.session];
  const requests: Request[] = [];
  for (const route of table.routes) {
    if (!route.contract || apart.has(route.name)) continue;
    const { method, params, query, body } = route.contract;
    const entering = [...callersOf(route), ...(route.dock ? [dock] : [])];
    for (let round = 0; round < rounds; round++) {
      const caller = entering[round % entering.length];
      if (!caller) throw new Error(`nobody may enter ${route.name}`);
      const options = { random, ids, hostility: [0, 0.15, 0.6][round % 3] ?? 0 };
      const filled = params ? sample(params, options) : {};
      const texts = Object.fromEntries(
        Object.entries(typeof filled === 'object' && filled !== null ? filled : {}).map(([key, value]) => [
          key,
          (typeof value === 'string' ? value : JSON.stringify(value)).toWellFormed() || '%20',
        ]),
      );
      const payload = body ? { payload: JSON.stringify(sample(body, options) ?? null) } : {};
      requests.push({
        what: `${caller === dock ? 'dock' : caller === people[0] ? 'viewer' : 'administrator'} ${route.name}`,
        method,
        url: addressOf(route, texts) + queryOf(query ? sample(query, options) : undefined),
        headers: { ...caller.headers, ...('payload' in payload ? { 'content-type': 'application/json' } : {}) },
        ...payload,
      });
    }
  }
  expect(await faultsOf(requests)).toEqual([]);
  expect(requests.length).toBeGreaterThan(800);
}, 120_000);

function callersOf(route: Route): readonly TestPerson[] {
  if (route.open) return people;
  return people.filter((_, at) => route.roles.some((role) => at === groupOf(role)));
}

function groupOf(role: string): number {
  return Math.max(0, ['', 'auditor', 'system_admin', 'security_admin'].indexOf(role));
}

it('no list answers 500 to a cursor it did not make', async () => {
  const pages = fixture.table.routes.filter(({ contract }) => Object.hasOwn(propertiesOf(contract?.query), 'cursor'));
  expect(pages.length).toBeGreaterThan(15);
  const json = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  // Every way in which a cursor is taken apart: its encoding, its shape, its time, its id, its number.
  const cursors = [
    ...['x', '%', '\u0000', "' or 1=1 --", '𠮷🙂'.repeat(40)],
    ...[null, {}, [], [1, 2], ['x', noSuchId], { at: 'infinity', id: noSuchId }].map(json),
    ...['infinity', '-271821-04-20T00:00:00.000Z', '+275760-09-13T00:00:00.000Z', '2026-01-01T00:00:00.000Z'].flatMap(
      (at) => [noSuchId, "'"].flatMap((id) => [json([at, id]), Buffer.from(`${at} ${id}`).toString('base64url')]),
    ),
    ...[noSuchId, '-1', '9'.repeat(30), '\u0000'].map((text) => Buffer.from(text).toString('base64url')),
    Buffer.from([0, 255, 254]).toString('base64url'),
  ];
  const requests = pages.flatMap((route) => {
    const [caller] = callersOf(route);
    if (!caller) throw new Error(`nobody may enter ${route.name}`);
    const { url, ids } = { url: addressOf(route, { id: fixture.ownItem.id }), ids: needed(route) };
    return cursors.map((cursor) => ({
      what: route.name,
      method: 'GET',
      url: `${url}?cursor=${encodeURIComponent(cursor)}${ids}`,
      headers: { ...caller.headers },
    }));
  });
  expect(await faultsOf(requests)).toEqual([]);
}, 120_000);

const propertiesOf = (schema: unknown): Record<string, unknown> =>
  typeof schema === 'object' && schema !== null && 'properties' in schema
    ? (schema.properties as Record<string, unknown>)
    : {};

/** What else a list asks for before it looks at its cursor. */
function needed({ contract }: Route): string {
  const { required = [], properties = {} } = (contract?.query ?? {}) as {
    required?: string[];
    properties?: Record<string, unknown>;
  };
  const options = { random: seeded(1), ids: [fixture.own.id], hostility: 0 };
  return required.map((name) => `&${name}=${encodeURIComponent(String(sample(properties[name], options)))}`).join('');
}

it('nothing in the log’s addresses is taken for more than it is', async () => {
  const auditor = people[1];
  const deep = Array.from({ length: 30 }, () => 'x001').join('/');
  const paths = [
    ...[
      '',
      '/',
      '.',
      '..',
      '../../etc/passwd',
      '%2e%2e/%2e%2e/x',
      '..%2f..%2fx',
      '0',
      '0/',
      '0/000',
      '0/0',
      '0/001.p/0',
    ],
    ...['0/000.p/1', '0/000.p/256', '0/000.p/257', '0/000.p/-1', '0/000.p/1e3', '0/x', '0/x001', '0/x001/x002'],
    ...[
      '8/000',
      '63/000',
      '64/000',
      '-1/000',
      '1e2/000',
      `${'9'.repeat(300)}/000`,
      `0/${'9'.repeat(300)}`,
      `0/${deep}/000`,
    ],
    ...['0/x999/x999/x999/x999/999', '0/x999/x999/x999/x999/x999/x999/999', '0/000?x=1', '0/000%00', '0/000%0d%0ax: y'],
    ...[
      'data/000',
      '00/000',
      '0/ 000',
      '0/０００',
      '0/000.p',
      '0/000.p/',
      '0/000.p/1/2',
      'entries',
      'entries/',
      '%',
      '%ff',
    ],
  ];
  const numbers = ['0', '1', '-1', '1e9', '0x10', '9'.repeat(15), '9'.repeat(16), '9'.repeat(200), '9007199254740991'];
  const odd = ['9007199254740993', '', ' ', '%20', '..', '%2e%2e', 'NaN', 'Infinity', '0.5', '%00', "0'", '%ff'];
  const urls = [
    ...paths.flatMap((path) => [
      `/ledger/tile/${path}`,
      `/ledger/tile/entries/${path}`,
      `/ledger/tile/entries/${path.slice(2)}`,
    ]),
    ...[...numbers, ...odd].map((number) => `/ledger/proof/${number}`),
    ...['/ledger', '/ledger/', '/ledger/checkpoint/', '/ledger/checkpoint/x', '/ledger/keys?x=%00', '/ledger/../files'],
  ];
  const callers: readonly Headers[] = [{}, { ...auditor?.headers }];
  const requests = callers.flatMap((headers) => urls.map((url) => ({ what: 'log', method: 'GET', url, headers })));
  expect(await faultsOf(requests)).toEqual([]);
  // Entries leave for auditors only, however their address is written.
  for (const url of [
    'entries/000.p/1',
    'entries%2f000.p/1',
    'entries/000.p/1?x',
    './entries/000.p/1',
    '%65ntries/000.p/1',
  ]) {
    const reply = await fixture.harness.app.inject({ url: `/ledger/tile/${url}` });
    expect([400, 401, 404], url).toContain(reply.statusCode);
  }
});

it.each([
  ['text that is not JSON', '{"a":', 'application/json'],
  ['JSON that poisons prototypes', '{"__proto__":{"admin":true},"login":"a","password":"b"}', 'application/json'],
  ['JSON nested past any reason', `${'['.repeat(20_000)}${']'.repeat(20_000)}`, 'application/json'],
  ['a type that is not JSON', 'a=b', 'application/x-www-form-urlencoded'],
  ['a type that is not one', 'a=b', ';;;'],
  ['nothing', '', 'application/json'],
])(
  'a body of %s is refused as the caller’s fault, by every route that takes one from anybody',
  async (_, payload, type) => {
    const taking = fixture.table.routes.filter(({ open, contract }) => open && contract?.body);
    expect(taking.length).toBeGreaterThan(2);
    for (const route of taking) {
      const reply = await fixture.harness.app.inject({
        method: route.method as 'POST',
        url: addressOf(route),
        headers: { 'content-type': type },
        payload,
      });
      expect(reply.statusCode, route.name).toBeGreaterThanOrEqual(400);
      expect(reply.statusCode, route.name).toBeLessThan(500);
      expect(reply.headers['content-type'], route.name).toContain('application/problem+json');
    }
  },
);
