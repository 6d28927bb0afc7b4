import { createHash, createHmac, randomBytes } from 'node:crypto';
import { makeDock, makePerson, makeUnit, type TestDock } from '@fengcun/identity/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  create,
  eventsOf,
  type Harness,
  head,
  metadata,
  offsetOf,
  patch,
  rawPatch,
  rowOf,
  startHarness,
  tusHeaders,
  until,
} from '../tests/harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

const problemOf = async (reply: Response) => [reply.status, ((await reply.json()) as { code: string }).code];
const denied = async (code: string) =>
  (await eventsOf(harness, 'access.denied')).filter(({ data }) => data.code === code);
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a token', () => {
  const claims = (dock: TestDock) => {
    const iat = Math.floor(Date.now() / 1000);
    return { sub: dock.id, aud: 'test-site', iat, exp: iat + 60 };
  };
  const cases: [string, (dock: TestDock) => Promise<string>, string][] = [
    ['that has expired', (dock) => dock.token({ now: new Date(Date.now() - 3_600_000) }), 'token_expired'],
    ['for another site', (dock) => dock.token({ audience: 'another-site' }), 'token_elsewhere'],
    ['that lives too long', (dock) => dock.token({ lifetimeSeconds: 86_400 }), 'token_expired'],
    ['of another dock', (dock) => dock.token({ subject: '0192f000-0000-7000-8000-000000000000' }), 'token_invalid'],
    [
      'signed with no algorithm',
      async (dock) => `${part({ alg: 'none', kid: dock.id })}.${part(claims(dock))}.`,
      'token_invalid',
    ],
    [
      'signed with the public key as a secret',
      async (dock) => {
        const text = `${part({ alg: 'HS256', kid: dock.id })}.${part(claims(dock))}`;
        return `${text}.${createHmac('sha256', dock.id).update(text).digest('base64url')}`;
      },
      'token_invalid',
    ],
    [
      'signed with another key',
      async (dock) => {
        const other = await makeDock(harness.owner);
        const [header = '', payload = ''] = (await dock.token()).split('.');
        const [, , signature = ''] = (await other.token({ subject: dock.id })).split('.');
        return [header, payload, signature].join('.');
      },
      'token_invalid',
    ],
    ['of no form at all', async () => 'nonsense', 'token_invalid'],
  ];
  it.each(cases)('%s is refused with a problem, on record, for every verb', async (_what, tokenOf, code) => {
    const dock = await makeDock(harness.owner);
    const path = await create({ ...harness, dock }, 10);
    const headers = {
      ...(await tusHeaders(dock)),
      authorization: `Bearer ${await tokenOf(dock)}`,
      'upload-offset': '0',
    };
    const octets = { ...headers, 'content-type': 'application/offset+octet-stream' };
    const post = await fetch(`${harness.url}/files`, { method: 'POST', headers: { ...headers, 'upload-length': '5' } });
    expect(post.headers.get('tus-resumable')).toBe('1.0.0');
    expect(await problemOf(post)).toEqual([401, code]);
    expect(await problemOf(await fetch(harness.url + path, { method: 'PATCH', headers: octets, body: 'x' }))).toEqual([
      401,
      code,
    ]);
    expect((await fetch(harness.url + path, { method: 'HEAD', headers })).status).toBe(401);
    expect(await problemOf(await fetch(harness.url + path, { method: 'DELETE', headers }))).toEqual([401, code]);
    expect((await denied(code)).length).toBeGreaterThan(0);
    expect(offsetOf(await head({ ...harness, dock }, path))).toBe(0);
  });

  it('missing is refused', async () => {
    const reply = await fetch(`${harness.url}/files`, {
      method: 'POST',
      headers: { 'tus-resumable': '1.0.0', 'upload-length': '5' },
    });
    expect(reply.status).toBe(401);
  });
});

describe('a person', () => {
  it('uploads with a session, under their own unit and number', async () => {
    const person = await makePerson(harness.owner, 'officer');
    const reply = await fetch(`${harness.url}/files`, {
      method: 'POST',
      headers: {
        ...person.headers,
        'tus-resumable': '1.0.0',
        'upload-length': '5',
        'content-type': 'application/offset+octet-stream',
      },
      body: 'hello',
    });
    expect(reply.status).toBe(201);
    const row = await rowOf(harness, reply.headers.get('location') ?? '');
    expect(row).toMatchObject({ account_id: person.id, dock_id: null, unit_id: person.unit.id, state: 'received' });
    expect(row.officer_number).not.toBeNull();
  });

  it('without a role that sends may not', async () => {
    const person = await makePerson(harness.owner, 'auditor');
    const headers = { ...person.headers, 'tus-resumable': '1.0.0', 'upload-length': '5' };
    expect(await problemOf(await fetch(`${harness.url}/files`, { method: 'POST', headers }))).toEqual([
      403,
      'role_required',
    ]);
  });
});

describe("somebody else's", () => {
  it('upload is not there, whatever is asked of it, and the attempt is on record', async () => {
    const path = await create(harness, 10);
    const stranger = await makeDock(harness.owner, { unit: harness.dock.unit });
    const request = await rawPatch(harness, path, 0, { 'content-length': '10' });
    await until(async () => (await rowOf(harness, path)).lease_until !== null);
    const foreign = { url: harness.url, dock: stranger };
    expect((await head(foreign, path)).status).toBe(404);
    expect((await patch(foreign, path, 0, randomBytes(10))).status).toBe(404);
    expect((await fetch(harness.url + path, { method: 'DELETE', headers: await tusHeaders(stranger) })).status).toBe(
      404,
    );
    expect((await denied('upload_foreign')).filter(({ actor }) => actor.id === stranger.id)).toHaveLength(3);
    // The owner's transfer was not disturbed by any of it.
    await request.write('0123456789');
    expect((await request.answer()).status).toBe(204);
    request.destroy();
  });

  it('offload takes no files, and an unknown one neither, both on record', async () => {
    const stranger = await makeDock(harness.owner, { unit: harness.dock.unit });
    const reply = await fetch(`${harness.url}/api/offloads`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await stranger.token()}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        device: 'BWC-FOREIGN',
        dockClock: '2026-01-01T00:00:00.000Z',
        files: [{ name: 'a.mp4', size: 5, sha256: 'a'.repeat(64), kind: 'video' }],
      }),
    });
    const { id } = (await reply.json()) as { id: string };
    for (const [offload, status, code] of [
      [id, 403, 'offload_foreign'],
      ['0192f000-0000-7000-8000-000000000000', 404, 'offload_unknown'],
    ] as const) {
      const values = metadata({ filename: 'a.mp4', sha256: 'a'.repeat(64), offload });
      const headers = await tusHeaders(harness.dock, { 'upload-length': '5', 'upload-metadata': values });
      expect(await problemOf(await fetch(`${harness.url}/files`, { method: 'POST', headers }))).toEqual([status, code]);
      expect((await denied(code)).some(({ actor }) => actor.id === harness.dock.id)).toBe(true);
    }
  });
});

describe('an archivist', () => {
  it('sends scans of letters as the console does, without an offload, and they are theirs', async () => {
    const unit = await makeUnit(harness.owner);
    const archivist = await makePerson(harness.owner, 'archivist', { unit });
    const scan = Buffer.from('%PDF-1.7 letter');
    const tus = { ...archivist.headers, 'tus-resumable': '1.0.0' };
    const values = {
      filename: '调取证据通知书.pdf',
      sha256: createHash('sha256').update(scan).digest('hex'),
      kind: 'document',
      recordedFrom: '2026-01-01T00:00:00.000Z',
    };
    const created = await fetch(`${harness.url}/files`, {
      method: 'POST',
      headers: { ...tus, 'upload-length': String(scan.length), 'upload-metadata': metadata(values) },
    });
    expect(created.status).toBe(201);
    const path = created.headers.get('location') ?? '';
    const sent = await fetch(harness.url + path, {
      method: 'PATCH',
      headers: { ...tus, 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' },
      body: scan,
    });
    expect([sent.status, sent.headers.get('upload-offset')]).toEqual([204, String(scan.length)]);
    expect(await rowOf(harness, path)).toMatchObject({
      state: 'received',
      kind: 'document',
      name: '调取证据通知书.pdf',
      account_id: archivist.id,
      unit_id: unit.id,
    });
  });

  it.each(['legal', 'bureau_head', 'auditor'] as const)('is who does that: %s sends nothing', async (role) => {
    const { headers } = await makePerson(harness.owner, role);
    const reply = await fetch(`${harness.url}/files`, {
      method: 'POST',
      headers: { ...headers, 'tus-resumable': '1.0.0', 'upload-length': '5' },
    });
    expect(await problemOf(reply)).toEqual([403, 'role_required']);
  });
});

describe('a revoked dock', () => {
  it('is cut off in the middle of a body, keeps what it sent, and is refused from then on', async () => {
    const dock = await makeDock(harness.owner);
    const admin = await makePerson(harness.owner, 'security_admin', { unit: dock.unit });
    const path = await create({ ...harness, dock }, 1000);
    const request = await rawPatch({ ...harness, dock }, path, 0, { 'content-length': '1000' });
    const before = await harness.bytesTaken();
    await request.write(randomBytes(400));
    await until(async () => (await harness.bytesTaken()) >= before + 400);
    const revoked = await fetch(`${harness.url}/api/docks/${dock.id}/revocation`, {
      method: 'POST',
      headers: { ...admin.headers, 'content-type': 'application/json' },
      body: JSON.stringify({ reason: '设备遗失' }),
    });
    expect(revoked.status).toBe(200);
    const answer = await request.answer();
    expect([answer.status, JSON.parse(answer.body).code]).toEqual([401, 'dock_revoked']);
    request.destroy();
    expect(await rowOf(harness, path)).toMatchObject({ state: 'receiving', durable_offset: 400 });
    expect(await problemOf(await patch({ ...harness, dock }, path, 400, randomBytes(600)))).toEqual([
      401,
      'dock_revoked',
    ]);
    expect(await eventsOf(harness, 'dock.revoked', dock.id)).toMatchObject([
      { actor: { id: admin.id }, data: { reason: '设备遗失' } },
    ]);
  });
});

describe('the list of uploads', () => {
  it('shows those of visible units, newest first, page by page', async () => {
    const unit = await makeUnit(harness.owner);
    const dock = await makeDock(harness.owner, { unit });
    const officer = await makePerson(harness.owner, 'officer', { unit });
    const paths: string[] = [];
    for (let i = 0; i < 5; i++) paths.push(await create({ ...harness, dock }, 10, { filename: `${i}.mp4` }));
    await create(harness, 10);
    const names: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const reply = await fetch(`${harness.url}/api/uploads?limit=2${query}`, { headers: officer.headers });
      expect(reply.status).toBe(200);
      const page = (await reply.json()) as { items: { name: string }[]; next: string | null };
      names.push(...page.items.map(({ name }) => name));
      cursor = page.next;
    }
    expect(names).toEqual(['4.mp4', '3.mp4', '2.mp4', '1.mp4', '0.mp4']);
    expect(await problemOf(await fetch(`${harness.url}/api/uploads?cursor=x`, { headers: officer.headers }))).toEqual([
      400,
      'cursor_invalid',
    ]);
  });
});

describe('a sender', () => {
  it('begins, asks and ends only so often in a minute, and is told when to go on; bytes and other senders are', async () => {
    const { url } = await harness.another({ FENGCUN_RATE_UPLOAD: '3' });
    const dock = await makeDock(harness.owner);
    const sender = { url, dock };
    const path = await create(sender, 20);
    expect((await head(sender, path)).status).toBe(200);
    await create(sender, 20);
    const refused = [
      await head(sender, path),
      await fetch(`${url}/files`, { method: 'POST', headers: await tusHeaders(dock, { 'upload-length': '1' }) }),
      await fetch(url + path, { method: 'DELETE', headers: await tusHeaders(dock) }),
      await fetch(url + path, {
        method: 'POST',
        headers: await tusHeaders(dock, { 'x-http-method-override': 'HEAD' }),
      }),
    ];
    for (const reply of refused) {
      expect(reply.status).toBe(429);
      expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(reply.headers.get('tus-resumable')).toBe('1.0.0');
    }
    expect(await refused[1]?.json()).toMatchObject({
      code: 'too_many_requests',
      detail: expect.stringContaining('Retry-After'),
    });
    for (let offset = 0; offset < 10; offset++)
      expect((await patch(sender, path, offset, randomBytes(1))).status).toBe(204);
    const overridden = await fetch(url + path, {
      method: 'POST',
      headers: await tusHeaders(dock, {
        ...{ 'x-http-method-override': 'PATCH', 'upload-offset': '10' },
        'content-type': 'application/offset+octet-stream',
      }),
      body: randomBytes(10),
    });
    expect(overridden.status).toBe(204);
    await create({ url, dock: await makeDock(harness.owner) }, 1);
    expect(await until(async () => (await denied('too_many_requests')).length)).toBeGreaterThan(0);
  });
});
