import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { enrolDock, freshSerial, temporaryDirectory } from '../product/dock.ts';
import { eventually } from '../product/eventually.ts';
import { invariantsHold } from '../product/invariants.ts';
import { openProduct, type Product } from '../product/product.ts';
import { opensslDigests, placeBytes } from '../product/recordings.ts';
import { long, seededRandom } from '../product/seeded-random.ts';
import { fileCount, handOverMany } from './many-uploads.ts';

let product: Product;
beforeAll(async () => {
  product = await openProduct();
});

it('seals once what a worker had stored and locked, and not yet written down, when it was killed', {
  timeout: 400_000,
}, async () => {
  const serial = freshSerial();
  const dock = await enrolDock(product);
  const folder = await temporaryDirectory('brink');
  const file = join(folder, '封存中.mp4');
  await placeBytes(file, 20 * 1024 * 1024 + 1, serial);

  // Nobody can write an evidence row, so the worker gets as far as that and no further.
  const owner = await product.database.connect();
  let agent: ReturnType<typeof dock.start>;
  try {
    await owner.query('begin');
    await owner.query('lock table evidence in share row exclusive mode');
    agent = dock.start('offload', folder, '--device', serial, '--json');
    await eventually(async () => {
      const { rowCount } = await product.database.query(`
        select from pg_locks where relation = 'evidence'::regclass and mode = 'RowExclusiveLock' and not granted`);
      expect(rowCount).toBe(1);
    });
    const { rows } = await product.database.query(
      `select upload.state from upload join device on device.id = device_id where serial = $1`,
      [serial],
    );
    expect(rows).toEqual([{ state: 'sealing' }]);
    const killed = await product.kill('worker');
    await product.isBack('worker', killed);
  } finally {
    await owner.query('rollback');
    owner.release();
  }

  const run = await agent.ended;
  expect(run.exitCode, run.stderr).toBe(0);
  const { rows } = await product.database.query(
    `select state, encode(sha256, 'hex') as sha256, encode(sm3, 'hex') as sm3 from evidence where device_serial = $1`,
    [serial],
  );
  expect(rows).toEqual([{ state: 'sealed', ...(await opensslDigests(file)) }]);
});

it('seals everything exactly once although the worker is killed again and again', { timeout: 400_000 }, async () => {
  const random = seededRandom('worker killed');
  const many = await handOverMany(product, random);
  for (let time = 0; time < (long ? 6 : 2); time += 1) {
    await many.sealed(random.between(time * 10 + 1, time * 10 + 10));
    const killed = await product.kill('worker');
    await product.isBack('worker', killed);
  }
  await many.allSealed();
  expect((await invariantsHold(product)).evidence).toBeGreaterThanOrEqual(fileCount);
});
