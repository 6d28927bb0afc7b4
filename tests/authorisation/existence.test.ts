import { randomUUID } from 'node:crypto';
import { newId } from '@fengcun/catalog';
import { makePerson, makeToken } from '@fengcun/identity/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ask, type Fixture, forEachOf, makeDockOf, makeFixture } from './fixture.ts';
import { makeGrant } from './grants.ts';
import { addressOf, noSuchId, type Route } from './routes.ts';
import { sample, seeded } from './samples.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await makeFixture();
});
afterAll(() => fixture.close());

/** What stands in an address where a thing's id does, and what it is the id of. */
const kindAt = (path: string): string => /^\/(?:api\/)?(.*?)\/:(?:id|index)/.exec(path)?.[1] ?? '';
/** Things of the whole site, which belong to no unit: who may enter the route may know of them. */
const ofTheSite = new Set(['webhooks', 'matters', 'ledger/proof']);

/** One id, at least, for each kind of thing, all of a unit that the readers do not reach. */
async function foreignIds(): Promise<Readonly<Record<string, string>>> {
  const { harness, foreign, foreignItem } = fixture;
  const { owner, clock, app } = harness;
  const now = clock.now();
  const working = ['officer', 'supervisor', 'legal', 'archivist'] as const;
  const stranger = await makePerson(owner, working, { unit: foreign, now });
  const dock = await makeDockOf(harness, foreign);
  const call = async (url: string, payload: object, headers: Record<string, string> = stranger.headers) => {
    const reply = await app.inject({ method: 'POST', url, headers, payload });
    expect(reply.statusCode, `${url}: ${reply.body}`).toBeLessThan(300);
    return reply.json().id as string;
  };
  const item = `/api/evidence/${foreignItem.id}`;
  const operations = ['play', 'download_proxy'] as const;
  const grant = await makeGrant(fixture, {
    to: stranger,
    item: foreignItem.id,
    state: 'live',
    by: stranger,
    operations,
  });
  const alarm = newId();
  await owner
    .insertInto('alarm')
    .values({
      id: alarm,
      kind: 'vault',
      unit_id: foreign.id,
      subject_kind: null,
      subject_id: null,
      detail: 'x',
      raised_at: now,
      acknowledged_by: null,
      acknowledged_at: null,
      note: null,
    })
    .execute();
  const disposition = newId();
  const asked = { id: disposition, evidence_id: foreignItem.id, unit_id: foreign.id, requested_by: stranger.id };
  await owner
    .insertInto('disposition')
    .values({ ...asked, state: 'requested', requested_at: now, reason: 'x', updated_at: now } as never)
    .execute();
  const redaction = newId();
  const drawn = { id: redaction, evidence_id: foreignItem.id, name: 'x', state: 'draft', version: 1 };
  await owner
    .insertInto('redaction')
    .values({ ...drawn, created_by: stranger.id, created_at: now, updated_at: now } as never)
    .execute();
  const file = (sequence: number) => ({
    name: `${sequence}.mp4`,
    size: 5,
    sha256: 'a'.repeat(64),
    kind: 'video',
    sequence,
  });
  const offload = await call(
    '/api/offloads',
    { device: 'BWC-FOREIGN', dockClock: now.toISOString(), files: [file(1), file(9)] },
    dock.headers,
  );
  const device = await owner
    .selectFrom('device')
    .select('id')
    .where('serial', '=', 'BWC-FOREIGN')
    .executeTakeFirstOrThrow();
  const gap = await owner.selectFrom('sequence_gap').select('id').where('offload_id', '=', offload).executeTakeFirst();
  const created = await app.inject({
    method: 'POST',
    url: '/files',
    headers: { ...dock.headers, 'tus-resumable': '1.0.0', 'upload-length': '5' },
  });
  expect(created.statusCode).toBe(201);
  const window = { from: now.toISOString(), until: new Date(now.getTime() + 3_600_000).toISOString() };
  const request = {
    purpose: 'case_handling',
    basis: '案件办理需要',
    items: [foreignItem.id],
    operations: ['play'],
    window,
  };
  return {
    evidence: foreignItem.id,
    accounts: stranger.id,
    'register/people': stranger.id,
    units: foreign.id,
    docks: dock.id,
    'me/sessions': stranger.session,
    'me/tokens': (await makeToken(owner, stranger.id, ['read'], now)).id,
    alarms: alarm,
    dispositions: disposition,
    grants: grant ?? '',
    offloads: offload,
    devices: device.id,
    redactions: redaction,
    gaps: gap?.id ?? '',
    files: String(created.headers.location).split('/').at(-1) ?? '',
    plays: await call(`${item}/plays`, { purpose: 'supervision' }),
    copies: await call(`${item}/copies`, { operation: 'download_proxy' }),
    verifications: await call(`${item}/verification`, {}),
    holds: await call(`${item}/holds`, { reason: 'x' }),
    requests: await call('/api/requests', request),
    cases: await call('/api/cases', {
      number: randomUUID(),
      title: '某案',
      subject: null,
      officers: [],
      unit: foreign.id,
    }),
  };
}

let ids: Readonly<Record<string, string>>;
beforeAll(async () => {
  ids = await foreignIds();
  expect(Object.entries(ids).filter(([, id]) => id === '')).toEqual([]);
});

it('what is there but not for the reader is answered exactly as what is not there, whatever the route and role', async () => {
  const routes = fixture.table.routes.filter(({ open, path }) => !open && kindAt(path) !== '');
  // A new kind of thing needs one here, of another unit.
  const kinds = new Set(routes.map(({ path }) => kindAt(path)).filter((kind) => !ofTheSite.has(kind)));
  expect([...kinds].filter((kind) => !(kind in ids))).toEqual([]);
  const differences: string[] = [];
  let compared = 0;
  const compare = async (at: number, route: Route, who: string, headers: Record<string, string>, turn: number) => {
    const { contract, path } = route;
    const options = { random: seeded(1), ids: [fixture.own.id], hostility: 0 };
    const payload = contract?.body ? sample(contract.body, options) : undefined;
    const more = path.startsWith('/files')
      ? { ...headers, 'content-type': 'application/offset+octet-stream', 'upload-offset': '0' }
      : headers;
    const nothing = await ask(fixture, route, more, {}, payload);
    for (const [place, [kind, id]] of Object.entries(ids).entries()) {
      // Everybody asks for things of the route's own kind; for things of others, routes and roles take turns.
      const ownTurn = (place + at) % 4 === 0 && place % (route.roles.length + 1) === turn;
      if (kindAt(path) !== kind && !ownTurn) continue;
      const something = await ask(fixture, route, more, { id }, payload);
      compared++;
      const same =
        something.status === nothing.status &&
        JSON.stringify(something.said).replaceAll(id, noSuchId) === JSON.stringify(nothing.said);
      if (!same) {
        differences.push(
          `${who} ${route.name} ${kind}: ${something.status} ${something.code}, not ${nothing.status} ${nothing.code}`,
        );
      }
    }
  };
  await forEachOf(routes.entries(), async ([at, route]) => {
    for (const [turn, role] of route.roles.entries()) {
      await compare(at, route, role, { ...fixture.people[role].headers }, turn);
    }
    if (route.dock) await compare(at, route, 'dock', { ...fixture.dock.headers }, route.roles.length);
  });
  expect(differences).toEqual([]);
  expect(compared).toBeGreaterThan(400);
}, 120_000);

/** Fields, and further parts of addresses, that are the id of something, and of what. */
const kindOfField: Readonly<Record<string, string>> = {
  account: 'accounts',
  approver: 'accounts',
  case: 'cases',
  device: 'devices',
  dock: 'docks',
  evidence: 'evidence',
  holder: 'accounts',
  item: 'evidence',
  items: 'evidence',
  officer: 'accounts',
  officers: 'accounts',
  offload: 'offloads',
  parent: 'units',
  person: 'accounts',
  redaction: 'redactions',
  render: 'redactions',
  requester: 'accounts',
  session: 'me/sessions',
  unit: 'units',
};
/** Chosen by the client, or of the whole site. */
const noThing = new Set(['clientId', 'matter', 'ids', 'id']);

type Json = Record<string, unknown>;

/** Where in a schema ids stand, as paths of field names. */
function idsIn(schema: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { format, properties, items, anyOf } = schema as {
    format?: string;
    properties?: Json;
    items?: unknown;
    anyOf?: unknown[];
  };
  if (format === 'uuid') return [path];
  return [
    ...Object.entries(properties ?? {}).flatMap(([name, each]) => idsIn(each, [...path, name])),
    ...(items ? idsIn(items, [...path, '0']) : []),
    ...(anyOf ?? []).flatMap((each) => idsIn(each, path)),
  ];
}

/** A copy with a value put where the path leads; what lies on the way is made. */
function withValue(value: unknown, [first, ...rest]: readonly string[], put: string): unknown {
  if (first === undefined) return put;
  if (first === '0') return [withValue(Array.isArray(value) ? value[0] : undefined, rest, put)];
  const object = typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
  return { ...object, [first]: withValue(object[first], rest, put) };
}

it('nobody learns from naming a thing of another unit in a body, a filter or the rest of an address that it is there', async () => {
  const { harness, own, ownItem, people, foreign, foreignItem, dock } = fixture;
  const { owner } = harness;
  const subject = await makePerson(owner, 'officer', { unit: own });
  const known: Readonly<Record<string, string>> = {
    evidence: ownItem.id,
    accounts: subject.id,
    units: own.id,
    docks: dock.id,
  };
  const stranger = await owner
    .selectFrom('account')
    .select('name')
    .where('id', '=', ids.accounts ?? '')
    .executeTakeFirst();
  const secrets = [foreign.name, stranger?.name ?? '', 'BWC-FOREIGN', foreignItem.sha256];
  const unnamed = new Set<string>();
  const faults: string[] = [];
  let compared = 0;
  await forEachOf(fixture.table.routes, async (route) => {
    const { contract, path } = route;
    // An urgent opening, and what names nothing but its own address.
    if (!contract || route.open) return;
    const places = [
      ...idsIn(contract.params)
        .filter(([name]) => name !== 'id')
        .map((at) => ({ part: 'params' as const, at })),
      ...idsIn(contract.query).map((at) => ({ part: 'query' as const, at })),
      ...idsIn(contract.body).map((at) => ({ part: 'body' as const, at })),
    ];
    for (const { part, at } of places) {
      const field = at.findLast((name) => name !== '0') ?? '';
      const kind = kindOfField[field];
      if (noThing.has(field)) continue;
      const foreignId = kind && ids[kind];
      if (!foreignId) {
        unnamed.add(`${route.name} ${part} ${field}`);
        continue;
      }
      for (const role of route.roles) {
        const options = { random: seeded(3), ids: [own.id], hostility: 0 };
        const bare = sample(contract.body ?? {}, options);
        const send = async (id: string) => {
          const params = { id: known[kindAt(path)] ?? noSuchId, ...(part === 'params' ? { [field]: id } : {}) };
          const reply = await harness.app.inject({
            method: route.method as 'GET',
            url: addressOf(route, params) + (part === 'query' ? `?${field}=${id}` : ''),
            headers: { ...people[role].headers },
            ...(contract.body ? { payload: (part === 'body' ? withValue(bare, at, id) : bare) as object } : {}),
          });
          return {
            status: reply.statusCode,
            body: reply.body.replaceAll(id, noSuchId).replaceAll(/"requestId":"[^"]*"/g, ''),
          };
        };
        const nothing = await send(noSuchId);
        const something = await send(foreignId);
        compared++;
        const what = `${role} ${route.name} ${part} ${at.join('.')}: ${something.status} ${something.body.slice(0, 200)}, not ${nothing.status} ${nothing.body.slice(0, 200)}`;
        if (something.status !== nothing.status) faults.push(what);
        else if (something.status >= 400 && something.body !== nothing.body) faults.push(what);
        if (secrets.some((secret) => something.body.includes(secret))) faults.push(`tells: ${what}`);
      }
    }
  });
  expect(faults).toEqual([]);
  expect([...unnamed]).toEqual([]);
  expect(compared).toBeGreaterThan(100);
}, 120_000);
