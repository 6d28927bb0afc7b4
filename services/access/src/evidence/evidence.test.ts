import { newId } from '@fengcun/catalog';
import { makePerson, makeUnit, type TestPerson, type TestUnit } from '@fengcun/identity/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventsOf } from '../testing/events.ts';
import { type Harness, startHarness } from '../testing/harness.ts';
import { makeEvidence, type TestEvidence } from '../testing/make-evidence.ts';
import { publishLog } from '../testing/publish-log.ts';

let harness: Harness;
let county: TestUnit;
let section: TestUnit;
let elsewhere: TestUnit;
let officer: TestPerson;
let stranger: TestPerson;
const items: TestEvidence[] = [];
const start = Date.UTC(2026, 0, 1);
const device = { id: newId(), serial: 'BC-0001' };

beforeAll(async () => {
  harness = await startHarness();
  const { owner } = harness;
  county = await makeUnit(owner);
  section = await makeUnit(owner, { parent: county });
  elsewhere = await makeUnit(owner);
  officer = await makePerson(owner, 'officer', { unit: county });
  stranger = await makePerson(owner, 'officer', { unit: elsewhere });
  await owner
    .insertInto('device')
    .values({
      ...device,
      kind: 'body_camera',
      name: '记录仪',
      unit_id: county.id,
      state: 'in_use',
      created_at: new Date(),
    })
    .execute();
  for (let i = 0; i < 12; i++) {
    items.push(
      await makeEvidence(harness, {
        unit: i % 2 ? section : county,
        content: Buffer.from(`content ${i}`),
        name: i === 3 ? '现场 100%_勘查\\😀.avi' : `REC${i}.mp4`,
        kind: i % 4 === 0 ? 'audio' : 'video',
        // Two at one moment: the id decides.
        capturedAt: new Date(start + Math.floor(i / 2) * 60_000),
        keyMark: i === 5,
        quarantined: i === 7,
        officer: i < 6 ? '0001' : '0002',
        ...(i === 9 ? { device } : {}),
        proxy: i === 2 ? 'failed' : 'pending',
      }),
    );
  }
  await makeEvidence(harness, { unit: elsewhere, name: 'REC other.mp4', proxy: 'pending' });
});
afterAll(() => harness.close());

const get = (url: string, as: TestPerson = officer) => harness.app.inject({ url, headers: { cookie: as.cookie } });
const list = async (query: Record<string, string | number | boolean>, as: TestPerson = officer) => {
  const reply = await get(
    `/api/evidence?${new URLSearchParams(Object.entries(query).map(([k, v]): [string, string] => [k, String(v)]))}`,
    as,
  );
  expect(reply.statusCode, reply.body).toBe(200);
  return reply.json() as { items: { id: string; name: string }[]; next: string | null };
};
const newestFirst = () =>
  items
    .map((item, i) => ({ id: item.id, i }))
    .toSorted((a, b) => Math.floor(b.i / 2) - Math.floor(a.i / 2) || (a.id < b.id ? 1 : -1));
const order = () => newestFirst().map(({ id }) => id);
const ids = (numbers: number[]) =>
  newestFirst()
    .filter(({ i }) => numbers.includes(i))
    .map(({ id }) => id);

describe('the list', () => {
  it('shows the subtree of the reader’s unit, newest recording first', async () => {
    const { items: shown, next } = await list({});
    expect(shown.map((item) => item.id)).toEqual(order());
    expect(next).toBeNull();
    expect(shown[0]).toMatchObject({ unit: { name: expect.any(String) }, durationMs: 18_000, proxy: 'pending' });
  });

  it('shows nobody else’s', async () => {
    expect((await list({}, stranger)).items.map((item) => item.name)).toEqual(['REC other.mp4']);
    const nobody = await makePerson(harness.owner, [], { unit: county });
    expect((await list({}, nobody)).items).toEqual([]);
  });

  it.each([1, 2, 5, 11, 12])('in pages of %i is the same list', async (limit) => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: { items: { id: string }[]; next: string | null } = await list({
        limit,
        ...(cursor ? { cursor } : {}),
      });
      expect(page.items.length).toBeLessThanOrEqual(limit);
      seen.push(...page.items.map((item) => item.id));
      cursor = page.next;
    } while (cursor);
    expect(seen).toEqual(order());
  });

  const all = Array.from({ length: 12 }, (_, i) => i);
  it.each([
    ['kind', { kind: 'audio' }, [0, 4, 8]],
    ['state', { state: 'quarantined' }, [7]],
    ['state sealed', { state: 'sealed' }, all.filter((i) => i !== 7)],
    ['key mark', { keyMark: true }, [5]],
    ['no key mark', { keyMark: false }, all.filter((i) => i !== 5)],
    ['officer', { officer: '0002' }, [6, 7, 8, 9, 10, 11]],
    ['device', { device: device.id }, [9]],
    ['a unit below', { unit: 'section' }, all.filter((i) => i % 2 === 1)],
    ['a unit and all below', { unit: 'county' }, all],
    ['a unit out of sight', { unit: 'elsewhere' }, []],
    ['a unit that is not', { unit: newId() }, []],
    ['from', { from: new Date(start + 240_000).toISOString() }, [8, 9, 10, 11]],
    ['to, exclusive', { to: new Date(start + 60_000).toISOString() }, [0, 1]],
    ['part of a name, any case', { q: 'rec1' }, [1, 10, 11]],
    ['two Chinese characters', { q: '勘查' }, [3]],
    ['one Chinese character', { q: '场' }, [3]],
    ['wildcards taken literally', { q: '100%_' }, [3]],
    ['a backslash', { q: '勘查\\' }, [3]],
    ['an emoji', { q: '😀' }, [3]],
    ['the extension', { q: '.mp4' }, all.filter((i) => i !== 3)],
    ['a name that is not', { q: '不存在' }, []],
    ['an offload that is not', { offload: newId() }, []],
    ['several at once', { kind: 'video', officer: '0001', q: 'REC', unit: 'section' }, [1, 5]],
    ['kind and key mark', { kind: 'video', keyMark: true }, [5]],
  ] as [string, Record<string, string | boolean>, number[]][])('filters by %s', async (_name, filter, expected) => {
    const units: Record<string, string> = { section: section.id, county: county.id, elsewhere: elsewhere.id };
    const query = {
      ...filter,
      ...(typeof filter.unit === 'string' ? { unit: units[filter.unit] ?? filter.unit } : {}),
    };
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: { items: { id: string }[]; next: string | null } = await list({
        ...query,
        limit: 2,
        ...(cursor ? { cursor } : {}),
      });
      seen.push(...page.items.map((item) => item.id));
      cursor = page.next;
    } while (cursor);
    expect(seen).toEqual(ids(expected));
  });

  it('is the same for a reader of everything', async () => {
    const root = await makePerson(harness.owner, 'legal', { unit: county });
    await harness.owner
      .insertInto('account_role')
      .values({ account_id: root.id, unit_id: elsewhere.id, role: 'legal' })
      .execute();
    const units = await harness.owner.selectFrom('unit').select('id').where('parent_id', 'is', null).execute();
    for (const { id } of units) {
      await harness.owner
        .insertInto('account_role')
        .values({ account_id: root.id, unit_id: id, role: 'legal' })
        .onConflict((c) => c.doNothing())
        .execute();
    }
    expect((await list({}, root)).items).toHaveLength(13);
    expect((await list({ q: 'rec', limit: 3 }, root)).items).toHaveLength(3);
    expect((await list({ kind: 'audio' }, root)).items.map((item) => item.id)).toEqual(ids([0, 4, 8]));
  });

  it.each([
    'x',
    '!!!',
    Buffer.from('2026-01-01T00:00:00.000Z').toString('base64url'),
    Buffer.from("2026-01-01T00:00:00.000Z ' or 1=1").toString('base64url'),
    Buffer.from('yesterday 00000000-0000-7000-8000-000000000000').toString('base64url'),
    '\u0000',
  ])('refuses the cursor %j', async (cursor) => {
    const reply = await get(`/api/evidence?cursor=${encodeURIComponent(cursor)}`);
    expect(reply.json()).toMatchObject({ status: 400, code: 'cursor_invalid' });
  });

  it.each([
    'limit=0',
    'limit=201',
    'limit=x',
    'kind=film',
    'unit=1',
    'from=yesterday',
    'colour=red',
    'q=',
    'keyMark=maybe',
  ])('refuses %s', async (query) => {
    expect((await get(`/api/evidence?${query}`)).json()).toMatchObject({ status: 400, code: 'invalid_input' });
  });
});

describe('an item’s page', () => {
  it('says everything that is known about it', async () => {
    const item = items[2];
    if (!item) throw new Error('no item');
    await publishLog(harness);
    const reply = await get(`/api/evidence/${item.id}`);
    expect(reply.statusCode, reply.body).toBe(200);
    const evidence = reply.json();
    expect(evidence).toMatchObject({
      id: item.id,
      state: 'sealed',
      quarantine: null,
      digests: {
        declared: { sha256: item.sha256 },
        received: { parts: 1, sha256: item.sha256 },
        readBack: { bytes: item.content.length, sha256: item.sha256 },
      },
      lock: { driver: 'disk', protection: 'advisory', mode: 'compliance', legalHold: false },
      metadata: { filename: 'REC2.mp4' },
      probe: { format: { format_name: 'mov' }, streams: [] },
      proxy: 'failed',
      actions: {
        // An officer of the unit, and not on the case.
        play: { allowed: false, rule: 'other_play', approvers: ['bureau_head'], purposes: [] },
        verify: { allowed: true, rule: 'own_unit_verify' },
      },
    });
    expect(evidence.entryIndex).toEqual(expect.any(Number));
    expect(evidence.derivatives.map((d: { kind: string }) => d.kind)).toEqual(['probe', 'proxy']);
  });

  it('tells an administrator that they may not play', async () => {
    const auditor = await makePerson(harness.owner, 'auditor', { unit: county });
    const { verify, ...footage } = (await get(`/api/evidence/${items[0]?.id}`, auditor)).json().actions;
    expect(verify).toEqual({ allowed: true, rule: 'own_unit_verify' });
    for (const [operation, permission] of Object.entries(footage)) {
      expect(permission, operation).toMatchObject({ allowed: false, rule: 'administrators_never_open_footage' });
    }
  });

  it('of another unit is not there, and the look for it is on record', async () => {
    const id = items[4]?.id ?? '';
    for (const url of [`/api/evidence/${id}`, `/api/evidence/${id}/custody`]) {
      expect((await get(url, stranger)).json()).toMatchObject({ status: 404, code: 'not_found' });
    }
    const denied = (await eventsOf(harness, 'access.denied')).filter(
      (e) => e.actor === stranger.id && e.subject === id,
    );
    expect(denied).toHaveLength(2);
    expect(denied[0]?.data).toMatchObject({ route: 'GET /api/evidence/:id', code: 'not_found' });
    const unknown = (await get(`/api/evidence/${newId()}`, stranger)).json();
    expect(unknown).toMatchObject({ status: 404, code: 'not_found' });
  });

  it('looked at is one event for each session', async () => {
    const id = items[6]?.id ?? '';
    await Promise.all([get(`/api/evidence/${id}`), get(`/api/evidence/${id}`), get(`/api/evidence/${id}/custody`)]);
    await get(`/api/evidence/${id}`);
    const viewed = async () => (await eventsOf(harness, 'evidence.viewed')).filter((e) => e.subject === id);
    expect((await viewed()).map((e) => e.data)).toEqual([{ session: officer.session }]);
    const colleague = await makePerson(harness.owner, 'supervisor', { unit: county });
    await get(`/api/evidence/${id}`, colleague);
    expect(await viewed()).toHaveLength(2);
  });

  it('is not shown when the look cannot be recorded', async () => {
    const { sql } = await import('kysely');
    await sql`revoke insert on ledger_event from fengcun_access`.execute(harness.owner);
    try {
      const reply = await get(`/api/evidence/${items[8]?.id}`);
      expect(reply.json()).toMatchObject({ status: 503, code: 'not_recorded' });
    } finally {
      await sql`grant insert on ledger_event to fengcun_access`.execute(harness.owner);
    }
    expect((await get(`/api/evidence/${items[8]?.id}`)).statusCode).toBe(200);
  });

  it('with the vault away says what was known, and nothing of holds', async () => {
    const { VaultError } = await import('@fengcun/vault');
    const app = await harness.another({
      vault: (vault) =>
        new Proxy(vault, {
          get: (target, name) =>
            name === 'protection'
              ? () => Promise.reject(new VaultError('unavailable', 'gone'))
              : Reflect.get(target, name, target),
        }),
    });
    const reply = await app.inject({ url: `/api/evidence/${items[1]?.id}`, headers: { cookie: officer.cookie } });
    expect(reply.json().lock).toMatchObject({ mode: 'compliance', legalHold: null });
  });
});

describe('the custody timeline', () => {
  it('is everything about the item, oldest first, with names for readers, in pages', async () => {
    const id = items[10]?.id ?? '';
    const supervisor = await makePerson(harness.owner, 'supervisor', { unit: county, name: '王主任' });
    await get(`/api/evidence/${id}`, supervisor);
    await get(`/api/evidence/${id}`, stranger);
    const reply = await get(`/api/evidence/${id}/custody?limit=2`);
    const first = reply.json();
    expect(reply.statusCode, reply.body).toBe(200);
    expect(first.items.map((entry: { event: { type: string } }) => entry.event.type)).toEqual([
      'evidence.sealed',
      'evidence.viewed',
    ]);
    expect(first.items[0].openings).toEqual({ '/data/name': 'REC10.mp4' });
    expect(first.items[1].openings).toEqual({ '/actor/name': '王主任' });
    expect(JSON.stringify(first.items[1].event)).not.toContain('王主任');
    const second = (await get(`/api/evidence/${id}/custody?limit=2&cursor=${first.next}`)).json();
    expect(second.items.map((entry: { event: { type: string } }) => entry.event.type)).toEqual([
      'access.denied',
      'evidence.viewed',
    ]);
    expect(second.next).toBeNull();
  });

  it('refuses a cursor it did not make', async () => {
    expect((await get(`/api/evidence/${items[10]?.id}/custody?cursor=LTE`)).json()).toMatchObject({
      code: 'cursor_invalid',
    });
  });
});

describe('trying a derivative again', () => {
  const retry = (id: string, kind: string, as: TestPerson) =>
    harness.app.inject({ method: 'POST', url: `/api/evidence/${id}/derivatives/${kind}/retry`, headers: as.headers });

  it('asks for the job again, on record, once', async () => {
    const id = items[2]?.id ?? '';
    const replies = await Promise.all([retry(id, 'proxy', officer), retry(id, 'proxy', officer)]);
    expect(replies.map((reply) => reply.statusCode).toSorted()).toEqual([202, 409]);
    expect(replies.find((reply) => reply.statusCode === 202)?.json()).toMatchObject({
      kind: 'proxy',
      state: 'pending',
    });
    const jobs = await harness.owner.selectFrom('outbox').selectAll().execute();
    expect(jobs.map(({ queue, job_key, payload }) => ({ queue, job_key, payload }))).toEqual([
      { queue: 'proxy', job_key: id, payload: { evidence: id } },
    ]);
    expect((await eventsOf(harness, 'derivative.retried')).map((e) => [e.subject, e.data])).toEqual([
      [id, { kind: 'proxy' }],
    ]);
  });

  it('probes first when it was the probe that failed', async () => {
    const item = await makeEvidence(harness, { unit: county, proxy: 'failed' });
    await harness.owner
      .updateTable('derivative')
      .set({ state: 'failed', reason: 'probe_failed' })
      .where('evidence_id', '=', item.id)
      .execute();
    await retry(item.id, 'proxy', officer);
    const job = await harness.owner
      .selectFrom('outbox')
      .selectAll()
      .where('job_key', '=', item.id)
      .executeTakeFirstOrThrow();
    expect(job.queue).toBe('probe');
  });

  it.each([
    ['ready', 'probe', 409, 'not_failed'],
    ['never asked for', 'waveform', 409, 'not_failed'],
    ['unknown', 'film', 400, 'invalid_input'],
  ])('is refused for one that is %s', async (_name, kind, status, code) => {
    expect((await retry(items[0]?.id ?? '', kind, officer)).json()).toMatchObject({ status, code });
  });

  it('of another unit is not there', async () => {
    expect((await retry(items[2]?.id ?? '', 'proxy', stranger)).statusCode).toBe(404);
  });
});
