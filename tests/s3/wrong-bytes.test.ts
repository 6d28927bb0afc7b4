import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { testRgw } from '@fengcun/local/testing';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type Dock, enrolDock, freshSerial, temporaryDirectory } from '../product/dock.ts';
import { closeProduct, openProductIn, type Product } from '../product/product.ts';
import { opensslDigests, placeBytes } from '../product/recordings.ts';
import { runSite } from '../product/site-command.ts';
import { type LyingEngine, openLyingEngine } from './lying-engine.ts';

const MiB = 1024 * 1024;

let engine: LyingEngine;
let directory: string;
let flags: readonly string[];
let product: Product;
let dock: Dock;
beforeAll(async () => {
  const { endpoint, accessKeyId, secretAccessKey } = await testRgw();
  engine = await openLyingEngine(endpoint);
  vi.stubEnv('AWS_ACCESS_KEY_ID', accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', secretAccessKey);
  directory = join(await temporaryDirectory('lying'), 'data');
  // Locked buckets cannot be deleted: every run has its own.
  flags = ['--s3-endpoint', engine.endpoint, '--s3-bucket', freshSerial().toLowerCase()];
  product = await openProductIn(directory, 's3', flags);
  dock = await enrolDock(product);
}, 240_000);
afterAll(async () => {
  await closeProduct(directory);
  await engine[Symbol.asyncDispose]();
  vi.unstubAllEnvs();
}, 120_000);

const rowsOf = async (serial: string) => {
  const { rows } = await product.database.query<{ id: string; name: string; state: string; sha256: string }>(
    `select id, name, state, encode(sha256, 'hex') as sha256 from evidence where device_serial = $1 order by name`,
    [serial],
  );
  return rows;
};

it('says on which engine it keeps recordings, without its keys', () => {
  expect(product.demo.vault).toEqual({
    driver: 's3',
    protection: 'enforced',
    endpoint: engine.endpoint,
    bucket: flags.at(-1),
  });
});

it('quarantines what the engine gives back wrongly, never seals it, and raises an alarm', async () => {
  const serial = freshSerial();
  const folder = await temporaryDirectory('flipped');
  const file = join(folder, '比特翻转.mp4');
  await placeBytes(file, 33 * MiB, serial);
  engine.lieAt(20 * MiB + 7);
  const run = await dock.run('offload', folder, '--device', serial, '--json');
  engine.lieAt(undefined);

  expect(engine.lies).toBeGreaterThan(0);
  expect(run.exitCode, run.stderr).toBe(1);
  expect(run.lines.at(-1)).toMatchObject({ event: 'done', sealed: 0, quarantined: 1, failed: 0 });
  await expect(access(`${file}.receipt.json`)).rejects.toMatchObject({ code: 'ENOENT' });

  const [row] = await rowsOf(serial);
  const { sha256 } = await opensslDigests(file);
  expect(row).toMatchObject({ state: 'quarantined' });
  // What was read back is on record as it was read back.
  expect(row?.sha256).not.toBe(sha256);
  const id = row?.id ?? '';
  const officer = await product.person('officer');
  expect(await officer.call('getEvidence', { params: { id } })).toMatchObject({
    state: 'quarantined',
    quarantine: { code: 'part_digest_differs' },
    lock: { mode: 'compliance' },
  });
  await expect(officer.call('getReceipt', { params: { id } })).rejects.toMatchObject({
    problem: { code: 'not_sealed' },
  });
  const alarms = await (await product.person('supervisor')).call('listAlarms', { query: { open: true } });
  expect(alarms.items.filter(({ subject }) => subject?.id === id)).toMatchObject([{ kind: 'quarantined' }]);
});

it('seals what comes next when the engine tells the truth again', async () => {
  const serial = freshSerial();
  const folder = await temporaryDirectory('truth');
  await placeBytes(join(folder, '正常.mp4'), 17 * MiB, serial);
  const run = await dock.run('offload', folder, '--device', serial, '--json');
  expect(run.exitCode, run.stderr).toBe(0);
  const { sha256 } = await opensslDigests(join(folder, '正常.mp4'));
  expect(await rowsOf(serial)).toMatchObject([{ state: 'sealed', sha256 }]);
});

it('is not started on another vault than the one its recordings are in', async () => {
  await closeProduct(directory);
  for (const other of [[], ['--s3']]) {
    const { exitCode, output } = await runSite(['start', '--data', directory, '--port', '0', '--detach', ...other]);
    expect({ exitCode, output }).toEqual({ exitCode: 1, output: expect.stringContaining(`请带上 ${flags.join(' ')}`) });
  }
});

it('is not started with keys that the engine refuses, and says so', async () => {
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'guess');
  const { exitCode, output } = await runSite(['start', '--data', directory, '--port', '0', '--detach', ...flags]);
  expect({ exitCode, output }).toEqual({ exitCode: 1, output: expect.stringContaining('录像存储不可用') });
});
