import { execFile } from 'node:child_process';
import { access, chmod, mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ed25519Signer, formatVerifierKey, generateSigningKey } from '@fengcun/tlog';
import { beforeAll, describe, expect, it } from 'vitest';
import { type AgentRun, type Dock, enrolDock, freshSerial, startAgent, temporaryDirectory } from '../product/dock.ts';
import { invariantsHold } from '../product/invariants.ts';
import { openProduct, type Product } from '../product/product.ts';
import { bytesOf, opensslDigests, placeBytes, placeClip } from '../product/recordings.ts';

const execute = promisify(execFile);
const verifier = fileURLToPath(new URL('../../packages/verifier/bin/fengcun-verify', import.meta.url));

const partSize = 16 * 1024 * 1024;

/** What a body camera, a recorder and a person leave behind in one folder. */
const shift = [
  ['h264-aac', '2024-06-12 早班/DSJ00017_083005_路面 执勤.mp4'],
  ['mpeg4-avi', '2024-06-12 早班/旧设备/CAM 3 — 询问室①.avi'],
  ['wav', '录音/电话录音（1）.wav'],
  ['mp3', '录音/🎙️ voice memo.mp3'],
  ['jpg', '现场照片/IMG_0042.JPG'],
  ['pdf', '文书/询问笔录 第1次.pdf'],
] as const;

let product: Product;
let dock: Dock;
beforeAll(async () => {
  product = await openProduct();
  dock = await enrolDock(product);
});

interface SealedRow {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly sha256: string;
  readonly sm3: string;
}

/** Everything of one device that ended, by name. */
async function evidenceOf(serial: string): Promise<readonly SealedRow[]> {
  const { rows } = await product.database.query<SealedRow>(
    `select id, name, state, encode(sha256, 'hex') as sha256, encode(sm3, 'hex') as sm3
     from evidence where device_serial = $1 order by name`,
    [serial],
  );
  return rows;
}

/** Verifies with the network taken away; where that is not permitted, the verifier still gets no address to ask. */
async function verifyOffline(file: string, receipt: string): Promise<{ verdict: string; exitCode: number }> {
  const command = [process.execPath, verifier, file, receipt, '--keys', dock.logKeys, '--json'];
  const isolated = await execute('unshare', ['-n', 'true']).then(
    () => ['unshare', '-n', ...command],
    () => command,
  );
  const [program = '', ...args] = isolated;
  const { stdout, code } = await execute(program, args).then(
    (done) => ({ ...done, code: 0 }),
    (error: { stdout: string; code: number }) => error,
  );
  return { verdict: JSON.parse(stdout).verdict, exitCode: code };
}

const stagesOf = (run: AgentRun, stage: string) =>
  run.lines.flatMap((line) => (line.event === 'file' && line.stage === stage ? [line.name] : [])).toSorted();
const nameOf = (path: string) => path.split('/').at(-1) ?? '';
const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

describe('a folder of every kind of file', () => {
  const serial = freshSerial();
  let folder: string;
  let first: AgentRun;
  beforeAll(async () => {
    folder = await temporaryDirectory('shift');
    for (const [kind, path] of shift) await placeClip(kind, join(folder, path));
    first = await dock.run('offload', folder, '--device', serial, '--officer', '330142', '--json');
  });

  it('is sealed, every file exactly once, with the digests that openssl finds', async () => {
    expect(first, first.stderr).toMatchObject({ exitCode: 0 });
    expect(first.lines.at(-1)).toMatchObject({ event: 'done', sealed: shift.length, quarantined: 0, failed: 0 });
    expect(stagesOf(first, 'sealed')).toEqual(shift.map(([, path]) => path).toSorted());
    const found = await evidenceOf(serial);
    expect(found.map(({ name }) => nameOf(name)).toSorted()).toEqual(shift.map(([, path]) => nameOf(path)).toSorted());
    for (const [, path] of shift) {
      const row = found.find(({ name }) => nameOf(name) === nameOf(path));
      expect({ sha256: row?.sha256, sm3: row?.sm3 }, path).toEqual(await opensslDigests(join(folder, path)));
      expect(row?.state).toBe('sealed');
    }
  });

  it('has receipts beside the files that hold without a network, and not for another file', async () => {
    const files = shift.map(([, path]) => join(folder, path));
    const verdicts = await Promise.all(files.map((file) => verifyOffline(file, `${file}.receipt.json`)));
    expect(verdicts).toEqual(files.map(() => ({ verdict: 'holds', exitCode: 0 })));
    const [wav, mp3] = [join(folder, shift[2][1]), join(folder, shift[3][1])];
    expect(await verifyOffline(wav, `${mp3}.receipt.json`)).toEqual({ verdict: 'fails', exitCode: 1 });
    const altered = join(await temporaryDirectory('altered'), 'altered.wav');
    const bytes = await readFile(wav);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    await writeFile(altered, bytes);
    expect(await verifyOffline(altered, `${wav}.receipt.json`)).toEqual({ verdict: 'fails', exitCode: 1 });
  });

  it('is not sent again when it is handed over again', async () => {
    const before = await evidenceOf(serial);
    const again = await dock.run('offload', folder, '--device', serial, '--json');
    expect(again.exitCode, again.stderr).toBe(0);
    expect(stagesOf(again, 'sending')).toEqual([]);
    expect(await evidenceOf(serial)).toEqual(before);
  });

  it('is not sent again by another dock, which gets the receipts all the same', async () => {
    const other = await enrolDock(product);
    const copy = await temporaryDirectory('copy');
    for (const [kind, path] of shift) await placeClip(kind, join(copy, path));
    const before = await evidenceOf(serial);
    const run = await other.run('offload', copy, '--device', serial, '--json');
    expect(run.exitCode, run.stderr).toBe(0);
    expect(stagesOf(run, 'sending')).toEqual([]);
    expect(stagesOf(run, 'sealed')).toEqual(shift.map(([, path]) => path).toSorted());
    expect(await evidenceOf(serial)).toEqual(before);
  });

  it('is deleted from the device after the seal only when asked, and only with a receipt that holds', async () => {
    const device = freshSerial();
    const card = await temporaryDirectory('card');
    const file = join(card, '视频 1.mp4');
    await placeClip('h264-aac', file);
    // The log's key is another one than this dock was enrolled with, or the dock knows none: nothing that is signed may be believed.
    const enrolment = join(dock.home, 'dock.json');
    const kept = await readFile(enrolment, 'utf8');
    const known: { logKeys: string[] } = JSON.parse(kept);
    for (const logKeys of [[otherLogKey(known.logKeys[0] ?? '')], []]) {
      await writeFile(enrolment, JSON.stringify({ ...known, logKeys }));
      const misled = await dock.run('offload', card, '--device', device, '--delete-after-seal', '--json');
      await writeFile(enrolment, kept);
      expect(misled.exitCode).toBe(1);
      expect(stagesOf(misled, 'sealed')).toEqual([]);
      expect(await readdir(card)).toEqual(['视频 1.mp4']);
    }

    const kind = await dock.run('offload', card, '--device', device, '--json');
    expect(kind.exitCode, kind.stderr).toBe(0);
    expect(await exists(file)).toBe(true);
    const asked = await dock.run('offload', card, '--device', device, '--delete-after-seal', '--json');
    expect(asked.exitCode, asked.stderr).toBe(0);
    expect(await readdir(card)).toEqual(['视频 1.mp4.receipt.json']);
    expect(await evidenceOf(device)).toHaveLength(1);
  });
});

it('seals files of no, one and about a part’s number of bytes as they are', async () => {
  const serial = freshSerial();
  const folder = await temporaryDirectory('sizes');
  const sizes = [0, 1, partSize - 1, partSize, partSize + 1];
  const fileOf = (size: number) => join(folder, `${size} 字节.bin`);
  for (const size of sizes) await placeBytes(fileOf(size), size, size);
  const run = await dock.run('offload', folder, '--device', serial, '--json');
  expect(run.exitCode, run.stderr).toBe(0);
  const found = await evidenceOf(serial);
  for (const size of sizes) {
    const row = found.find(({ name }) => name === `${size} 字节.bin`);
    expect(row, `${size}`).toMatchObject({ state: 'sealed', ...(await opensslDigests(fileOf(size))) });
  }
  expect(found).toHaveLength(sizes.length);
  const verdicts = sizes.map((size) => verifyOffline(fileOf(size), `${fileOf(size)}.receipt.json`));
  expect(await Promise.all(verdicts)).toEqual(sizes.map(() => ({ verdict: 'holds', exitCode: 0 })));
});

it('takes what a damaged device still gives, and says what it does not', async () => {
  const serial = freshSerial();
  const folder = await temporaryDirectory('damaged');
  const names = ['完好.wav', '损坏.wav', '损坏的目录/其中.wav'];
  for (const name of names) await placeBytes(join(folder, name), 50_000, name);
  const damaged = [join(folder, '损坏.wav'), join(folder, '损坏的目录')];
  for (const path of damaged) await chmod(path, 0);
  const offload = ['--home', dock.home, 'offload', folder, '--device', serial, '--json'];
  const run = await startAgent(offload, { powerless: true }).ended;
  expect(run.exitCode, run.stderr).toBe(1);
  expect(run.lines.at(-1)).toMatchObject({ event: 'done', sealed: 1, quarantined: 0, failed: 2 });
  expect(stagesOf(run, 'failed')).toEqual(['损坏.wav', '损坏的目录']);
  const told = run.lines.flatMap(({ stage, detail }) => (stage === 'failed' ? [detail] : []));
  expect(told).toEqual(damaged.toReversed().map((path) => expect.stringContaining(`${path} cannot be read (EACCES)`)));

  for (const path of damaged) await chmod(path, 0o755);
  const again = await startAgent(offload).ended;
  expect(again.exitCode, again.stderr).toBe(0);
  expect((await evidenceOf(serial)).map(({ state }) => state)).toEqual(['sealed', 'sealed', 'sealed']);
});

describe('a file that is not what was declared', () => {
  it('is kept, quarantined, announced to the dock and to people, and on record', async () => {
    const serial = freshSerial();
    const folder = await temporaryDirectory('altered');
    const file = join(folder, '被改动.mp4');
    await placeBytes(file, 300_000, 'declared');
    await placeBytes(join(folder, '未改动.mp4'), 200_000, 'untouched');
    // Digested and written to the journal, and nobody to send it to.
    const unreachable = {
      ...JSON.parse(await readFile(join(dock.home, 'dock.json'), 'utf8')),
      url: 'http://127.0.0.1:9',
    };
    const kept = await readFile(join(dock.home, 'dock.json'), 'utf8');
    await writeFile(join(dock.home, 'dock.json'), JSON.stringify(unreachable));
    const alone = await dock.run('offload', folder, '--device', serial, '--patience', '1', '--json');
    await writeFile(join(dock.home, 'dock.json'), kept);
    expect(alone.exitCode).toBe(3);

    // Same size, same time, other bytes: what a failing card does.
    const { atime, mtime } = await stat(file);
    await writeFile(file, bytesOf(300_000, 'something else'));
    await utimes(file, atime, mtime);
    const run = await dock.run('offload', folder, '--device', serial, '--json');
    expect(run.exitCode, run.stderr).toBe(1);
    expect(run.lines.at(-1)).toMatchObject({ event: 'done', sealed: 1, quarantined: 1, failed: 0 });
    expect(await exists(`${file}.quarantine.json`)).toBe(true);
    expect(await exists(`${file}.receipt.json`)).toBe(false);

    const item = (await evidenceOf(serial)).find(({ state }) => state === 'quarantined');
    expect(item).toMatchObject(await opensslDigests(file));
    const id = item?.id ?? '';
    const officer = await product.person('officer');
    expect(await officer.call('getEvidence', { params: { id } })).toMatchObject({
      state: 'quarantined',
      quarantine: { code: 'declared_digest_differs' },
      lock: { mode: 'compliance' },
    });
    const alarms = await (await product.person('supervisor')).call('listAlarms', { query: { open: true } });
    expect(alarms.items.filter(({ subject }) => subject?.id === id)).toMatchObject([{ kind: 'quarantined' }]);
    const custody = await officer.call('getCustody', { params: { id } });
    expect(custody.items.map(({ event }) => event.type)).toContain('evidence.quarantined');
    await expect(officer.call('getReceipt', { params: { id } })).rejects.toMatchObject({
      problem: { code: 'not_sealed' },
    });
  });
});

describe('the exit code', () => {
  it('is 2 for a command that cannot be meant', async () => {
    const home = await temporaryDirectory('unknown-dock');
    const folder = await temporaryDirectory('nothing');
    expect((await startAgent(['--home', home, 'offload', folder]).ended).exitCode).toBe(2);
    const tongues = { zh: '尚未登记', en: 'not enrolled' };
    for (const [language, words] of Object.entries(tongues)) {
      const stranger = startAgent(['--language', language, '--home', home, 'offload', folder, '--device', 'X']);
      expect(await stranger.ended).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(words) });
    }
    expect((await dock.run('offload', join(folder, 'missing'), '--device', 'X')).exitCode).toBe(2);
  });

  it('is 1 when the one-time code is not one', async () => {
    const home = await temporaryDirectory('wrong-code');
    expect((await startAgent(['--home', home, 'enroll', product.url, 'AAAA-BBBB-CCCC']).ended).exitCode).toBe(1);
  });

  it('is 0 for an empty folder', async () => {
    const folder = await temporaryDirectory('empty');
    await mkdir(join(folder, '空'));
    expect(await dock.run('offload', folder, '--device', freshSerial(), '--json')).toMatchObject({ exitCode: 0 });
  });
});

it('leaves everything consistent', async () => {
  const checked = await invariantsHold(product);
  expect(checked.evidence).toBeGreaterThanOrEqual(shift.length + 5);
});

/** A key of the same log name that signed nothing: key ids follow from name and key (c2sp.org/signed-note). */
function otherLogKey(vkey: string): string {
  const name = vkey.split('+')[0] ?? '';
  return formatVerifierKey(ed25519Signer(generateSigningKey(name)).key);
}
