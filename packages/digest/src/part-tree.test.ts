import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leafHash, treeRoot } from './index.ts';

/** RFC 6962, section 2.1, written down as it stands: recursive, independent of the implementation. */
function naiveRoot(data: readonly Uint8Array[]): Buffer {
  const [only] = data;
  if (only === undefined) return createHash('sha256').digest();
  if (data.length === 1) return createHash('sha256').update(Buffer.of(0)).update(only).digest();
  let split = 1;
  while (split * 2 < data.length) split *= 2;
  return createHash('sha256')
    .update(Buffer.of(1))
    .update(naiveRoot(data.slice(0, split)))
    .update(naiveRoot(data.slice(split)))
    .digest();
}

// The reference inputs of the Certificate Transparency test suite.
const CT_LEAVES = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
].map((hex) => Buffer.from(hex, 'hex'));

describe('the part tree', () => {
  it.each([
    [0, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    [1, '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'],
    [2, 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125'],
    [8, '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328'],
  ])('has the published root over the first %i reference leaves', (count, root) => {
    expect(treeRoot(Buffer.concat(CT_LEAVES.slice(0, count).map(leafHash)))).toBe(root);
  });

  it('agrees with the recursive definition for any number of leaves', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 8 }), { maxLength: 70 }), (data) => {
        expect(treeRoot(Buffer.concat(data.map(leafHash)))).toBe(naiveRoot(data).toString('hex'));
      }),
    );
  });

  it('does not take a torn leaf list for a shorter one', () => {
    expect(() => treeRoot(new Uint8Array(33))).toThrow(expect.objectContaining({ code: 'misuse' }));
  });
});
