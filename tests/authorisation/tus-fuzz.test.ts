import { Agent, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { makePerson } from '@fengcun/identity/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Fixture, forEachOf, type Headers, makeFixture } from './fixture.ts';
import { hostile, seeded } from './samples.ts';

let fixture: Fixture;
let port: number;
let officer: Headers;
/** A real connection: what Node's own parser takes or refuses is part of the answer. */
const agent = new Agent({ keepAlive: true, maxSockets: 8 });

beforeAll(async () => {
  fixture = await makeFixture();
  const { harness, own } = fixture;
  await harness.app.listen({ host: '127.0.0.1', port: 0 });
  port = (harness.app.server.address() as AddressInfo).port;
  const { headers } = await makePerson(harness.owner, 'officer', { unit: own, now: harness.clock.now() });
  officer = { ...headers };
});
afterAll(async () => {
  agent.destroy();
  await fixture.close();
});

interface Reply {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

type RawHeaders = Readonly<Record<string, string | string[]>>;

async function send(method: string, path: string, headers: RawHeaders, body = ''): Promise<Reply> {
  const { promise, resolve, reject } = Promise.withResolvers<Reply>();
  const request = httpRequest({ host: '127.0.0.1', port, agent, method, path, headers }, (response) => {
    let text = '';
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => {
      text += chunk;
    });
    response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
    response.on('error', reject);
  });
  request.on('error', reject);
  request.end(body);
  return promise;
}

const tus = (more: RawHeaders = {}): RawHeaders => ({ ...officer, 'tus-resumable': '1.0.0', ...more });
const octets = { 'content-type': 'application/offset+octet-stream' };

async function create(size: number): Promise<string> {
  const { status, headers } = await send('POST', '/files', tus({ 'upload-length': String(size) }));
  expect(status).toBe(201);
  return String(headers.location);
}

const offsetOf = async (path: string) => Number((await send('HEAD', path, tus())).headers['upload-offset']);

/** What HTTP lets stand in a header at all; the rest never leaves a client, nor reaches a route. */
const sendable = (value: string) =>
  Buffer.from(value.toWellFormed().replaceAll(/[\0\r\n]/g, ' '))
    .toString('latin1')
    .slice(0, 8000);
const texts = hostile.flatMap((each) =>
  typeof each === 'string' ? [sendable(each)] : [sendable(JSON.stringify(each))],
);
const base64 = (value: string) => Buffer.from(value.toWellFormed()).toString('base64');

const values: Readonly<Record<string, readonly (string | string[])[]>> = {
  'upload-offset': [...texts, '-0', '+1', ' 1', '01', '1 ', '0x1', '1e1', '1,2', ['0', '1'], '9007199254740992', '4'],
  'upload-length': [
    ...texts,
    '-0',
    '+1',
    '0x5',
    '1e1',
    '5, 5',
    ['5', '6'],
    '9007199254740991',
    '9007199254740992',
    '0',
  ],
  'upload-defer-length': [...texts, '0', '2', '1, 1', ['1', '1']],
  'upload-metadata': [
    ...texts,
    ...texts.map((text) => `filename ${base64(text)}`),
    ...texts.map((text) => `${text.replaceAll(/[ ,]/g, '')} AAAA`),
    ...['kind', 'sha256', 'offload', 'device', 'officer', 'recordedFrom', 'keyMark', 'sequence', 'size'].flatMap(
      (key) => [
        `${key} ${base64("'; drop table upload; --")}`,
        `${key} ${base64('9'.repeat(400))}`,
        `${key} ${base64('2026-02-30T25:61:61Z')}`,
        `${key} ${base64('00000000-0000-7000-8000-000000000000')}`,
        `${key} ${base64('\u0000')}`,
        key,
      ],
    ),
    'filename',
    'filename ',
    'filename  AAAA',
    'filename AAAA,filename AAAA',
    'filename AAA',
    'filename ////',
    ',',
    ',,,',
    '__proto__ AAAA,constructor AAAA',
    'x AAAA,'.repeat(65).slice(0, -1),
    `filename ${base64('x'.repeat(5000))}`,
    ['filename AAAA', 'filename AAAA'],
  ],
  'upload-checksum': [
    ...texts,
    'sha1',
    'sha1 ',
    'sha1  AAAA',
    'sha256 AAAA',
    `sha256 ${'A'.repeat(43)}=`,
    `sha256 ${'A'.repeat(44)}`,
    `SHA256 ${'A'.repeat(43)}=`,
    `sha1 ${'A'.repeat(27)}=`,
    'sha1 ****',
    'constructor AAAA',
    '__proto__ AAAA',
    ['sha1 AAAA', 'sha1 AAAA'],
  ],
  'upload-concat': [...texts.slice(0, 5), 'partial', 'final;/files/a /files/b'],
  'tus-resumable': [...texts.slice(0, 12), '1.0', '1.0.0 ', '0.2.2', '1.0.0, 1.0.0', ['1.0.0', '1.0.0']],
  'x-http-method-override': [
    ...texts.slice(0, 12),
    'PATCH',
    'patch',
    'DELETE',
    'TRACE',
    'constructor',
    ['HEAD', 'HEAD'],
  ],
  'content-type': [
    ...texts.slice(0, 25),
    'application/offset+octet-stream; x=y',
    'APPLICATION/OFFSET+OCTET-STREAM',
    'a/b',
  ],
  expect: ['100-continue', 'x'],
};

describe('tus', () => {
  it('answers any header with success or a problem, never 500, and loses no byte over it', async () => {
    const faults: string[] = [];
    // Several, so that requests under way at the same time do not take one upload over from each other.
    const paths = await Promise.all(Array.from({ length: 16 }, () => create(100)));
    let sent = 0;
    const all = Object.entries(values).flatMap(([name, each]) => each.map((value) => ({ name, value })));
    const creating: string[] = [];
    await forEachOf(all.entries(), async ([turn, { name, value }]) => {
      const path = paths[turn % paths.length] ?? '';
      const asked = [
        ['POST', '/files', tus({ 'upload-length': '5', ...octets, [name]: value }), 'abc'],
        ['PATCH', path, tus({ 'upload-offset': '200', ...octets, [name]: value }), 'abc'],
        ['HEAD', path, tus({ [name]: value }), ''],
      ] as const;
      for (const [method, url, headers, body] of asked) {
        // An upload's own DELETE by another name is what it would be by its own.
        if (url === path && name === 'x-http-method-override') continue;
        if (method === 'HEAD' && name !== 'tus-resumable' && turn % 8 > 0) continue;
        const reply = await send(method, url, headers, body).catch((error: NodeJS.ErrnoException) => error.code);
        sent++;
        const what = `${method} ${name}: ${JSON.stringify(value).slice(0, 200)}`;
        // Refused before it left: the client's own check of what a header may be.
        if (typeof reply !== 'object') {
          if (reply !== 'ERR_INVALID_CHAR') faults.push(`${reply}: ${what}`);
        } else if (reply.status >= 500 && reply.status !== 501) faults.push(`${reply.status}: ${what}`);
        else if (method !== 'HEAD' && reply.status >= 400) {
          if (!String(reply.headers['content-type']).includes('application/problem+json'))
            faults.push(`${reply.status} as ${reply.headers['content-type']}: ${what}`);
          else if (/\bat .*\.ts:\d+|node_modules|select .* from/i.test(reply.body)) faults.push(`insides: ${what}`);
        } else if (reply.status === 201) creating.push(String(reply.headers.location));
      }
    });
    expect(faults).toEqual([]);
    expect(sent).toBeGreaterThan(500);
    // What was created among all that is what it says it is: three bytes, or none.
    expect(creating.length).toBeGreaterThan(0);
    await forEachOf(creating, async (location) => {
      expect(location).toMatch(/^\/files\/[0-9a-f-]{36}$/);
      expect([0, 3]).toContain(await offsetOf(location));
    });
    // 200 was never where these stood; a few of the offsets sent were 0, and the bytes that came with one were taken once.
    for (const path of paths) expect([0, 3]).toContain(await offsetOf(path));
  }, 60_000);

  it('answers any address under /files alike', async () => {
    const names = [
      ...texts.map((text) => encodeURIComponent(Buffer.from(text, 'latin1').toString('utf8').toWellFormed())),
      ...['%', '%ff', '%00', '..', '%2e%2e', '..%2f..%2fapi', 'A'.repeat(36), '00000000-0000-7000-8000-00000000000G'],
      ...['00000000-0000-7000-8000-000000000000/', '00000000-0000-7000-8000-000000000000/x', '?', '?x=1', '.', '{}'],
    ];
    await forEachOf(names, async (name) => {
      for (const method of ['HEAD', 'PATCH', 'DELETE', 'GET', 'PUT', 'POST']) {
        const reply = await send(method, `/files/${name}`, tus({ ...octets, 'upload-offset': '0' }));
        expect([400, 404, 405, 414], `${method} ${name}: ${reply.status}`).toContain(reply.status);
        expect(reply.body).not.toMatch(/\.ts:\d+|node_modules/);
      }
    });
  });

  it('keeps what was sent whatever is claimed about it in between', async () => {
    const random = seeded(7);
    const whole = Buffer.from(Array.from({ length: 60 }, () => 97 + Math.floor(random() * 26)));
    const path = await create(whole.length);
    let at = 0;
    while (at < whole.length) {
      const claims = [at + 1, at - 1, 0, 1e15].filter((claim) => claim !== at && claim >= 0);
      for (const claim of claims) {
        const refused = await send('PATCH', path, tus({ ...octets, 'upload-offset': String(claim) }), 'wrong');
        expect([409, 413]).toContain(refused.status);
      }
      const piece = whole.subarray(at, at + 1 + Math.floor(random() * 20)).toString();
      const damaged = await send(
        'PATCH',
        path,
        tus({ ...octets, 'upload-offset': String(at), 'upload-checksum': `sha1 ${'A'.repeat(27)}=` }),
        piece,
      );
      expect(damaged.status).toBe(460);
      const longer = whole.length - at + 1;
      const tooLong = await send('PATCH', path, tus({ ...octets, 'upload-offset': String(at) }), 'x'.repeat(longer));
      expect(tooLong.status).toBe(413);
      expect(await offsetOf(path)).toBe(at);
      const taken = await send('PATCH', path, tus({ ...octets, 'upload-offset': String(at) }), piece);
      expect(taken.status).toBe(204);
      at += piece.length;
      expect(Number(taken.headers['upload-offset'])).toBe(at);
    }
    const id = path.split('/').at(-1) ?? '';
    const row = await fixture.harness.owner
      .selectFrom('upload')
      .select(['state', 'durable_offset'])
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    expect(row).toEqual({ state: 'received', durable_offset: whole.length });
  });
});
