import { beforeAll, expect, it } from 'vitest';
import { invariantsHold } from '../product/invariants.ts';
import { openProduct, type Product } from '../product/product.ts';
import { seededRandom } from '../product/seeded-random.ts';
import { fileCount, handOverMany } from './many-uploads.ts';

let product: Product;
beforeAll(async () => {
  product = await openProduct();
});

it('seals everything exactly once although Redis forgets everything, twice, and is killed once', {
  timeout: 400_000,
}, async () => {
  const many = await handOverMany(product, seededRandom('queue lost'));
  const first = await many.sealed(Math.floor(fileCount / 5));
  await product.flushRedis();
  await many.sealed(first + 1);
  await product.flushRedis();
  await many.sealed(Math.floor(fileCount / 2));
  const killed = await product.kill('redis');
  await product.isBack('redis', killed);
  await many.allSealed();
  expect((await invariantsHold(product)).evidence).toBeGreaterThanOrEqual(fileCount);
});
