import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';
import {
  type BagContent,
  type BurntContent,
  cancelIssuedCopy,
  claimIssuedCopy,
  decryptCopy,
  newId,
  requestIssuedCopy,
} from '@fengcun/catalog';
import type { CopyOperation } from '@fengcun/contracts';
import type { JobContext } from '@fengcun/jobs';
import { type Media, openMedia } from '@fengcun/media';
import { type ClipKind, makeClip } from '@fengcun/media/testing';
import type { Clock } from '@fengcun/runtime';
import { parseObjectKey } from '@fengcun/vault';
import { withFaults } from '@fengcun/vault/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { probeHandler } from '../derivatives/probe-handler.ts';
import { sealHandler } from '../seal/seal-handler.ts';
import { clock, jobContext, openBench, type TestBench } from '../testing/bench.ts';
import { receiveUpload } from '../testing/uploads.ts';
import { type CopyDependencies, copyHandler } from './copy-handler.ts';
import { removeCopies } from './start-remover.ts';

const execute = promisify(execFile);
let bench: TestBench;
let media: Media;
let account: string;

beforeAll(async () => {
  bench = await openBench();
  media = await openMedia({ scratchDir: join(bench.directory, 'scratch') });
  account = newId();
  await bench.owner
    .insertInto('account')
    .values({
      id: account,
      login: account,
      name: '李警官',
      officer_number: null,
      unit_id: bench.bureau.unit,
      password_hash: '',
      locked_until: null,
      disabled_at: null,
      created_at: new Date(),
    })
    .execute();
});
afterAll(() => bench.close());

const dependencies = (given: Partial<CopyDependencies> = {}): CopyDependencies => ({
  catalog: bench.catalog,
  vault: bench.vault,
  pool: bench.pool,
  media,
  clock,
  forgottenAfterMs: 10_000,
  lifetimeMs: 3_600_000,
  ...given,
});
const context = (given: Partial<JobContext> = {}) => jobContext(bench.logger, given);
const make = (copy: string, given: Partial<CopyDependencies> = {}, job: Partial<JobContext> = {}) =>
  copyHandler(dependencies(given))({ copy }, context(job));
const later = (ms: number): Clock => ({ now: () => new Date(Date.now() + ms) });
const clear = (at: Clock = clock) =>
  removeCopies({ catalog: bench.catalog, vault: bench.vault, clock: at, logger: bench.logger });

const items = new Map<ClipKind, Promise<{ id: string; bytes: Buffer }>>();
/** A sealed and probed recording; one for each kind of clip. */
function sealed(clip: ClipKind): Promise<{ id: string; bytes: Buffer }> {
  const known = items.get(clip) ?? seal(clip);
  items.set(clip, known);
  return known;
}
async function seal(clip: ClipKind): Promise<{ id: string; bytes: Buffer }> {
  const bytes = await readFile(await makeClip(clip, join(bench.directory, 'clips')));
  const name = `现场 ${clip}?.mp4`;
  const { id } = await receiveUpload(bench.owner, bench.vault, bench.bureau, bytes, { name });
  const { catalog, vault, pool } = bench;
  await sealHandler({ catalog, vault, replica: null, pool, readAhead: null, retentionDays: 183, clock })(
    { evidence: id },
    context(),
  );
  await probeHandler({ catalog, vault, media, clock, forgottenAfterMs: 10_000 })({ evidence: id }, context());
  return { id, bytes };
}

async function ask(
  evidence: string,
  operation: CopyOperation,
  content: BurntContent | BagContent = { lines: ['李警官 043217', '事件 7'] },
): Promise<string> {
  return requestIssuedCopy(
    bench.owner,
    {
      evidence: { id: evidence, name: 'x.mp4' },
      account,
      actor: { kind: 'account', id: account, name: null },
      clientId: null,
      operation,
      mark: 'picture',
      rule: 'test',
      authorisation: null,
      purpose: null,
      recipient: null,
      fileName: 'x',
      mediaType: 'video/mp4',
      redaction: null,
      content: () => content,
    },
    clock,
  );
}

const rowOf = (id: string) =>
  bench.owner.selectFrom('issued_copy').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
const eventsOf = async (copy: string) =>
  (await bench.owner.selectFrom('ledger_event').selectAll().orderBy('id').execute())
    .map((row) => JSON.parse(row.entry.toString('utf8')) as { type: string; data: { copy?: string } })
    .filter((event) => event.data.copy === copy)
    .map((event) => event.type);

/** What the vault has, and what it is with the key. */
async function bytesOf(id: string): Promise<{ stored: Buffer; plain: Buffer }> {
  const { key, vault_key, vault_version, size } = await rowOf(id);
  const version = { key: parseObjectKey(vault_key ?? ''), versionId: vault_version ?? '', size: size ?? 0 };
  const stored: Uint8Array[] = [];
  for await (const chunk of bench.vault.read(version)) stored.push(chunk);
  const plain: Uint8Array[] = [];
  for await (const chunk of decryptCopy(key ?? Buffer.alloc(32), bench.vault.read(version), 0)) plain.push(chunk);
  return { stored: Buffer.concat(stored), plain: Buffer.concat(plain) };
}

describe('a burnt copy', () => {
  test('is made, digested, encrypted where it lies, and on record', async () => {
    const { id } = await sealed('h264-aac');
    const copy = await ask(id, 'download_proxy');
    await make(copy);
    const row = await rowOf(copy);
    expect(row).toMatchObject({ state: 'ready', percent: 100, mark: 'picture', reason: null });
    expect((row.expires_at?.getTime() ?? 0) - (row.ready_at?.getTime() ?? 0)).toBe(3_600_000);
    const { stored, plain } = await bytesOf(copy);
    expect(createHash('sha256').update(plain).digest()).toEqual(row.sha256);
    expect(stored.includes('ftyp')).toBe(false);
    expect(plain.subarray(4, 8).toString()).toBe('ftyp');
    const path = join(bench.directory, 'copy.mp4');
    await writeFile(path, plain);
    const { stdout } = await execute('ffprobe', ['-v', 'error', '-show_streams', '-of', 'json', path]);
    expect(JSON.parse(stdout).streams).toMatchObject([{ codec_name: 'h264' }, { codec_name: 'aac' }]);
    expect(await eventsOf(copy)).toEqual(['issued_copy.requested', 'issued_copy.made']);
  });

  test('of sound says that its mark is in the tags only', async () => {
    const { id } = await sealed('wav');
    const copy = await ask(id, 'download_proxy');
    await make(copy);
    expect(await rowOf(copy)).toMatchObject({ state: 'ready', mark: 'metadata' });
  });

  test.each([
    ['a document', 'pdf', {}, 'media_failed'],
    ['a machine without a font', 'no-audio', { cjkFont: '/nowhere.ttc' }, 'no_cjk_font'],
  ] as const)('of %s fails with the reason', async (_, clip, options, reason) => {
    const { id } = await sealed(clip);
    const copy = await ask(id, 'disclose');
    await make(copy, { media: await openMedia({ scratchDir: join(bench.directory, 'scratch'), ...options }) });
    const row = await rowOf(copy);
    expect(row).toMatchObject({ state: 'failed', reason });
    expect(row.detail).toMatch(/\w{3}/);
    expect(await eventsOf(copy)).toEqual(['issued_copy.requested', 'issued_copy.failed']);
  });
});

/** Files of a ZIP file by its central directory, as programs read them; every name, size and checksum checked. */
function unzipped(file: Buffer): Map<string, Buffer> {
  const end = file.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  const end64 = Number(file.readBigUInt64LE(end - 20 + 8));
  expect(file.readUInt32LE(end64)).toBe(0x06064b50);
  const count = Number(file.readBigUInt64LE(end64 + 32));
  expect(file.readUInt16LE(end + 10)).toBe(count);
  const files = new Map<string, Buffer>();
  let at = Number(file.readBigUInt64LE(end64 + 48));
  for (let n = 0; n < count; n++) {
    expect(file.readUInt32LE(at)).toBe(0x02014b50);
    const nameLength = file.readUInt16LE(at + 28);
    const name = file.subarray(at + 46, at + 46 + nameLength);
    const extra = at + 46 + nameLength;
    expect([file.readUInt16LE(extra), file.readUInt16LE(extra + 2)]).toEqual([1, 24]);
    const [size, , offset] = [4, 12, 20].map((field) => Number(file.readBigUInt64LE(extra + field)));
    const local = offset ?? -1;
    expect(file.readUInt32LE(local)).toBe(0x04034b50);
    expect(file.subarray(local + 30, local + 30 + nameLength)).toEqual(name);
    const start = local + 30 + nameLength + file.readUInt16LE(local + 28);
    const content = file.subarray(start, start + (size ?? 0));
    expect(crc32(content)).toBe(file.readUInt32LE(at + 16));
    files.set(name.toString('utf8'), content);
    at = extra + 28;
  }
  expect(at).toBe(end64);
  return files;
}

describe('a package', () => {
  const content = { files: { 'receipt.json': '{"a":1}\n', 'README.zh-CN.txt': '请先阅读\n' } };

  test('is a bag in a ZIP file, and complete', async () => {
    const { id, bytes } = await sealed('no-audio');
    const copy = await ask(id, 'package', content);
    await make(copy);
    expect(await rowOf(copy)).toMatchObject({ state: 'ready', mark: 'none' });
    const { plain } = await bytesOf(copy);
    const directory = join(bench.directory, 'bag');
    for (const [path, content] of unzipped(plain)) {
      await mkdir(dirname(join(directory, path)), { recursive: true });
      await writeFile(join(directory, path), content);
    }
    const bag = join(directory, `fengcun-${id.slice(-12)}`);
    for (const manifest of ['manifest-sha256.txt', 'tagmanifest-sha256.txt']) {
      await execute('sha256sum', ['--check', '--strict', manifest], { cwd: bag });
    }
    expect(await readFile(join(bag, 'bagit.txt'), 'utf8')).toBe(
      'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n',
    );
    expect(await readFile(join(bag, 'data', '现场 no-audio_.mp4'))).toEqual(bytes);
    expect(await readFile(join(bag, 'README.zh-CN.txt'), 'utf8')).toBe('请先阅读\n');
    expect(await readFile(join(bag, 'bag-info.txt'), 'utf8')).toContain(`Payload-Oxum: ${bytes.length}.1\n`);
  });

  test('never comes to be with an original that is not the sealed one, and raises an alarm', async () => {
    const { id } = await sealed('no-audio');
    const copy = await ask(id, 'download_original', content);
    const { vault, faults } = withFaults(bench.vault);
    faults.flipByteOnRead(1000);
    await make(copy, { vault });
    expect(await rowOf(copy)).toMatchObject({ state: 'failed', reason: 'original_differs', vault_version: null });
    const alarms = await bench.owner.selectFrom('alarm').selectAll().where('subject_id', '=', id).execute();
    expect(alarms.map((alarm) => alarm.kind)).toEqual(['verification_failed']);
  });
});

describe('a worker that dies or is overtaken', () => {
  test('leaves nothing that can be read, and the next one makes the copy', async () => {
    const { id } = await sealed('no-audio');
    const copy = await ask(id, 'download_proxy');
    const dead = await claimIssuedCopy(bench.catalog, copy, { clock, ms: 5000 });
    await make(copy);
    expect((await rowOf(copy)).state).toBe('making');
    await make(copy, { clock: later(6000) });
    const row = await rowOf(copy);
    expect(row).toMatchObject({ state: 'ready', attempts: 2 });
    expect(row.key).not.toEqual(dead?.key);
    expect(row.vault_key).not.toBe(dead?.vaultKey);
  });

  test('settles nothing and takes its object away', async () => {
    const { id } = await sealed('no-audio');
    const copy = await ask(id, 'download_proxy');
    const written: { delete: boolean } = { delete: false };
    const overtaking: typeof bench.vault = Object.create(bench.vault, {
      write: {
        value: async (...args: Parameters<typeof bench.vault.write>) => {
          const object = await bench.vault.write(...args);
          await claimIssuedCopy(bench.catalog, copy, { clock: later(20_000), ms: 5000 });
          return object;
        },
      },
      delete: {
        value: async (...args: Parameters<typeof bench.vault.delete>) => {
          written.delete = true;
          await bench.vault.delete(...args);
        },
      },
      openLocal: { value: bench.vault.openLocal.bind(bench.vault) },
    });
    await make(copy, { vault: overtaking });
    expect(await rowOf(copy)).toMatchObject({ state: 'making', attempts: 2, vault_version: null });
    expect(written.delete).toBe(true);
  });

  test('is given up in the end, with the reason', async () => {
    const { id } = await sealed('no-audio');
    const copy = await ask(id, 'download_proxy');
    await bench.owner.updateTable('issued_copy').set({ attempts: 11 }).where('id', '=', copy).execute();
    await make(copy);
    expect(await rowOf(copy)).toMatchObject({ state: 'failed', reason: 'gave_up' });
  });

  test('a vault that is away is tried again, and said so at the last attempt', async () => {
    const { id } = await sealed('no-audio');
    const copy = await ask(id, 'download_proxy');
    const { vault, faults } = withFaults(bench.vault);
    faults.setUnavailable(true);
    await expect(make(copy, { vault })).rejects.toMatchObject({ code: 'unavailable' });
    expect(await rowOf(copy)).toMatchObject({ state: 'pending', claimed_until: null });
    await make(copy, { vault }, { last: true });
    expect(await rowOf(copy)).toMatchObject({ state: 'failed', reason: 'storage_failed' });
  });
});

describe('a copy that is over', () => {
  test('is removed from the vault when its time is, on record, and its key is destroyed', async () => {
    const { id } = await sealed('no-audio');
    const copy = await ask(id, 'download_proxy');
    await make(copy);
    const { vault_key, vault_version, size } = await rowOf(copy);
    await clear();
    expect((await rowOf(copy)).state).toBe('ready');
    await clear(later(3_700_000));
    await clear(later(3_700_000));
    expect(await rowOf(copy)).toMatchObject({ state: 'removed', key: null });
    const version = { key: parseObjectKey(vault_key ?? ''), versionId: vault_version ?? '', size: size ?? 0 };
    await expect(bench.vault.stat(version)).rejects.toMatchObject({ code: 'not_found' });
    expect(await eventsOf(copy)).toEqual(['issued_copy.requested', 'issued_copy.made', 'issued_copy.removed']);
  });

  test('because it was given up stops being made, and nothing of it stays', async () => {
    const { id } = await sealed('sparse-keyframes');
    const copy = await ask(id, 'download_proxy');
    const actor = { kind: 'account', id: account, name: null } as const;
    const cancelling: Media = {
      ...media,
      makeBurntCopy: (input, options) =>
        media.makeBurntCopy(input, {
          ...options,
          sink: async (bytes, size) => {
            await bench.owner
              .transaction()
              .execute((tx) => cancelIssuedCopy(tx, { copy, actor, cause: 'requester' }, clock));
            return options.sink(bytes, size);
          },
        }),
    };
    await make(copy, { media: cancelling });
    expect(await rowOf(copy)).toMatchObject({ state: 'cancelled', vault_version: null });
    await make(copy);
    expect((await rowOf(copy)).state).toBe('cancelled');
    await clear(later(60_000));
    expect(await rowOf(copy)).toMatchObject({ state: 'cancelled', key: null });
    expect(await eventsOf(copy)).toEqual(['issued_copy.requested', 'issued_copy.cancelled']);
  });
});
