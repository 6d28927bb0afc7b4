import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  create,
  eventsOf,
  type Harness,
  head,
  idOf,
  metadata,
  offsetOf,
  partSize,
  patch,
  rowOf,
  startHarness,
  storedBytes,
  tusHeaders,
} from '../../tests/harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

const send = async (
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: Uint8Array<ArrayBuffer>,
) =>
  fetch(harness.url + path, {
    method,
    headers: await tusHeaders(harness.dock, headers),
    ...(body ? { body } : {}),
  });
const codeOf = async (reply: Response) => [reply.status, ((await reply.json()) as { code: string }).code];
const octets = { 'content-type': 'application/offset+octet-stream' };
const base64 = (algorithm: string, bytes: Uint8Array) => createHash(algorithm).update(bytes).digest('base64');

describe('OPTIONS', () => {
  it.each(['/files', '/files/0192f000-0000-7000-8000-000000000000'])(
    '%s says what is spoken, to anybody',
    async (path) => {
      const reply = await fetch(harness.url + path, { method: 'OPTIONS' });
      expect(reply.status).toBe(204);
      expect(Object.fromEntries(reply.headers)).toMatchObject({
        'tus-resumable': '1.0.0',
        'tus-version': '1.0.0',
        'tus-extension': 'creation,creation-with-upload,creation-defer-length,expiration,checksum,termination',
        'tus-checksum-algorithm': 'sha256,sha1,md5',
        'tus-max-size': String(64 * 1024 * 1024),
      });
    },
  );
});

describe('POST', () => {
  it('creates an upload with its event, and answers a path and an expiry', async () => {
    const reply = await send('POST', '/files', {
      'upload-length': '10',
      'upload-metadata': metadata({ filename: '录像 1.mp4' }),
    });
    expect(reply.status).toBe(201);
    const location = reply.headers.get('location') ?? '';
    expect(location).toMatch(/^\/files\/[0-9a-f-]{36}$/);
    expect(Date.parse(reply.headers.get('upload-expires') ?? '')).toBeGreaterThan(Date.now());
    expect(reply.headers.get('tus-resumable')).toBe('1.0.0');
    const [event] = await eventsOf(harness, 'upload.started', idOf(location));
    expect(event).toMatchObject({ actor: { id: harness.dock.id }, data: { size: 10, declared: null, offload: null } });
    expect(await rowOf(harness, location)).toMatchObject({
      name: '录像 1.mp4',
      state: 'receiving',
      unit_id: harness.dock.unit.id,
    });
  });

  it('of an empty file completes it at once and asks for its sealing', async () => {
    const path = await create(harness, 0);
    expect(await rowOf(harness, path)).toMatchObject({ state: 'received', durable_offset: 0 });
    const jobs = await harness.owner.selectFrom('outbox').selectAll().where('job_key', '=', idOf(path)).execute();
    expect(jobs).toMatchObject([{ queue: 'seal', payload: { evidence: idOf(path) } }]);
    const reply = await head(harness, path);
    expect([offsetOf(reply), reply.headers.get('upload-length')]).toEqual([0, '0']);
  });

  it('takes the whole file along', async () => {
    const bytes = randomBytes(partSize + 17);
    const reply = await send('POST', '/files', { 'upload-length': String(bytes.length), ...octets }, bytes);
    expect([reply.status, offsetOf(reply)]).toEqual([201, bytes.length]);
    const path = reply.headers.get('location') ?? '';
    expect(await rowOf(harness, path)).toMatchObject({ state: 'received' });
    expect((await storedBytes(harness, path)).equals(bytes)).toBe(true);
  });

  it('takes the beginning of a file along', async () => {
    const bytes = randomBytes(100);
    const reply = await send('POST', '/files', { 'upload-length': '100', ...octets }, bytes.subarray(0, 60));
    expect([reply.status, offsetOf(reply)]).toEqual([201, 60]);
    const path = reply.headers.get('location') ?? '';
    const rest = await patch(harness, path, 60, bytes.subarray(60));
    expect([rest.status, offsetOf(rest)]).toEqual([204, 100]);
    expect((await storedBytes(harness, path)).equals(bytes)).toBe(true);
  });

  it.each([
    [{}, 400, 'length_required'],
    [{ 'upload-length': '5', 'upload-defer-length': '1' }, 400, 'length_required'],
    [{ 'upload-defer-length': '2' }, 400, 'length_required'],
    [{ 'upload-length': '-5' }, 400, 'header_invalid'],
    [{ 'upload-length': '5.0' }, 400, 'header_invalid'],
    [{ 'upload-length': '1e3' }, 400, 'header_invalid'],
    [{ 'upload-length': '99999999999999999999' }, 400, 'header_invalid'],
    [{ 'upload-length': '' }, 400, 'header_invalid'],
    [{ 'upload-length': String(64 * 1024 * 1024 + 1) }, 413, 'too_large'],
    [{ 'upload-length': '5', 'upload-concat': 'partial' }, 501, 'extension_unsupported'],
  ])('refuses %j with %i %s', async (headers, status, code) => {
    const reply = await send('POST', '/files', headers as Record<string, string>);
    expect(reply.headers.get('content-type')).toContain('application/problem+json');
    expect(await codeOf(reply)).toEqual([status, code]);
  });

  it.each([
    ['an empty pair', ',filename Zm9v'],
    ['nothing', ''],
    ['a comma too many', 'filename Zm9v,'],
    ['a duplicate key', 'filename Zm9v,filename Zm9v'],
    ['broken base64', 'filename Zm9v!'],
    ['unpadded base64', 'filename Zm9'],
    ['base64url', 'filename Zm9v_-8='],
    ['two spaces', 'filename  Zm9v'],
    ['a third word', 'filename Zm9v Zm9v'],
    ['a new line in a name', metadata({ filename: 'a\nb.mp4' })],
    ['an escape sequence', metadata({ filename: '\u001b[2J.mp4' })],
    ['a NUL in a key nobody knows', metadata({ note: 'a\u0000b' })],
    ['what is not UTF-8', `filename ${Buffer.from([0xff, 0xfe, 0x80]).toString('base64')}`],
    ['too much of it', `note ${'A'.repeat(16 * 1024)}`],
    ['65 keys', Array.from({ length: 65 }, (_, i) => `k${i}`).join(',')],
    ['a bad digest', metadata({ sha256: 'abc' })],
    ['a bad kind', metadata({ kind: 'hologram' })],
    ['a bad time', metadata({ recordedFrom: 'yesterday' })],
    ['a bad offload', metadata({ offload: "1' or '1'='1" })],
  ])('refuses metadata with %s, on record', async (_what, header) => {
    const reply = await send('POST', '/files', { 'upload-length': '5', 'upload-metadata': header });
    expect(await codeOf(reply)).toEqual([400, 'metadata_invalid']);
    expect((await eventsOf(harness, 'access.denied')).some(({ data }) => data.code === 'metadata_invalid')).toBe(true);
  });

  it('refuses a megabyte of metadata with a problem document', async () => {
    const reply = await send('POST', '/files', {
      'upload-length': '5',
      'upload-metadata': `note ${'A'.repeat(1024 * 1024)}`,
    });
    expect(reply.status).toBe(431);
    expect(reply.headers.get('content-type')).toContain('application/problem+json');
  });

  it.each([
    ['../../etc/passwd', 'passwd'],
    ['C:\\DCIM\\100\\录像.mp4', '录像.mp4'],
    ['..', 'unnamed'],
    ['/', 'unnamed'],
    ['a/b/', 'b'],
    ["'; drop table upload; --", "'; drop table upload; --"],
    ['📹 证据.mp4', '📹 证据.mp4'],
  ])('takes the name %j as data and shows %j', async (filename, shown) => {
    const path = await create(harness, 5, { filename, 'x-unknown': 'kept' });
    const row = await rowOf(harness, path);
    expect(row.name).toBe(shown);
    expect(row.metadata).toEqual({ filename, 'x-unknown': 'kept' });
    expect(row.vault_key).toBe(`originals/${row.id}`);
    expect((await head(harness, path)).headers.get('upload-metadata')).toBe(
      metadata({ filename, 'x-unknown': 'kept' }),
    );
  });

  it('answers metadata exactly as it was sent', async () => {
    const header = 'filename d29ybGRfZG9taW5hdGlvbl9wbGFuLnBkZg==,is_confidential';
    const reply = await send('POST', '/files', { 'upload-length': '5', 'upload-metadata': header });
    expect((await head(harness, reply.headers.get('location') ?? '')).headers.get('upload-metadata')).toBe(header);
  });

  it('ignores a body that does not say it is upload data', async () => {
    const reply = await send(
      'POST',
      '/files',
      { 'upload-length': '5', 'content-type': 'text/plain' },
      Buffer.from('hello'),
    );
    expect([reply.status, reply.headers.get('upload-offset')]).toEqual([201, null]);
  });
});

describe('the version', () => {
  it.each(['POST', 'HEAD', 'PATCH', 'DELETE'])(
    '%s without it, or with another one, is not processed',
    async (method) => {
      const path = method === 'POST' ? '/files' : await create(harness, 5);
      for (const version of [undefined, '0.2.2', '1.0.0, 1.0.0']) {
        const headers = await tusHeaders(harness.dock, { 'upload-length': '5', 'upload-offset': '0', ...octets });
        delete headers['tus-resumable'];
        if (version !== undefined) headers['tus-resumable'] = version;
        const reply = await fetch(harness.url + path, { method, headers });
        expect([reply.status, reply.headers.get('tus-version'), reply.headers.get('tus-resumable')]).toEqual([
          412,
          '1.0.0',
          '1.0.0',
        ]);
      }
    },
  );
});

describe('HEAD', () => {
  it('answers offset and length, never from a cache', async () => {
    const path = await create(harness, 70);
    await patch(harness, path, 0, randomBytes(30));
    const reply = await head(harness, path);
    expect(reply.status).toBe(200);
    expect(Object.fromEntries(reply.headers)).toMatchObject({
      'upload-offset': '30',
      'upload-length': '70',
      'cache-control': 'no-store',
      'tus-resumable': '1.0.0',
    });
    expect(reply.headers.has('upload-metadata')).toBe(false);
    expect(reply.headers.has('upload-defer-length')).toBe(false);
  });

  it.each(['/files/dont_exist', '/files/0192f000-0000-7000-8000-000000000000', '/files/..%2f..%2fetc'])(
    '%s is not found, and shows no offset',
    async (path) => {
      const reply = await head(harness, path);
      expect([reply.status, reply.headers.get('upload-offset'), reply.headers.get('tus-resumable')]).toEqual([
        404,
        null,
        '1.0.0',
      ]);
    },
  );
});

describe('PATCH', () => {
  it.each([0, 1, partSize - 1, partSize, partSize + 1, 2 * partSize, 3 * partSize + 5])(
    'of %i bytes stores exactly them',
    async (size) => {
      const bytes = randomBytes(size);
      const path = await create(harness, size, { sha256: createHash('sha256').update(bytes).digest('hex') });
      if (size > 0) {
        const reply = await patch(harness, path, 0, bytes);
        expect([reply.status, offsetOf(reply), reply.headers.get('upload-expires')]).toEqual([204, size, null]);
      }
      expect((await storedBytes(harness, path)).equals(bytes)).toBe(true);
      const row = await rowOf(harness, path);
      expect(row).toMatchObject({ state: 'received', durable_offset: size, tail_length: 0, lease_until: null });
      const whole = createHash('sha256').update(bytes).digest('hex');
      expect(row.received_sha256?.toString('hex')).toBe(size > 0 && size <= partSize ? whole : undefined);
    },
  );

  it('in odd pieces across part boundaries stores the file, and each answer is the new offset', async () => {
    const bytes = randomBytes(2 * partSize + 1000);
    const path = await create(harness, bytes.length);
    const cuts = [0, 1, 1000, partSize - 1, partSize, partSize + 1, 2 * partSize + 999, bytes.length];
    for (const [i, from] of cuts.slice(0, -1).entries()) {
      const to = cuts[i + 1] ?? 0;
      const reply = await patch(harness, path, from, bytes.subarray(from, to));
      expect([reply.status, offsetOf(reply)]).toEqual([204, to]);
    }
    expect((await storedBytes(harness, path)).equals(bytes)).toBe(true);
  });

  it('of nothing changes nothing and answers the offset', async () => {
    const path = await create(harness, 10);
    expect([(await patch(harness, path, 0, new Uint8Array())).status, offsetOf(await head(harness, path))]).toEqual([
      204, 0,
    ]);
  });

  it.each([
    [{ 'upload-offset': '1' }, 409, 'wrong_offset'],
    [{ 'upload-offset': '-1' }, 400, 'header_invalid'],
    [{ 'upload-offset': 'zero' }, 400, 'header_invalid'],
    [{ 'upload-offset': '0x0' }, 400, 'header_invalid'],
    [{ 'upload-offset': '0', 'content-type': 'application/octet-stream' }, 415, 'content_type_unsupported'],
    [{ 'upload-offset': '0', 'upload-checksum': 'crc32 AAAA' }, 400, 'checksum_algorithm_unsupported'],
    [{ 'upload-offset': '0', 'upload-checksum': 'sha1' }, 400, 'checksum_invalid'],
    [{ 'upload-offset': '0', 'upload-checksum': 'sha1 AAAA' }, 400, 'checksum_invalid'],
    [{ 'upload-offset': '0', 'upload-length': '11' }, 400, 'length_fixed'],
  ])('refuses %j with %i %s and leaves the upload as it was', async (headers, status, code) => {
    const path = await create(harness, 10);
    const reply = await send('PATCH', path, { ...octets, ...(headers as Record<string, string>) }, randomBytes(5));
    expect(await codeOf(reply)).toEqual([status, code]);
    expect(offsetOf(await head(harness, path))).toBe(0);
  });

  it('without an offset is refused', async () => {
    expect(await codeOf(await send('PATCH', await create(harness, 10), octets, randomBytes(5)))).toEqual([
      400,
      'header_invalid',
    ]);
  });

  it('longer than the upload is refused unread', async () => {
    const path = await create(harness, 10);
    await patch(harness, path, 0, randomBytes(4));
    expect(await codeOf(await patch(harness, path, 4, randomBytes(7)))).toEqual([413, 'length_exceeded']);
    expect(offsetOf(await head(harness, path))).toBe(4);
  });

  it('again after the last answer was lost answers the end', async () => {
    const path = await create(harness, 10);
    await patch(harness, path, 0, randomBytes(10));
    await harness.owner.updateTable('upload').set({ state: 'sealed' }).where('id', '=', idOf(path)).execute();
    const again = await patch(harness, path, 10, new Uint8Array());
    expect([again.status, offsetOf(again)]).toEqual([204, 10]);
    const asked = await head(harness, path);
    expect([offsetOf(asked), asked.headers.get('upload-length')]).toEqual([10, '10']);
    expect((await codeOf(await patch(harness, path, 0, randomBytes(10))))[0]).toBe(409);
    expect((await codeOf(await patch(harness, path, 10, randomBytes(1))))[0]).toBe(413);
  });

  it.each(['/files/dont_exist', '/files/', '/files'])('to %s is not found', async (path) => {
    const reply = await send('PATCH', path, { ...octets, 'upload-offset': '0' }, randomBytes(5));
    expect([reply.status, reply.headers.get('tus-resumable')]).toEqual([404, '1.0.0']);
  });

  it.each(['PATCH', 'HEAD', 'DELETE'])('stands in for %s by X-HTTP-Method-Override', async (method) => {
    const path = await create(harness, 10);
    const reply = await send(
      'POST',
      path,
      { 'x-http-method-override': method, 'upload-offset': '0', ...octets },
      randomBytes(3),
    );
    expect([reply.status, reply.headers.get('upload-offset')]).toEqual(
      { PATCH: [204, '3'], HEAD: [200, '0'], DELETE: [204, null] }[method],
    );
  });

  it('other methods are not allowed', async () => {
    const reply = await send('PUT', await create(harness, 10), {}, randomBytes(1));
    expect([reply.status, reply.headers.get('allow')]).toEqual([405, 'HEAD, PATCH, DELETE, OPTIONS']);
    expect((await send('GET', await create(harness, 10))).status).toBe(404);
  });
});

describe('a checksum', () => {
  it.each(['sha256', 'sha1', 'md5'])('%s that holds lets the bytes count', async (algorithm) => {
    const bytes = randomBytes(2 * partSize + 3);
    const path = await create(harness, bytes.length);
    const [a, b] = [bytes.subarray(0, partSize + 100), bytes.subarray(partSize + 100)];
    const first = await patch(harness, path, 0, a, { 'upload-checksum': `${algorithm} ${base64(algorithm, a)}` });
    expect([first.status, offsetOf(first)]).toEqual([204, a.length]);
    const second = await patch(harness, path, a.length, b, {
      'upload-checksum': `${algorithm} ${base64(algorithm, b)}`,
    });
    expect([second.status, offsetOf(second)]).toEqual([204, bytes.length]);
    expect((await storedBytes(harness, path)).equals(bytes)).toBe(true);
  });

  it.each([10, partSize, 3 * partSize + 7])(
    'that differs discards all %i bytes, and the right ones can follow',
    async (size) => {
      const bytes = randomBytes(100 + size);
      const path = await create(harness, bytes.length);
      await patch(harness, path, 0, bytes.subarray(0, 100));
      const wrong = randomBytes(size);
      const reply = await patch(harness, path, 100, wrong, { 'upload-checksum': `sha1 ${base64('sha1', bytes)}` });
      expect(await codeOf(reply)).toEqual([460, 'checksum_mismatch']);
      expect(offsetOf(await head(harness, path))).toBe(100);
      expect(await rowOf(harness, path)).toMatchObject({ state: 'receiving', durable_offset: 100, tail_length: 100 });
      const right = bytes.subarray(100);
      expect(
        (await patch(harness, path, 100, right, { 'upload-checksum': `sha1 ${base64('sha1', right)}` })).status,
      ).toBe(204);
      expect((await storedBytes(harness, path)).equals(bytes)).toBe(true);
    },
  );
});

describe('a deferred length', () => {
  it('is said later, with more bytes or with none', async () => {
    for (const rest of [0, 50]) {
      const bytes = randomBytes(partSize + 30 + rest);
      const path = await create(harness, null);
      const asked = await head(harness, path);
      expect([asked.headers.get('upload-defer-length'), asked.headers.get('upload-length')]).toEqual(['1', null]);
      await patch(harness, path, 0, bytes.subarray(0, partSize + 30));
      const last = await patch(harness, path, partSize + 30, bytes.subarray(partSize + 30), {
        'upload-length': String(bytes.length),
      });
      expect([last.status, offsetOf(last)]).toEqual([204, bytes.length]);
      expect((await head(harness, path)).headers.get('upload-length')).toBe(String(bytes.length));
      expect((await storedBytes(harness, path)).equals(bytes)).toBe(true);
    }
  });

  it('cannot be less than what is there, nor change', async () => {
    const path = await create(harness, null);
    await patch(harness, path, 0, randomBytes(20));
    expect(await codeOf(await patch(harness, path, 20, new Uint8Array(), { 'upload-length': '19' }))).toEqual([
      400,
      'length_too_small',
    ]);
    expect((await patch(harness, path, 20, new Uint8Array(), { 'upload-length': '30' })).status).toBe(204);
    expect(await codeOf(await patch(harness, path, 20, new Uint8Array(), { 'upload-length': '31' }))).toEqual([
      400,
      'length_fixed',
    ]);
  });

  it('of nothing makes an empty file', async () => {
    const path = await create(harness, null);
    expect((await patch(harness, path, 0, new Uint8Array(), { 'upload-length': '0' })).status).toBe(204);
    expect(await rowOf(harness, path)).toMatchObject({ state: 'received', size: 0 });
    expect((await storedBytes(harness, path)).length).toBe(0);
  });
});

describe('DELETE', () => {
  it('ends an unfinished upload, on record, and frees its place', async () => {
    const path = await create(harness, 100);
    await patch(harness, path, 0, randomBytes(40));
    expect((await send('DELETE', path)).status).toBe(204);
    expect(await eventsOf(harness, 'upload.terminated', idOf(path))).toMatchObject([{ data: { offset: 40 } }]);
    const row = await rowOf(harness, path);
    expect(row.state).toBe('terminated');
    expect(row.cleared_at).not.toBeNull();
    for await (const transfer of harness.vault.transfers()) expect(transfer.id).not.toBe(row.vault_transfer);
    expect((await head(harness, path)).status).toBe(410);
    expect((await patch(harness, path, 40, randomBytes(1))).status).toBe(410);
    expect((await send('DELETE', path)).status).toBe(410);
  });

  it('of a complete upload is refused', async () => {
    const path = await create(harness, 3);
    await patch(harness, path, 0, randomBytes(3));
    expect(await codeOf(await send('DELETE', path))).toEqual([403, 'upload_complete']);
    expect(await rowOf(harness, path)).toMatchObject({ state: 'received' });
  });
});

describe('metrics', () => {
  it('count bytes and uploads by state', async () => {
    await create(harness, 5);
    const text = await (await fetch(`${harness.url}/metrics`)).text();
    expect(text).toMatch(/fengcun_upload_bytes_total\{service="upload"\} [1-9]/);
    expect(text).toMatch(/fengcun_uploads\{state="receiving",service="upload"\} [1-9]/);
    expect(text).toMatch(/fengcun_upload_request_seconds_count\{service="upload",outcome="taken"\} [1-9]/);
  });
});
