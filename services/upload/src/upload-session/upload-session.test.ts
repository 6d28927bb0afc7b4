import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { parseObjectKey } from '@fengcun/vault';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  create,
  eventsOf,
  type Harness,
  head,
  idOf,
  offsetOf,
  partSize,
  patch,
  rawPatch,
  rowOf,
  startHarness,
  storedBytes,
  tusHeaders,
  until,
} from '../../tests/harness.ts';
import { rawRequest } from '../../tests/raw-request.ts';
import { originalKey } from '../uploads/original-key.ts';
import { expireUploads } from './expire-uploads.ts';
import { sweepOrphans } from './sweep-orphans.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness({ FENGCUN_UPLOAD_IDLE_SECONDS: '2', FENGCUN_UPLOAD_ACTIVE_PER_SENDER: '3' });
});
afterAll(() => harness.close());
beforeEach(() => {
  harness.faults.limitSpace(null);
  harness.faults.setUnavailable(false);
  harness.clock.at = null;
});

/** Sends part of a body and waits until the server has taken it. */
async function sendPart(request: Awaited<ReturnType<typeof rawPatch>>, bytes: Uint8Array): Promise<void> {
  const before = await harness.bytesTaken();
  await request.write(bytes);
  await until(async () => (await harness.bytesTaken()) >= before + bytes.length);
}
const released = (path: string) => until(async () => (await rowOf(harness, path)).lease_until === null);

describe('a connection that breaks', () => {
  it.each([400, partSize, 2 * partSize + 400])('after %i bytes loses none of them', async (sent) => {
    const bytes = randomBytes(3 * partSize);
    const path = await create(harness, bytes.length);
    const request = await rawPatch(harness, path, 0, { 'content-length': String(bytes.length) });
    await sendPart(request, bytes.subarray(0, sent));
    request.destroy();
    await released(path);
    expect(offsetOf(await head(harness, path))).toBe(sent);
    expect((await patch(harness, path, sent, bytes.subarray(sent))).status).toBe(204);
    expect((await storedBytes(harness, path)).equals(bytes)).toBe(true);
  });

  it('with all bytes sent completes the upload, and asking finds it complete', async () => {
    const bytes = randomBytes(partSize + 5);
    const path = await create(harness, bytes.length);
    const request = await rawPatch(harness, path, 0, { 'transfer-encoding': 'chunked' });
    await request.write(`${bytes.length.toString(16)}\r\n`);
    await sendPart(request, bytes);
    request.destroy();
    await until(async () => (await rowOf(harness, path)).state === 'received');
    expect(offsetOf(await head(harness, path))).toBe(bytes.length);
    expect((await storedBytes(harness, path)).equals(bytes)).toBe(true);
  });

  it('in a body with a checksum keeps none: what cannot be verified does not count', async () => {
    const path = await create(harness, 3 * partSize);
    await patch(harness, path, 0, randomBytes(10));
    const digest = createHash('sha1').update('x').digest('base64');
    const request = await rawPatch(harness, path, 10, {
      'content-length': String(2 * partSize),
      'upload-checksum': `sha1 ${digest}`,
    });
    await sendPart(request, randomBytes(partSize + 50));
    request.destroy();
    await released(path);
    expect(offsetOf(await head(harness, path))).toBe(10);
  });

  it('silently is given up after the idle time, with its bytes kept', async () => {
    const bytes = randomBytes(1000);
    const path = await create(harness, bytes.length);
    const request = await rawPatch(harness, path, 0, { 'content-length': String(bytes.length) });
    await sendPart(request, bytes.subarray(0, 300));
    const answer = await request.answer();
    expect([answer.status, /upload-offset: (\d+)/i.exec(answer.head)?.[1]]).toEqual([408, '300']);
    expect(answer.head).toMatch(/connection: close/i);
    expect((await patch(harness, path, 300, bytes.subarray(300))).status).toBe(204);
    expect((await storedBytes(harness, path)).equals(bytes)).toBe(true);
  });
});

describe('two writers on one upload', () => {
  it('a question for the offset cuts the old writer off and finds what it had', async () => {
    const bytes = randomBytes(2 * partSize);
    const path = await create(harness, bytes.length);
    const old = await rawPatch(harness, path, 0, { 'content-length': String(bytes.length) });
    await sendPart(old, bytes.subarray(0, partSize + 77));
    expect(offsetOf(await head(harness, path))).toBe(partSize + 77);
    expect((await old.answer()).status).toBe(409);
    old.destroy();
    expect((await patch(harness, path, partSize + 77, bytes.subarray(partSize + 77))).status).toBe(204);
    expect((await storedBytes(harness, path)).equals(bytes)).toBe(true);
  });

  it('the later takes over, the earlier is refused, and the file is one of them whole', async () => {
    const bytes = randomBytes(2 * partSize);
    const path = await create(harness, bytes.length);
    const old = await rawPatch(harness, path, 0, { 'content-length': String(bytes.length) });
    await sendPart(old, bytes.subarray(0, 1000));
    // The new one begins where it believes the upload to be, which the old one's bytes have moved.
    const stale = await patch(harness, path, 0, bytes);
    expect([stale.status, offsetOf(stale)]).toEqual([409, 1000]);
    expect((await old.answer()).status).toBe(409);
    old.destroy();
    expect((await patch(harness, path, 1000, bytes.subarray(1000))).status).toBe(204);
    expect((await storedBytes(harness, path)).equals(bytes)).toBe(true);
  });

  it('ten at once at the same offset: one wins, the others are told, the bytes are right', async () => {
    const bytes = randomBytes(partSize * 2 + 9);
    const path = await create(harness, bytes.length);
    const statuses = await Promise.all(
      Array.from({ length: 10 }, async () => (await patch(harness, path, 0, bytes)).status),
    );
    const offset = offsetOf(await head(harness, path));
    if (offset < bytes.length) await patch(harness, path, offset, bytes.subarray(offset));
    expect(statuses.every((status) => [204, 409, 413].includes(status))).toBe(true);
    expect((await storedBytes(harness, path)).equals(bytes)).toBe(true);
  });

  it('in two processes: the other one is asked to let go, and nothing it had is lost', async () => {
    const bytes = randomBytes(3 * partSize);
    const path = await create(harness, bytes.length);
    const other = await harness.another();
    const old = await rawPatch(harness, path, 0, { 'content-length': String(bytes.length) });
    await sendPart(old, bytes.subarray(0, partSize + 9));
    const elsewhere = { url: other.url, dock: harness.dock };
    expect(offsetOf(await head(elsewhere, path))).toBe(partSize + 9);
    expect((await old.answer()).status).toBe(409);
    old.destroy();
    const second = await rawPatch(harness, path, partSize + 9, {
      'content-length': String(bytes.length - partSize - 9),
    });
    await sendPart(second, bytes.subarray(partSize + 9, partSize + 20));
    // Taken over without asking for the offset first.
    expect((await patch(elsewhere, path, partSize + 20, bytes.subarray(partSize + 20))).status).toBe(204);
    expect((await second.answer()).status).toBe(409);
    second.destroy();
    expect((await storedBytes(harness, path)).equals(bytes)).toBe(true);
  });

  it.each([500, partSize + 500, 2 * partSize])(
    'one whose token has moved on is refused after %i bytes, and none of them is written down',
    async (sent) => {
      const bytes = randomBytes(2 * partSize);
      const path = await create(harness, bytes.length);
      const old = await rawPatch(harness, path, 0, { 'content-length': String(sent) });
      await sendPart(old, bytes.subarray(0, 100));
      await harness.owner
        .updateTable('upload')
        .set((eb) => ({ lease_token: eb('lease_token', '+', 1) }))
        .where('id', '=', idOf(path))
        .execute();
      await old.write(bytes.subarray(100, sent));
      expect((await old.answer()).status).toBe(409);
      old.destroy();
      expect(await rowOf(harness, path)).toMatchObject({ durable_offset: 0, state: 'receiving' });
    },
  );
});

describe('a body longer than it should be', () => {
  it('chunked, is refused, completes nothing, and keeps the parts before', async () => {
    const bytes = randomBytes(2 * partSize + 100);
    const path = await create(harness, bytes.length);
    const request = await rawPatch(harness, path, 0, { 'transfer-encoding': 'chunked' });
    const body = Buffer.concat([bytes, Buffer.from('!')]);
    await request.write(
      Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n0\r\n\r\n')]),
    );
    const answer = await request.answer();
    expect([answer.status, JSON.parse(answer.body).code]).toEqual([413, 'length_exceeded']);
    request.destroy();
    expect(await rowOf(harness, path)).toMatchObject({ state: 'receiving', durable_offset: 2 * partSize });
    expect((await patch(harness, path, 2 * partSize, bytes.subarray(2 * partSize))).status).toBe(204);
    expect((await storedBytes(harness, path)).equals(bytes)).toBe(true);
  });
});

describe('a vault that fails', () => {
  // What other servers got wrong: one of six parts failed, the offset was the sum of the others, and the file came out wrong.
  it('at part 2 of 6 stops the offset before it, and the resumed file is right', async () => {
    const bytes = randomBytes(6 * partSize);
    const path = await create(harness, bytes.length);
    harness.faults.failPartWrite(2);
    const failed = await patch(harness, path, 0, bytes);
    expect([failed.status, ((await failed.json()) as { code: string }).code]).toEqual([503, 'vault_unavailable']);
    const offset = offsetOf(await head(harness, path));
    expect(offset).toBe(partSize);
    expect((await patch(harness, path, offset, bytes.subarray(offset))).status).toBe(204);
    expect((await storedBytes(harness, path)).equals(bytes)).toBe(true);
  });

  it('while part 2 of 6 is committed behind part 3 keeps part 1 only', async () => {
    const bytes = randomBytes(6 * partSize);
    const path = await create(harness, bytes.length);
    harness.faults.loseCommitAnswer(2);
    expect((await patch(harness, path, 0, bytes)).status).toBe(503);
    const offset = offsetOf(await head(harness, path));
    expect(offset).toBe(partSize);
    expect((await patch(harness, path, offset, bytes.subarray(offset))).status).toBe(204);
    expect((await storedBytes(harness, path)).equals(bytes)).toBe(true);
  });

  it('at the very last commit leaves the upload open, and the last part can be sent again', async () => {
    const bytes = randomBytes(partSize + 10);
    const path = await create(harness, bytes.length);
    harness.faults.loseCommitAnswer(2);
    expect((await patch(harness, path, 0, bytes)).status).toBe(503);
    expect(await rowOf(harness, path)).toMatchObject({ state: 'receiving', durable_offset: partSize });
    expect((await patch(harness, path, partSize, bytes.subarray(partSize))).status).toBe(204);
    expect((await storedBytes(harness, path)).equals(bytes)).toBe(true);
  });

  it('for want of space says 507 and keeps what is durable', async () => {
    const bytes = randomBytes(4 * partSize);
    const path = await create(harness, bytes.length);
    await patch(harness, path, 0, bytes.subarray(0, 100));
    harness.faults.limitSpace(2 * partSize);
    const full = await patch(harness, path, 100, bytes.subarray(100));
    expect([full.status, ((await full.json()) as { code: string }).code]).toEqual([507, 'no_space']);
    const offset = offsetOf(await head(harness, path));
    expect(offset).toBeGreaterThanOrEqual(partSize);
    harness.faults.limitSpace(null);
    expect((await patch(harness, path, offset, bytes.subarray(offset))).status).toBe(204);
    expect((await storedBytes(harness, path)).equals(bytes)).toBe(true);
  });

  it('refuses to begin what cannot fit', async () => {
    const { vault } = harness;
    const headroom = vault.headroom;
    vault.headroom = async () => 99;
    const reply = await fetch(`${harness.url}/files`, {
      method: 'POST',
      headers: await tusHeaders(harness.dock, { 'upload-length': '100' }),
    });
    vault.headroom = headroom;
    expect([reply.status, ((await reply.json()) as { code: string }).code]).toEqual([507, 'no_space']);
  });

  it('never shows a gap: a part missing from the ledger stops everything', async () => {
    const path = await create(harness, 4 * partSize);
    await patch(harness, path, 0, randomBytes(3 * partSize));
    await harness.owner
      .deleteFrom('upload_part')
      .where('upload_id', '=', idOf(path))
      .where('part_number', '=', 2)
      .execute();
    expect((await patch(harness, path, 3 * partSize, randomBytes(partSize))).status).toBe(500);
    expect(await rowOf(harness, path)).toMatchObject({ state: 'receiving' });
  });
});

describe('limits', () => {
  it('a sender has so many uploads sending at once, and taking over needs no further place', async () => {
    const paths = await Promise.all(Array.from({ length: 4 }, () => create(harness, 1000)));
    const [first = '', second = '', third = '', fourth = ''] = paths;
    const open = await Promise.all(
      [first, second, third].map(async (path) => {
        const request = await rawPatch(harness, path, 0, { 'content-length': '1000' });
        await until(async () => (await rowOf(harness, path)).lease_until !== null);
        return request;
      }),
    );
    const refused = await patch(harness, fourth, 0, randomBytes(10));
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '5']);
    expect((await patch(harness, first, 0, randomBytes(10))).status).toBe(204);
    for (const request of open) request.destroy();
    await Promise.all([first, second, third].map(released));
    expect((await patch(harness, fourth, 0, randomBytes(10))).status).toBe(204);
  });

  it('a client that waits for the go-ahead is refused before it sends, and gets it otherwise', async () => {
    const path = await create(harness, 5);
    const refused = await rawPatch(harness, path, 3, { 'content-length': '5', expect: '100-continue' });
    expect((await refused.answer()).status).toBe(409);
    refused.destroy();
    const taken = await rawPatch(harness, path, 0, { 'content-length': '5', expect: '100-continue' });
    expect((await taken.answer()).status).toBe(100);
    await taken.write('hello');
    expect((await taken.answer()).status).toBe(204);
    taken.destroy();
    expect((await storedBytes(harness, path)).toString()).toBe('hello');
  });

  it('what is not HTTP is answered with a problem document', async () => {
    const request = await rawRequest(harness.port, 'PATCH /files/\u0001 HTTP/1.1', { 'x y': '\u0000' });
    const answer = await request.answer();
    expect([answer.status, JSON.parse(answer.body).code]).toEqual([400, 'malformed_request']);
    request.destroy();
  });
});

const chore = () => ({
  ...harness,
  catalog: harness.database.as('fengcun_upload'),
  log: { warn: () => undefined },
});
const inDays = (days: number) => {
  harness.clock.at = new Date(Date.now() + days * 86_400_000);
};

describe('a transfer whose creator died before writing it down', () => {
  it('is removed after a week, and no transfer that an upload knows is', async () => {
    const path = await create(harness, 100);
    await patch(harness, path, 0, randomBytes(30));
    const orphan = await harness.vault.createTransfer(originalKey(randomUUID()), partSize);
    const elsewhere = await harness.vault.createTransfer(parseObjectKey('copies/of/another/service'), partSize);
    const known = (await rowOf(harness, path)).vault_transfer;
    const ids = async () => {
      const found: string[] = [];
      for await (const { id } of harness.vault.transfers()) found.push(id);
      return found;
    };
    inDays(6.9);
    expect(await sweepOrphans(chore())).toBe(0);
    expect(await ids()).toEqual(expect.arrayContaining([orphan.id, known]));
    inDays(7.1);
    expect(await sweepOrphans(chore())).toBe(1);
    expect(await ids()).toEqual(expect.arrayContaining([elsewhere.id, known]));
    expect(await ids()).not.toContain(orphan.id);
    harness.clock.at = null;
    expect(offsetOf(await head(harness, path))).toBe(30);
  });
});

describe('expiry', () => {
  const expire = () => expireUploads(chore());

  it('ends what was never completed, on record, frees its place, and answers 410', async () => {
    const path = await create(harness, 100);
    await patch(harness, path, 0, randomBytes(30));
    inDays(6.9);
    await expire();
    expect((await rowOf(harness, path)).state).toBe('receiving');
    inDays(7.1);
    await expire();
    const row = await rowOf(harness, path);
    expect(row.state).toBe('expired');
    expect(row.cleared_at).not.toBeNull();
    expect(await eventsOf(harness, 'upload.expired', idOf(path))).toMatchObject([{ data: { offset: 30, size: 100 } }]);
    for await (const transfer of harness.vault.transfers()) expect(transfer.id).not.toBe(row.vault_transfer);
    harness.clock.at = null;
    expect((await head(harness, path)).status).toBe(410);
    expect((await patch(harness, path, 30, randomBytes(70))).status).toBe(410);
    await expire();
    expect(await eventsOf(harness, 'upload.expired', idOf(path))).toHaveLength(1);
  });

  it('comes later with every progress, and never to what is being written', async () => {
    const path = await create(harness, 100);
    const request = await rawPatch(harness, path, 0, { 'content-length': '100' });
    await sendPart(request, randomBytes(10));
    inDays(30);
    await expire();
    expect((await rowOf(harness, path)).state).toBe('receiving');
    request.destroy();
    await released(path);
    await expire();
    expect((await rowOf(harness, path)).state).toBe('receiving');
    inDays(37.1);
    await expire();
    expect((await rowOf(harness, path)).state).toBe('expired');
  });

  it('clears later what the vault could not clear at once', async () => {
    const path = await create(harness, 100);
    inDays(60);
    harness.faults.setUnavailable(true);
    await expireUploads({ ...harness, catalog: harness.database.as('fengcun_upload'), log: { warn: () => undefined } });
    expect(await rowOf(harness, path)).toMatchObject({ state: 'expired', cleared_at: null });
    harness.faults.setUnavailable(false);
    await expire();
    expect((await rowOf(harness, path)).cleared_at).not.toBeNull();
  });
});

describe('a server that closes', () => {
  it('keeps what it has taken, and another goes on', async () => {
    const bytes = randomBytes(2 * partSize);
    const path = await create(harness, bytes.length);
    const other = await harness.another();
    const request = await rawPatch({ port: other.port, dock: harness.dock }, path, 0, {
      'content-length': String(bytes.length),
    });
    await request.write(bytes.subarray(0, partSize + 3));
    await until(async () => (await rowOf(harness, path)).lease_until !== null);
    await other.close();
    const offset = offsetOf(await head(harness, path));
    expect(offset).toBeLessThanOrEqual(partSize + 3);
    expect((await patch(harness, path, offset, bytes.subarray(offset))).status).toBe(204);
    expect((await storedBytes(harness, path)).equals(bytes)).toBe(true);
    request.destroy();
  });
});
