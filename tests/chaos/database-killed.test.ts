import { beforeAll, expect, it } from 'vitest';
import { eventually } from '../product/eventually.ts';
import { invariantsHold } from '../product/invariants.ts';
import { openProduct, type Product } from '../product/product.ts';
import { long, seededRandom } from '../product/seeded-random.ts';
import { fileCount, handOverMany } from './many-uploads.ts';

let product: Product;
beforeAll(async () => {
  product = await openProduct();
});

it('seals everything exactly once although PostgreSQL is killed in the middle', { timeout: 400_000 }, async () => {
  const random = seededRandom('database killed');
  const many = await handOverMany(product, random);
  for (let time = 0; time < (long ? 5 : 1); time += 1) {
    await many.sealed(random.between(time * 10 + 5, time * 10 + 15));
    const killed = await product.kill('postgres');
    await product.isBack('postgres', killed);
  }
  await many.allSealed();
  const { checkpoints } = await invariantsHold(product);
  expect(checkpoints).toBeGreaterThan(1);

  // The log goes on after it: a new event gets into a new signed checkpoint.
  const before = await (await fetch(`${product.url}/ledger/checkpoint`)).text();
  await product.person('auditor');
  await eventually(async () => {
    const now = await (await fetch(`${product.url}/ledger/checkpoint`)).text();
    expect(Number(now.split('\n')[1])).toBeGreaterThan(Number(before.split('\n')[1]));
  });
  expect((await invariantsHold(product)).evidence).toBeGreaterThanOrEqual(fileCount);
});
