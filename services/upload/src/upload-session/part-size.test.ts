import { expect, it } from 'vitest';
import { maxParts, partSizeFor } from './part-size.ts';

const MiB = 1024 * 1024;

it.each([
  [0, 16],
  [1, 16],
  [9000 * 16 * MiB, 16],
  [9000 * 16 * MiB + 1, 20],
  [2 ** 40, 120],
  [2 ** 42, 468],
])('a file of %i bytes is cut into parts of %i MiB, and never into more than 9,000', (size, mebibytes) => {
  const part = partSizeFor(size, 16 * MiB);
  expect(part).toBe(mebibytes * MiB);
  expect(part % (4 * MiB)).toBe(0);
  expect(Math.ceil(size / part)).toBeLessThanOrEqual(maxParts);
});
