import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readlink } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { newId } from '@fengcun/catalog';
import type { IssuedCopy } from '@fengcun/contracts';
import { makePerson, makeSession, type TestPerson } from '@fengcun/identity/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeBureau, requestsOf, type TestBureau } from '../testing/bureau.ts';
import { eventsOf } from '../testing/events.ts';
import { type Harness, startHarness } from '../testing/harness.ts';
import { makeCopyReady } from '../testing/make-copy.ts';
import { makeEvidence, type TestEvidence } from '../testing/make-evidence.ts';
import { publishLog } from '../testing/publish-log.ts';

let harness: Harness;
let bureau: TestBureau;
let api: ReturnType<typeof requestsOf>;
let item: TestEvidence;
let base: string;
const bytes = randomBytes(3 * 1024 * 1024 + 123);
const sha256 = createHash('sha256').update(bytes).digest();

beforeAll(async () => {
  harness = await startHarness();
  bureau = await makeBureau(harness);
  api = requestsOf(harness);
  item = await makeEvidence(harness, { unit: bureau.section });
  await probed(item.id);
  await publishLog(harness);
  base = await harness.app.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(() => harness.close());

/** What the probe would have said of a film. */
async function probed(evidence: string, more: object = {}): Promise<void> {
  const data = {
    kind: 'video',
    container: 'mov',
    durationMs: 18_000,
    streams: [{ type: 'video', index: 0, width: 1280, height: 720 }],
    playable: { state: 'ready-as-is' },
    raw: {},
    ...more,
  };
  await harness.owner
    .updateTable('derivative')
    .set({ data: JSON.stringify(data) })
    .where('evidence_id', '=', evidence)
    .where('kind', '=', 'probe')
    .execute();
}

/** A grant through the whole way: asked for, approved by whoever has to. */
async function granted(to: TestPerson, operations: readonly string[], uses = 10, evidence = item.id): Promise<string> {
  const asked = await api.ask(to, [evidence], { operations, uses });
  const approvers = { legal: bureau.legal, bureau_head: bureau.head } as Record<string, TestPerson>;
  let decided = asked;
  for (const role of asked.needed) {
    const approver = approvers[role];
    if (!approver) throw new Error(`nobody for ${role}`);
    decided = await api.approve(approver, asked.id);
  }
  if (!decided.grant) throw new Error('no grant');
  return decided.grant.id;
}

const officer = () =>
  makePerson(harness.owner, 'officer', { unit: bureau.section, now: harness.clock.now(), name: '王警官' });
const copies = (evidence = item.id) => `/api/evidence/${evidence}/copies`;
async function ask(as: TestPerson, operation: string, more: object = {}): Promise<IssuedCopy> {
  const { status, body } = await api.call('POST', copies(), as, { operation, ...more });
  expect(status, JSON.stringify(body)).toBe(202);
  return body;
}
/** A copy of the person's that is ready, under a grant of its own. */
async function ready(as: TestPerson, uses = 10, content: Uint8Array = bytes): Promise<IssuedCopy> {
  await granted(as, ['download_proxy'], uses);
  const copy = await ask(as, 'download_proxy');
  await makeCopyReady(harness, copy.id, content);
  return copy;
}
const content = (copy: { id: string }) => `/api/copies/${copy.id}/content`;
const fetchContent = (copy: { id: string }, as: TestPerson, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(base + content(copy), { method, headers: { cookie: as.cookie, ...headers } });
const bodyOf = async (reply: Response) => Buffer.from(await reply.arrayBuffer());
const downloadsOf = async (copy: { id: string }) =>
  (await eventsOf(harness, 'issued_copy.downloaded')).filter((event) => event.data.copy === copy.id);

describe('asking for a copy', () => {
  it('needs an approval, and is refused on record with who could give it', async () => {
    const person = await officer();
    for (const [operation, approvers] of [
      ['download_proxy', ['legal', 'bureau_head']],
      ['package', ['legal', 'bureau_head']],
      ['disclose', ['legal', 'bureau_head']],
    ] as const) {
      const { status, body } = await api.call('POST', copies(), person, { operation, recipient: '某检察院' });
      expect([status, body.code, body.approvers]).toEqual([403, 'approval_required', approvers]);
    }
    const denied = (await eventsOf(harness, 'access.denied')).filter((event) => event.actor === person.id);
    expect(denied.length).toBeGreaterThan(0);
  });

  it('under a grant puts it on record with rule, grant and recipient, and takes no use yet', async () => {
    const person = await officer();
    const grant = await granted(person, ['disclose'], 1);
    const without = await api.call('POST', copies(), person, { operation: 'disclose' });
    expect(without.body).toMatchObject({ status: 400, code: 'recipient_required' });
    const copy = await ask(person, 'disclose', { recipient: '某区人民检察院' });
    expect(copy).toMatchObject({
      state: 'pending',
      form: 'burnt',
      mark: 'picture',
      recipient: '某区人民检察院',
      authorisation: grant,
      rule: 'granted',
      file: null,
    });
    const event = (await eventsOf(harness, 'issued_copy.requested')).find((each) => each.data.copy === copy.id);
    expect(event).toMatchObject({ actor: person.id, subject: item.id, data: { operation: 'disclose' } });
    expect(String(event?.id)).toBe(copy.event);
    expect(JSON.stringify(event)).not.toContain('检察院');
    const row = await harness.owner
      .selectFrom('issued_copy')
      .select('content')
      .where('id', '=', copy.id)
      .executeTakeFirstOrThrow();
    expect(row.content).toMatchObject({
      lines: [
        expect.stringContaining('王警官'),
        '提供给 某区人民检察院',
        expect.any(String),
        expect.stringContaining(copy.event),
      ],
    });
    const { uses_left } = await harness.owner
      .selectFrom('access_grant_item')
      .select('uses_left')
      .where('grant_id', '=', grant)
      .executeTakeFirstOrThrow();
    expect(uses_left).toBe(1);
  });

  it('twice with the same clientId is one copy, and another thing under it is refused', async () => {
    const person = await officer();
    await granted(person, ['download_proxy', 'package']);
    const clientId = newId();
    const both = await Promise.all([
      ask(person, 'download_proxy', { clientId }),
      ask(person, 'download_proxy', { clientId }),
    ]);
    expect(both[0]?.id).toBe(both[1]?.id);
    const other = await api.call('POST', copies(), person, { operation: 'package', clientId });
    expect(other.body).toMatchObject({ status: 409, code: 'client_id_used' });
  });

  it('of an original is a bag with its receipt, and says so until there is one', async () => {
    const person = await officer();
    const fresh = await makeEvidence(harness, { unit: bureau.section });
    await granted(person, ['package'], 10, fresh.id);
    const early = await api.call('POST', copies(fresh.id), person, { operation: 'package' });
    expect(early.body).toMatchObject({ status: 409, code: 'receipt_pending' });
    await publishLog(harness);
    const { body } = await api.call('POST', copies(fresh.id), person, { operation: 'package' });
    expect(body).toMatchObject({ form: 'bag', mark: 'none' });
    const { content: packed } = await harness.owner
      .selectFrom('issued_copy')
      .select('content')
      .where('id', '=', body.id)
      .executeTakeFirstOrThrow();
    const { files } = packed as { files: Record<string, string> };
    expect(JSON.parse(files['receipt.json'] ?? '')).toMatchObject({
      format: 'fengcun-receipt/v1',
      entry: { type: 'evidence.sealed' },
    });
    expect(files['README.zh-CN.txt']).toContain(fresh.sha256);
  });

  it('of a document is refused with what can be done instead', async () => {
    const person = await officer();
    const paper = await makeEvidence(harness, { unit: bureau.section, kind: 'document' });
    await probed(paper.id, {
      kind: 'document',
      streams: [],
      playable: { state: 'nothing-to-play', reason: 'document' },
    });
    await granted(person, ['download_proxy'], 10, paper.id);
    const { body } = await api.call('POST', copies(paper.id), person, { operation: 'download_proxy' });
    expect(body).toMatchObject({ status: 409, code: 'nothing_to_copy' });
  });

  it('for somebody of another unit finds nothing', async () => {
    const { body } = await api.call('POST', copies(), bureau.stranger, { operation: 'package' });
    expect(body).toMatchObject({ status: 404, code: 'not_found' });
  });
});

describe('a copy', () => {
  it('is its owner’s alone', async () => {
    const person = await officer();
    const copy = await ready(person);
    for (const url of [`/api/copies/${copy.id}`, content(copy)]) {
      expect((await api.call('GET', url, bureau.colleague)).status, url).toBe(404);
    }
    expect((await api.call('POST', `/api/copies/${copy.id}/cancel`, bureau.colleague)).status).toBe(404);
    expect((await api.call('GET', '/api/copies', person)).body.items).toMatchObject([{ id: copy.id, state: 'ready' }]);
    expect((await api.call('GET', copies(), bureau.colleague)).body.items).toEqual([]);
  });

  it('cannot be had before it is ready, nor after it was given up', async () => {
    const person = await officer();
    await granted(person, ['download_proxy']);
    const copy = await ask(person, 'download_proxy');
    expect((await api.call('GET', content(copy), person)).body).toMatchObject({ status: 409, code: 'copy_not_ready' });
    const cancel = () => api.call('POST', `/api/copies/${copy.id}/cancel`, person);
    expect((await cancel()).body).toMatchObject({ state: 'cancelled' });
    expect((await cancel()).body).toMatchObject({ state: 'cancelled' });
    expect((await api.call('GET', content(copy), person)).body).toMatchObject({ status: 410, code: 'copy_over' });
    const ends = (await eventsOf(harness, 'issued_copy.cancelled')).filter((event) => event.data.copy === copy.id);
    expect(ends.map((event) => event.data.cause)).toEqual(['requester']);
  });
});

describe('a download', () => {
  it('is on record before its first byte, whole, with its digests and its Chinese name', async () => {
    const person = await officer();
    const copy = await ready(person);
    const reply = await fetchContent(copy, person);
    expect(reply.status).toBe(200);
    const digest = `sha-256=:${sha256.toString('base64')}:`;
    expect(Object.fromEntries(reply.headers)).toMatchObject({
      'content-type': 'video/mp4',
      'content-length': String(bytes.length),
      'accept-ranges': 'bytes',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      etag: `"${sha256.toString('hex')}"`,
      'repr-digest': digest,
      'content-digest': digest,
    });
    expect(reply.headers.get('content-disposition')).toContain(
      `filename*=UTF-8''${encodeURIComponent('执法记录 01_副本.mp4')}`,
    );
    expect(await downloadsOf(copy)).toMatchObject([{ actor: person.id, subject: item.id, data: { rule: 'granted' } }]);
    expect((await bodyOf(reply)).equals(bytes)).toBe(true);
  });

  it('taken up again with a range is no new event; begun anew it is', async () => {
    const person = await officer();
    const copy = await ready(person, 1);
    const cut = await fetchContent(copy, person);
    const reader = cut.body?.getReader();
    await reader?.read();
    await reader?.cancel();
    const rest = await fetchContent(copy, person, { range: 'bytes=1000-', 'if-range': cut.headers.get('etag') ?? '' });
    expect(rest.status).toBe(206);
    expect(rest.headers.get('content-range')).toBe(`bytes 1000-${bytes.length - 1}/${bytes.length}`);
    expect((await bodyOf(rest)).equals(bytes.subarray(1000))).toBe(true);
    expect(await downloadsOf(copy)).toHaveLength(1);
    // Its one use is taken, and the copy it was taken for may be fetched again.
    await bodyOf(await fetchContent(copy, person));
    expect(await downloadsOf(copy)).toHaveLength(2);
    expect((await api.call('GET', `/api/copies/${copy.id}`, person)).body.downloads).toBe(2);
    // A range by another sign-in of the same person is a download of its own.
    const elsewhere = await makeSession(harness.owner, person.id, harness.clock.now());
    await bodyOf(await fetchContent(copy, { ...person, cookie: elsewhere.cookie }, { range: 'bytes=5-9' }));
    expect(await downloadsOf(copy)).toHaveLength(3);
  });

  it('is continued for half an hour and not longer', async () => {
    const person = await officer();
    const copy = await ready(person);
    await bodyOf(await fetchContent(copy, person, { range: 'bytes=1-2' }));
    harness.clock.advance(31 * 60_000);
    const { cookie } = await makeSession(harness.owner, person.id, harness.clock.now());
    await harness.owner
      .updateTable('issued_copy_download')
      .set({
        session_id: (
          await harness.owner
            .selectFrom('session')
            .select('id')
            .where('account_id', '=', person.id)
            .orderBy('created_at', 'desc')
            .executeTakeFirstOrThrow()
        ).id,
      })
      .where('copy_id', '=', copy.id)
      .execute();
    await bodyOf(await fetchContent(copy, { ...person, cookie }, { range: 'bytes=3-4' }));
    expect(await downloadsOf(copy)).toHaveLength(2);
  });

  it('gives ranges, their digests, and refuses what is not there', async () => {
    const person = await officer();
    const copy = await ready(person);
    const one = await fetchContent(copy, person, { range: 'bytes=100-199' });
    const small = bytes.subarray(100, 200);
    expect([one.status, (await bodyOf(one)).equals(small)]).toEqual([206, true]);
    expect(one.headers.get('content-digest')).toBe(`sha-256=:${createHash('sha256').update(small).digest('base64')}:`);
    expect(one.headers.get('repr-digest')).toContain(sha256.toString('base64'));
    const suffix = await fetchContent(copy, person, { range: 'bytes=-7' });
    expect((await bodyOf(suffix)).equals(bytes.subarray(-7))).toBe(true);
    const many = await fetchContent(copy, person, { range: 'bytes=0-1,4-5' });
    expect([many.status, (await bodyOf(many)).length]).toEqual([200, bytes.length]);
    const before = (await downloadsOf(copy)).length;
    const none = await fetchContent(copy, person, { range: `bytes=${bytes.length}-` });
    expect([none.status, none.headers.get('content-range')]).toEqual([416, `bytes */${bytes.length}`]);
    expect(await none.json()).toMatchObject({ code: 'range_not_satisfiable' });
    const other = await fetchContent(copy, person, { range: 'bytes=5-', 'if-range': '"another"' });
    expect([other.status, (await bodyOf(other)).length]).toEqual([200, bytes.length]);
    expect((await fetchContent(copy, person, { 'if-match': '"another"' })).status).toBe(412);
    expect((await fetchContent(copy, person, { 'if-none-match': one.headers.get('etag') ?? '' })).status).toBe(304);
    expect((await downloadsOf(copy)).length).toBe(before + 1);
  });

  it('asked about with HEAD is no download', async () => {
    const person = await officer();
    const copy = await ready(person);
    const head = await fetchContent(copy, person, {}, 'HEAD');
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(bytes.length)]);
    expect(head.headers.get('repr-digest')).toContain(sha256.toString('base64'));
    expect(await downloadsOf(copy)).toEqual([]);
  });

  it('sends the digest of a large range as a trailer to whoever takes trailers', async () => {
    const person = await officer();
    const copy = await ready(person);
    const headers = { cookie: person.cookie, range: 'bytes=1-2000000', te: 'trailers', connection: 'TE' };
    const sent = httpRequest(base + content(copy), { headers }).end();
    const [reply] = (await once(sent, 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of reply) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    expect([reply.statusCode, body.equals(bytes.subarray(1, 2_000_001))]).toEqual([206, true]);
    expect(reply.headers.trailer).toBe('content-digest');
    expect(reply.trailers['content-digest']).toBe(`sha-256=:${createHash('sha256').update(body).digest('base64')}:`);
  });

  it('uses a grant up once for the copy, and another copy then finds none left', async () => {
    const person = await officer();
    const grant = await granted(person, ['download_proxy'], 1);
    const [first, second] = [await ask(person, 'download_proxy'), await ask(person, 'download_proxy')];
    for (const { id } of [first, second]) await makeCopyReady(harness, id, bytes.subarray(0, 10));
    expect((await fetchContent(first, person)).status).toBe(200);
    const refused = await fetchContent(second, person);
    expect(await refused.json()).toMatchObject({ status: 403, code: 'approval_required' });
    const left = await harness.owner
      .selectFrom('access_grant_item')
      .selectAll()
      .where('grant_id', '=', grant)
      .execute();
    expect(left.map((row) => row.uses_left)).toEqual([0]);
    expect((await fetchContent(first, person, { range: 'bytes=5-' })).status).toBe(206);
  });

  it('is over with its copy and with its grant', async () => {
    const person = await officer();
    const grant = await granted(person, ['download_proxy']);
    const copy = await ask(person, 'download_proxy');
    await makeCopyReady(harness, copy.id, bytes);
    const under = await fetchContent(copy, person);
    expect(
      (await api.call('POST', `/api/grants/${grant}/revocation`, bureau.legal, { reason: '案件撤销' })).status,
    ).toBe(200);
    const after = await fetchContent(copy, person, { range: 'bytes=5-' });
    expect([403, 410]).toContain(after.status);
    await under.body?.cancel();
    await expect
      .poll(async () => (await api.call('GET', `/api/copies/${copy.id}`, person)).body.state)
      .toBe('cancelled');
    const expired = await ready(await officer());
    harness.clock.advance(61 * 60_000);
    const owner = await harness.owner
      .selectFrom('issued_copy')
      .selectAll()
      .where('id', '=', expired.id)
      .executeTakeFirstOrThrow();
    const { cookie } = await makeSession(harness.owner, owner.account_id, harness.clock.now());
    const gone = await fetchContent(expired, { ...person, cookie });
    expect(await gone.json()).toMatchObject({ status: 410, code: 'copy_over' });
  });

  it('of bytes that the vault spoilt breaks off and is never taken for complete', async () => {
    const person = await officer();
    const copy = await ready(person);
    await harness.owner
      .updateTable('issued_copy')
      .set({ key: randomBytes(32) })
      .where('id', '=', copy.id)
      .execute();
    const reply = await fetchContent(copy, person);
    await expect(reply.arrayBuffer()).rejects.toThrow();
  });

  it('that is cut off or never read leaves no file open', async () => {
    const person = await officer();
    const large = await ready(person, 10, randomBytes(12 * 1024 * 1024));
    const openFiles = async () => {
      const links = await Promise.all(
        (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
      );
      return links.filter((link) => link.startsWith(harness.vaultDir) && link.includes('/objects/')).length;
    };
    const replies: IncomingMessage[] = [];
    for (let n = 0; n < 8; n++) {
      const sent = httpRequest(base + content(large), { headers: { cookie: person.cookie } }).end();
      const [reply] = (await once(sent, 'response')) as [IncomingMessage];
      replies.push(reply);
    }
    await expect.poll(openFiles).toBeGreaterThan(0);
    for (const reply of replies) reply.destroy();
    await expect.poll(openFiles).toBe(0);
  });

  it('that takes nothing is closed after a while', async () => {
    const app = await harness.another({ config: { downloadIdleMs: 300 } });
    const at = await app.listen({ port: 0, host: '127.0.0.1' });
    const person = await officer();
    const large = await ready(person, 10, randomBytes(24 * 1024 * 1024));
    const sent = httpRequest(at + content(large), { headers: { cookie: person.cookie } }).end();
    const [reply] = (await once(sent, 'response')) as [IncomingMessage];
    // Nothing is read until the other side has hung up.
    await expect
      .poll(() => new Promise((resolve) => app.server.getConnections((_, count) => resolve(count))), {
        timeout: 10_000,
      })
      .toBe(0);
    reply.on('error', () => undefined);
    const closed = new Promise((resolve) => reply.once('close', resolve));
    reply.resume();
    await closed;
    expect(reply.complete).toBe(false);
  });
});
