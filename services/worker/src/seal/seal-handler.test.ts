import { execFileSync } from 'node:child_process';
import { createHash, hash } from 'node:crypto';
import { chmod, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database } from '@fengcun/catalog';
import { treeRoot } from '@fengcun/digest';
import type { JobContext } from '@fengcun/jobs';
import { type ObjectVersion, parseObjectKey, type Vault } from '@fengcun/vault';
import { withFaults } from '@fengcun/vault/testing';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { clock, jobContext, openBench, type TestBench } from '../testing/bench.ts';
import { dyingPlugin, dyingVault, intercepted } from '../testing/faults.ts';
import { beginUpload, receiveUpload, type UploadDraft } from '../testing/uploads.ts';
import { ReadAhead } from './read-ahead.ts';
import { type SealDependencies, sealHandler } from './seal-handler.ts';

const kib = 1024;
const mib = 1024 * kib;
const dayMs = 86_400_000;

/** Waits for a state, however slow the machine. */
const eventually = <T>(check: () => T | Promise<T>): Promise<T> => vi.waitFor(check, { timeout: 45_000, interval: 20 });

let bench: TestBench;

beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

/** Bytes that differ everywhere, the same in every run. */
function bytesOf(size: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(size);
  let state = seed;
  for (let at = 0; at + 4 <= size; at += 4) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes.writeUInt32LE(state, at);
  }
  return bytes;
}

const sha256 = (bytes: Uint8Array) => hash('sha256', bytes, 'hex');
/** by OpenSSL's own program, not by the library under test */
const sm3 = (bytes: Uint8Array) =>
  execFileSync('openssl', ['dgst', '-sm3', '-r'], { input: bytes }).toString().split(' ')[0] ?? '';

const receive = (bytes: Uint8Array, draft: Omit<UploadDraft, 'size'> = {}, vault: Vault = bench.vault) =>
  receiveUpload(bench.owner, vault, bench.bureau, bytes, { partSize: 64 * kib, ...draft });

const dependencies = (given: Partial<SealDependencies> = {}): SealDependencies => ({
  catalog: bench.catalog,
  vault: bench.vault,
  replica: null,
  pool: bench.pool,
  readAhead: null,
  retentionDays: 183,
  clock,
  ...given,
});

const seal = (evidence: string, given: Partial<SealDependencies> = {}, context: Partial<JobContext> = {}) =>
  sealHandler(dependencies(given))({ evidence }, jobContext(bench.logger, context));

const evidenceOf = (id: string) =>
  bench.owner.selectFrom('evidence').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

/** when the term of the item's class ends */
const termOf = async (id: string) =>
  (
    await bench.owner
      .selectFrom('evidence_retention')
      .select('retain_until')
      .where('evidence_id', '=', id)
      .executeTakeFirstOrThrow()
  ).retain_until;
const laterOf = (a: Date, b: Date | null): Date => (b !== null && b > a ? b : a);

async function eventsOf(id: string) {
  const rows = await bench.owner
    .selectFrom('ledger_event')
    .selectAll()
    .where('subject_kind', '=', 'evidence')
    .where('subject_id', '=', id)
    .execute();
  return rows.map((row) => ({ id: row.id, type: row.type, entry: JSON.parse(row.entry.toString()) }));
}

const stateOf = async (id: string) =>
  (await bench.owner.selectFrom('upload').select('state').where('id', '=', id).executeTakeFirstOrThrow()).state;

async function expectSealedOnce(id: string, state: 'sealed' | 'quarantined' = 'sealed'): Promise<void> {
  expect(await stateOf(id)).toBe(state);
  expect((await evidenceOf(id)).state).toBe(state);
  expect((await eventsOf(id)).map((event) => event.type)).toEqual([`evidence.${state}`]);
}

async function contentOf(version: ObjectVersion): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bench.vault.read(version)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('a received upload', () => {
  test('is read back, digested, locked and sealed, with the event a receipt is made of', async () => {
    const bytes = bytesOf(300 * kib + 7);
    const receivedAt = new Date(Date.now() - 3 * dayMs);
    const announced = { size: bytes.length, sha256: sha256(bytes) };
    const upload = await receive(bytes, {
      declaredSha256: sha256(bytes),
      receivedSha256: sha256(bytes),
      announced,
      receivedAt,
    });
    await seal(upload.id);

    await expectSealedOnce(upload.id);
    const evidence = await evidenceOf(upload.id);
    const leaf = createHash('sha256').update(Buffer.of(0)).update(bytes).digest();
    expect({
      sha256: evidence.sha256.toString('hex'),
      sm3: evidence.sm3.toString('hex'),
      tree: evidence.tree_root.toString('hex'),
      readBack: evidence.read_back_bytes,
      parts: evidence.received_parts,
      lock: evidence.lock_mode,
      until: evidence.retain_until,
      captured: evidence.captured_at,
      offset: evidence.device_clock_offset_ms,
    }).toEqual({
      sha256: sha256(bytes),
      sm3: sm3(bytes),
      tree: leaf.toString('hex'),
      readBack: bytes.length,
      parts: 5,
      lock: 'compliance',
      until: laterOf(new Date(receivedAt.getTime() + 183 * dayMs), await termOf(upload.id)),
      captured: receivedAt,
      offset: 5000,
    });

    const original = { key: parseObjectKey(evidence.vault_key), versionId: evidence.vault_version, size: bytes.length };
    expect((await contentOf(original)).equals(bytes)).toBe(true);
    expect(await bench.vault.protection(original)).toMatchObject({
      mode: 'compliance',
      retainUntil: evidence.retain_until,
    });
    await expect(bench.vault.delete(original)).rejects.toMatchObject({ code: 'retained' });
    const leaves = await contentOf({
      key: parseObjectKey(evidence.tree_key ?? ''),
      versionId: evidence.tree_version ?? '',
      size: 32,
    });
    expect(treeRoot(leaves)).toBe(evidence.tree_root.toString('hex'));

    const [event] = await eventsOf(upload.id);
    expect(event?.id).toBe(evidence.event_id);
    expect(event?.entry).toMatchObject({
      type: 'evidence.sealed',
      actor: { kind: 'system', id: 'worker', name: null },
      data: {
        sha256: sha256(bytes),
        sm3: sm3(bytes),
        declared: { sha256: sha256(bytes) },
        received: { parts: 5, sha256: sha256(bytes) },
        readBack: { bytes: bytes.length },
        dock: { id: bench.bureau.dock, name: '一号采集站' },
        times: { received: receivedAt.toISOString(), deviceClockOffsetMs: 5000, recordedFrom: null },
        vault: { driver: 'disk', protection: 'advisory', mode: 'compliance' },
      },
    });
    expect(JSON.stringify(event?.entry)).not.toContain('现场');
    expect(JSON.stringify(event?.entry)).not.toContain('410001');

    const derivatives = await bench.owner
      .selectFrom('derivative')
      .selectAll()
      .where('evidence_id', '=', upload.id)
      .execute();
    expect(derivatives.map(({ kind, state }) => `${kind} ${state}`).toSorted()).toEqual([
      'poster pending',
      'probe pending',
      'proxy pending',
      'thumbnails pending',
      'waveform pending',
    ]);
    const outbox = await bench.owner
      .selectFrom('outbox')
      .select('payload')
      .where('queue', '=', 'probe')
      .where('job_key', '=', upload.id)
      .execute();
    expect(outbox).toEqual([{ payload: { evidence: upload.id } }]);
  });

  test.each([0, 1, 64 * kib - 1, 64 * kib, 64 * kib + 1])(
    'of %i bytes is sealed with its own digests',
    async (size) => {
      const bytes = bytesOf(size, 3);
      const upload = await receive(bytes);
      await seal(upload.id);
      await expectSealedOnce(upload.id);
      const evidence = await evidenceOf(upload.id);
      expect(evidence.sha256.toString('hex')).toBe(sha256(bytes));
      expect(evidence.sm3.toString('hex')).toBe(sm3(bytes));
      expect(evidence.received_parts).toBe(Math.ceil(size / (64 * kib)));
    },
  );

  test('without a declaration has null on record, never an equal digest', async () => {
    const upload = await receive(bytesOf(10), { declaredSha256: null, officer: null });
    await seal(upload.id);
    expect((await evidenceOf(upload.id)).declared_sha256).toBeNull();
    const [event] = await eventsOf(upload.id);
    expect(event?.entry.data).toMatchObject({ declared: null, officer: null });
  });

  test('is sealed once by two workers that have the same job', async () => {
    const upload = await receive(bytesOf(mib, 5));
    await Promise.all([seal(upload.id), seal(upload.id), seal(upload.id)]);
    await expectSealedOnce(upload.id);
  });

  test('that waited longer than its retention is locked all the same', async () => {
    const upload = await receive(bytesOf(100), { receivedAt: new Date(Date.now() - 200 * dayMs) });
    await seal(upload.id);
    const until = (await evidenceOf(upload.id)).retain_until;
    expect(until?.getTime()).toBeGreaterThan(Date.now() + dayMs / 2);
  });

  test('stays sealed as it is when the job comes again', async () => {
    const upload = await receive(bytesOf(100));
    await seal(upload.id);
    const before = await evidenceOf(upload.id);
    await seal(upload.id);
    expect(await evidenceOf(upload.id)).toEqual(before);
  });

  test('is left alone while it still arrives', async () => {
    const upload = await beginUpload(bench.owner, bench.vault, bench.bureau, { size: 10, partSize: kib });
    await seal(upload.id);
    expect(await stateOf(upload.id)).toBe('receiving');
  });

  test('is given back, not sealed, when the job is told to stop', async () => {
    const upload = await receive(bytesOf(mib, 6));
    await expect(seal(upload.id, {}, { signal: AbortSignal.abort(new Error('closing')) })).rejects.toThrow('closing');
    expect(await stateOf(upload.id)).toBe('sealing');
    await seal(upload.id);
    await expectSealedOnce(upload.id);
  });
});

describe('what differs is quarantined, kept and locked', () => {
  async function expectQuarantined(id: string, code: string, read: Buffer): Promise<void> {
    await expectSealedOnce(id, 'quarantined');
    const evidence = await evidenceOf(id);
    expect(evidence.quarantine_code).toBe(code);
    expect(evidence.sha256.toString('hex')).toBe(sha256(read));
    expect(evidence.sm3.toString('hex')).toBe(sm3(read));
    const version = { key: parseObjectKey(evidence.vault_key), versionId: evidence.vault_version, size: evidence.size };
    expect(await bench.vault.protection(version)).toMatchObject({
      mode: 'compliance',
      retainUntil: evidence.retain_until,
    });
    const [event] = await eventsOf(id);
    expect(event?.entry.data.reason).toMatchObject({ code });
    const alarms = await bench.owner.selectFrom('alarm').selectAll().where('subject_id', '=', id).execute();
    expect(alarms.map((alarm) => alarm.kind)).toEqual(['quarantined']);
  }

  test('a digest that was declared otherwise', async () => {
    const bytes = bytesOf(100 * kib);
    const upload = await receive(bytes, { declaredSha256: 'ab'.repeat(32) });
    await seal(upload.id);
    await expectQuarantined(upload.id, 'declared_digest_differs', bytes);
  });

  test('a size that was announced otherwise', async () => {
    const bytes = bytesOf(1000);
    const upload = await receive(bytes, { announced: { size: 1001, sha256: sha256(bytes) } });
    await seal(upload.id);
    await expectQuarantined(upload.id, 'declared_size_differs', bytes);
  });

  test('an announced digest that the upload itself did not repeat', async () => {
    const bytes = bytesOf(1000);
    const upload = await receive(bytes, { announced: { size: 1000, sha256: 'cd'.repeat(32) } });
    await seal(upload.id);
    await expectQuarantined(upload.id, 'declared_digest_differs', bytes);
  });

  test('a whole that was received with another digest than its parts make', async () => {
    const bytes = bytesOf(1000);
    const upload = await receive(bytes, { receivedSha256: 'ef'.repeat(32) });
    await seal(upload.id);
    await expectQuarantined(upload.id, 'object_differs', bytes);
  });

  test('a byte that the vault gives back changed', async () => {
    const bytes = bytesOf(200 * kib);
    const upload = await receive(bytes);
    const { vault, faults } = withFaults(bench.vault);
    faults.flipByteOnRead(70 * kib);
    await seal(upload.id, { vault });
    const changed = Buffer.from(bytes);
    changed[70 * kib] = (changed[70 * kib] ?? 0) ^ 1;
    await expectQuarantined(upload.id, 'part_digest_differs', changed);
  });
});

describe('a vault that fails', () => {
  test('keeps the upload unsealed, raises one alarm after the last attempt, and seals later', async () => {
    const upload = await receive(bytesOf(1000));
    const { vault, faults } = withFaults(bench.vault);
    faults.setUnavailable(true);
    await expect(seal(upload.id, { vault })).rejects.toMatchObject({ code: 'unavailable' });
    await expect(seal(upload.id, { vault }, { last: true })).rejects.toMatchObject({ code: 'unavailable' });
    await expect(seal(upload.id, { vault }, { last: true })).rejects.toMatchObject({ code: 'unavailable' });
    const alarms = await bench.owner.selectFrom('alarm').selectAll().where('subject_id', '=', upload.id).execute();
    expect(alarms.map((alarm) => alarm.kind)).toEqual(['vault']);
    faults.setUnavailable(false);
    await seal(upload.id, { vault });
    await expectSealedOnce(upload.id);
  });

  test('that forgets the lock is not believed', async () => {
    const upload = await receive(bytesOf(1000));
    const vault = intercepted(bench.vault, { retain: async () => undefined });
    await expect(seal(upload.id, { vault })).rejects.toMatchObject({ code: 'lock_missing' });
    expect(await stateOf(upload.id)).toBe('sealing');
  });

  test('that ends a read early is not believed', async () => {
    const upload = await receive(bytesOf(2000));
    const vault = intercepted(bench.vault, {
      read: async function* (version: ObjectVersion) {
        yield* bench.vault.read(version, { start: 0, end: 1000 });
      },
    });
    await expect(seal(upload.id, { vault })).rejects.toMatchObject({ code: 'object_incomplete' });
  });

  test('whose parts are not those of the part ledger keeps everything, and says so', async () => {
    const upload = await receive(bytesOf(1000));
    await bench.owner
      .updateTable('upload_part')
      .set({ sha256: Buffer.alloc(32) })
      .where('upload_id', '=', upload.id)
      .execute();
    await expect(seal(upload.id, {}, { last: true })).rejects.toMatchObject({ code: 'part_mismatch' });
    expect(await stateOf(upload.id)).toBe('sealing');
    const alarm = await bench.owner
      .selectFrom('alarm')
      .select('kind')
      .where('subject_id', '=', upload.id)
      .executeTakeFirst();
    expect(alarm).toEqual({ kind: 'vault' });
  });

  test('an existing lock that reaches further stays', async () => {
    const receivedAt = new Date();
    const bytes = bytesOf(1000);
    const upload = await receive(bytes, { receivedAt });
    const version = await bench.vault.complete(upload.transfer, upload.parts);
    const far = new Date(receivedAt.getTime() + 1000 * dayMs);
    await bench.vault.retain(version, far);
    await seal(upload.id);
    expect((await evidenceOf(upload.id)).retain_until).toEqual(far);
  });
});

describe('a worker that dies', () => {
  /** Every await of a seal on which something may have happened is one call of the vault or one statement of the database. */
  async function sealDyingAt(step: number, evidence: string): Promise<'died' | 'finished'> {
    let steps = 0;
    const die = () => {
      if (++steps === step) throw new Error(`died after step ${step}`);
    };
    const vault = dyingVault(bench.vault, die);
    const catalog: Database = bench.catalog.withPlugin(dyingPlugin(die));
    try {
      await seal(evidence, { vault, catalog });
      return 'finished';
    } catch (error) {
      expect(String(error)).toContain('died after');
      return 'died';
    }
  }

  test('after any step leaves what the next attempt finishes: one item, one event', async () => {
    let step = 0;
    for (let outcome = 'died'; outcome === 'died'; ) {
      step++;
      const bytes = bytesOf(130 * kib, step);
      const upload = await receive(bytes, { declaredSha256: sha256(bytes) });
      outcome = await sealDyingAt(step, upload.id);
      await seal(upload.id);
      await expectSealedOnce(upload.id);
      expect((await evidenceOf(upload.id)).sm3.toString('hex')).toBe(sm3(bytes));
    }
    // claim 5 statements, complete, stat, read, write, two locks of two or three calls, commit of a dozen: fewer would mean steps not seen.
    expect(step).toBeGreaterThan(20);
  });

  test('twice in a row, after any step of both attempts that reach the vault, is finished by the third', async () => {
    for (const [first, second] of [
      [6, 8],
      [9, 10],
      [12, 14],
      [16, 20],
    ] as const) {
      const upload = await receive(bytesOf(10 * kib, first));
      await sealDyingAt(first, upload.id);
      await sealDyingAt(second, upload.id);
      await seal(upload.id);
      await expectSealedOnce(upload.id);
    }
  });
});

describe('reading ahead', () => {
  async function follow(minSize = 0, limit = 2): Promise<ReadAhead> {
    const { catalog, vault, pool, logger } = bench;
    return new ReadAhead({ catalog, vault, pool, limit, minSize, logger, pollMs: 10 });
  }
  const sending = (size: number, draft: Partial<UploadDraft> = {}) =>
    beginUpload(bench.owner, bench.vault, bench.bureau, { size, partSize: mib, ...draft });

  test('digests parts while the upload arrives, and the seal is the same as without', async () => {
    const bytes = bytesOf(4 * mib + 5, 9);
    const readAhead = await follow();
    try {
      const upload = await sending(bytes.length, { declaredSha256: sha256(bytes) });
      for (let part = 0; part < 3; part++) {
        await upload.sendPart(part + 1, bytes.subarray(part * mib, (part + 1) * mib));
        await eventually(() => expect(readAhead.progress.get(upload.id)).toBe((part + 1) * mib));
      }
      await upload.sendPart(4, bytes.subarray(3 * mib, 4 * mib));
      await upload.sendPart(5, bytes.subarray(4 * mib));
      await upload.finish();
      const read = countingReads(bench.vault);
      await seal(upload.id, { readAhead, vault: read.vault });
      await expectSealedOnce(upload.id);
      const evidence = await evidenceOf(upload.id);
      expect(evidence.sha256.toString('hex')).toBe(sha256(bytes));
      expect(evidence.sm3.toString('hex')).toBe(sm3(bytes));
      // Every byte of the version was read from the version, whatever was read before.
      expect(read.bytes()).toBeGreaterThanOrEqual(bytes.length);
      expect(read.bytes()).toBeLessThan(2 * bytes.length);
      expect(readAhead.progress.has(upload.id)).toBe(false);
    } finally {
      await readAhead.close();
    }
  });

  test('does not hide a byte changed in the staged file after it was read ahead', async () => {
    const bytes = bytesOf(3 * mib, 10);
    const readAhead = await follow();
    try {
      const upload = await sending(bytes.length, { declaredSha256: sha256(bytes) });
      for (let part = 0; part < 3; part++)
        await upload.sendPart(part + 1, bytes.subarray(part * mib, (part + 1) * mib));
      await eventually(() => expect(readAhead.progress.get(upload.id)).toBe(bytes.length));
      await tamperStaged(upload.transfer.id, mib + 100);
      await upload.finish();
      await seal(upload.id, { readAhead });
      const evidence = await evidenceOf(upload.id);
      expect(evidence.quarantine_code).toBe('part_digest_differs');
      const changed = Buffer.from(bytes);
      changed[mib + 100] = (changed[mib + 100] ?? 0) ^ 1;
      expect(evidence.sm3.toString('hex')).toBe(sm3(changed));
      expect(evidence.sha256.toString('hex')).toBe(sha256(changed));
    } finally {
      await readAhead.close();
    }
  });

  test('drops its digest when a part was sent again with other bytes', async () => {
    const bytes = bytesOf(2 * mib, 11);
    const readAhead = await follow();
    try {
      const upload = await sending(bytes.length);
      await upload.sendPart(1, bytesOf(mib, 99));
      await eventually(() => expect(readAhead.progress.get(upload.id)).toBe(mib));
      await upload.sendPart(1, bytes.subarray(0, mib));
      await upload.sendPart(2, bytes.subarray(mib));
      await upload.finish();
      expect(await readAhead.take(upload.id, upload.parts)).toBeNull();
      await seal(upload.id, { readAhead });
      await expectSealedOnce(upload.id);
      expect((await evidenceOf(upload.id)).sm3.toString('hex')).toBe(sm3(bytes));
    } finally {
      await readAhead.close();
    }
  });

  test('follows no more uploads than it may, and none that are small', async () => {
    const readAhead = await follow(mib, 1);
    try {
      const small = await sending(mib - 1);
      await small.sendPart(1, bytesOf(mib - 1));
      const [one, two] = [await sending(2 * mib), await sending(2 * mib)];
      await one.sendPart(1, bytesOf(mib));
      await two.sendPart(1, bytesOf(mib));
      await eventually(() => expect([...readAhead.progress.values()]).toEqual([mib]));
      const [followed] = readAhead.progress.keys();
      expect([one.id, two.id]).toContain(followed);
      expect(readAhead.progress.size).toBe(1);
    } finally {
      await readAhead.close();
    }
  });

  async function tamperStaged(transferId: string, position: number): Promise<void> {
    const root = join(bench.directory, 'vault');
    const names = await readdir(root, { recursive: true });
    const path = names.find((name) => name.includes(transferId) && !/(parts|records|json)$/.test(name));
    if (!path) throw new Error(`no staged file of ${transferId} among ${names.length}`);
    await chmod(join(root, path), 0o640);
    const file = await open(join(root, path), 'r+');
    const byte = Buffer.alloc(1);
    await file.read(byte, 0, 1, position);
    byte[0] = (byte[0] ?? 0) ^ 1;
    await file.write(byte, 0, 1, position);
    await file.close();
  }
});

function countingReads(vault: Vault): { vault: Vault; bytes(): number } {
  let bytes = 0;
  const read: Vault['read'] = async function* (version, range) {
    for await (const chunk of vault.read(version, range)) {
      bytes += chunk.length;
      yield chunk;
    }
  };
  return { vault: intercepted(vault, { read }), bytes: () => bytes };
}
