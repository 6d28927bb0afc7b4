import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { enrolDock, freshSerial, temporaryDirectory } from '../product/dock.ts';
import { openFaultyLink } from '../product/faulty-link.ts';
import { invariantsHold } from '../product/invariants.ts';
import { openProduct, type Product } from '../product/product.ts';
import { opensslDigests, placeBytes } from '../product/recordings.ts';

const MiB = 1024 * 1024;

let product: Product;
beforeAll(async () => {
  product = await openProduct('s3');
});

it('seals what was being sent when the whole engine was killed, from where it stood', {
  timeout: 400_000,
}, async () => {
  const link = await openFaultyLink(product.url);
  try {
    const serial = freshSerial();
    const dock = await enrolDock(product, { url: link.url });
    const folder = await temporaryDirectory('engine');
    const file = join(folder, '中断.mp4');
    await placeBytes(file, 70 * MiB + 1, serial);
    const held = link.holdAfter(40 * MiB);
    const agent = dock.start('offload', folder, '--device', serial, '--json');
    await held;

    const killed = await product.kill('s3');
    // The rest arrives while there is nothing to put it on.
    link.letGo();
    await product.isBack('s3', killed);

    const run = await agent.ended;
    expect(run.exitCode, run.stderr).toBe(0);
    const { rows } = await product.database.query(
      `select state, encode(sha256, 'hex') as sha256, encode(sm3, 'hex') as sm3 from evidence where device_serial = $1`,
      [serial],
    );
    expect(rows).toEqual([{ state: 'sealed', ...(await opensslDigests(file)) }]);
  } finally {
    await link.close();
  }
  expect((await invariantsHold(product)).evidence).toBeGreaterThanOrEqual(1);
});
