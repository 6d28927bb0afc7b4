import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../encoding/text.ts';
import { asHash, type Hash, hashFromHex, hashToHex } from '../hash/hash.ts';
import { portableHasher as hasher, treeHasher } from '../hash/hasher.ts';
import { nativeHasher, nativeSha256 } from '../node/index.ts';
import { coveringNodes, floorLog2, foldNodes, type LeafRange } from './nodes.ts';
import { consistencyRanges, inclusionRanges } from './proofs.ts';
import { verifyConsistency, verifyInclusion } from './verify.ts';

/** The 8-leaf reference tree of the Certificate Transparency test suites. */
const REFERENCE_LEAVES = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
].map((hex) => Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16)));

const REFERENCE_ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

/** RFC 6962 section 2.1 word for word: the oracle that the iterative code is held against. */
function mth(leaves: readonly Hash[]): Hash {
  const [only] = leaves;
  if (!only) return hasher.empty;
  if (leaves.length === 1) return only;
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return hasher.node(mth(leaves.slice(0, k)), mth(leaves.slice(k)));
}

function path(m: number, leaves: readonly Hash[]): Hash[] {
  if (leaves.length <= 1) return [];
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return m < k
    ? [...path(m, leaves.slice(0, k)), mth(leaves.slice(k))]
    : [...path(m - k, leaves.slice(k)), mth(leaves.slice(0, k))];
}

function subproof(m: number, leaves: readonly Hash[], known: boolean): Hash[] {
  if (m === leaves.length) return known ? [] : [mth(leaves)];
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return m <= k
    ? [...subproof(m, leaves.slice(0, k), known), mth(leaves.slice(k))]
    : [...subproof(m - k, leaves.slice(k), false), mth(leaves.slice(0, k))];
}

const LEAVES = Array.from({ length: 70 }, (_, i) => hasher.leaf(encodeUtf8(`entry ${i}`)));

function hashRange({ begin, end }: LeafRange): Hash {
  const nodes = coveringNodes({ begin, end });
  return foldNodes(
    nodes.map(({ level, index }) => mth(LEAVES.slice(index * 2 ** level, (index + 1) * 2 ** level))),
    hasher,
  );
}

function flipBit(hash: Hash, bit: number): Hash {
  const flipped = hash.slice();
  flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return asHash(flipped);
}

describe('hashes', () => {
  it('gives the roots of the Certificate Transparency reference tree', () => {
    const leaves = REFERENCE_LEAVES.map((leaf) => hasher.leaf(leaf));
    for (const [size, root] of REFERENCE_ROOTS.entries()) expect(hashToHex(mth(leaves.slice(0, size)))).toBe(root);
  });

  it('is the same with an injected native SHA-256', () => {
    const [a, b] = [hashFromHex(REFERENCE_ROOTS[1] ?? ''), hashFromHex(REFERENCE_ROOTS[2] ?? '')];
    for (const other of [nativeHasher, treeHasher(nativeSha256)]) {
      expect(other.empty).toEqual(hasher.empty);
      expect(hashToHex(other.leaf(encodeUtf8('x')))).toBe(hashToHex(hasher.leaf(encodeUtf8('x'))));
      expect(hashToHex(other.node(a, b))).toBe(hashToHex(hasher.node(a, b)));
    }
  });

  it('takes exact logarithms next to every power of two up to 2^52', () => {
    for (let level = 1; level <= 52; level++) {
      expect(floorLog2(2 ** level)).toBe(level);
      expect(floorLog2(2 ** level - 1)).toBe(level - 1);
      expect(floorLog2(2 ** level + 1)).toBe(level);
    }
  });
});

describe('inclusion proofs', () => {
  it('equal the recursive definition for every index of every size to 70, and verify', () => {
    for (let size = 1; size <= LEAVES.length; size++) {
      const leaves = LEAVES.slice(0, size);
      const root = mth(leaves);
      for (const [index, leaf] of leaves.entries()) {
        const proof = inclusionRanges(index, size).map(hashRange);
        expect(proof).toEqual(path(index, leaves));
        verifyInclusion({ leaf, index, size, root, proof });
      }
    }
  });

  it('fail with any single bit changed, in the leaf, the root or the proof', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70 }), fc.nat(), fc.nat(), fc.nat({ max: 255 }), (size, i, place, bit) => {
        const index = i % size;
        const proof = path(index, LEAVES.slice(0, size));
        const leaf = LEAVES[index] ?? hasher.empty;
        const hashes = [leaf, mth(LEAVES.slice(0, size)), ...proof];
        const at = place % hashes.length;
        const [changedLeaf, changedRoot, ...changedProof] = hashes.map((hash, j) =>
          j === at ? flipBit(hash, bit) : hash,
        );
        expect(() =>
          verifyInclusion({
            leaf: changedLeaf ?? hasher.empty,
            root: changedRoot ?? hasher.empty,
            index,
            size,
            proof: changedProof,
          }),
        ).toThrow(expect.objectContaining({ code: 'inclusion_mismatch' }));
      }),
      { numRuns: 300 },
    );
  });

  it('fail for every other index of the same tree', () => {
    for (const size of [2, 3, 7, 8, 13, 64, 70]) {
      const root = mth(LEAVES.slice(0, size));
      for (let index = 0; index < size; index++) {
        const leaf = LEAVES[index] ?? hasher.empty;
        const proof = path(index, LEAVES.slice(0, size));
        for (let other = -1; other <= size; other++) {
          if (other === index) continue;
          expect(() => verifyInclusion({ leaf, index: other, size, root, proof })).toThrow(
            expect.objectContaining({ code: 'inclusion_mismatch' }),
          );
        }
      }
    }
  });

  it('fail when too short, too long, or with garbage around them', () => {
    const leaves = LEAVES.slice(0, 11);
    const claim = { leaf: LEAVES[6] ?? hasher.empty, index: 6, size: 11, root: mth(leaves) };
    const proof = path(6, leaves);
    for (const bad of [
      [],
      proof.slice(1),
      proof.slice(0, -1),
      [...proof, claim.root],
      [claim.root, ...proof],
      [...proof, hasher.empty],
    ]) {
      expect(() => verifyInclusion({ ...claim, proof: bad })).toThrow(
        expect.objectContaining({ code: 'inclusion_mismatch' }),
      );
    }
  });

  it('have the right length in trees past 2^32 entries', () => {
    expect(inclusionRanges(0, 2 ** 40)).toHaveLength(40);
    expect(inclusionRanges(2 ** 40, 2 ** 40 + 1)).toEqual([{ begin: 0, end: 2 ** 40 }]);
    const root = hasher.node(LEAVES[0] ?? hasher.empty, LEAVES[1] ?? hasher.empty);
    verifyInclusion({
      leaf: LEAVES[1] ?? hasher.empty,
      index: 2 ** 40,
      size: 2 ** 40 + 1,
      root,
      proof: [LEAVES[0] ?? hasher.empty],
    });
  });
});

describe('consistency proofs', () => {
  it('equal the recursive definition between all sizes to 70, and verify', () => {
    for (let newSize = 0; newSize <= LEAVES.length; newSize++) {
      const newRoot = mth(LEAVES.slice(0, newSize));
      for (let oldSize = 0; oldSize <= newSize; oldSize++) {
        const proof = consistencyRanges(oldSize, newSize).map(hashRange);
        expect(proof).toEqual(oldSize === 0 ? [] : subproof(oldSize, LEAVES.slice(0, newSize), true));
        verifyConsistency({ oldSize, oldRoot: mth(LEAVES.slice(0, oldSize)), newSize, newRoot, proof });
      }
    }
  });

  it('fail with any single bit changed, in either root or the proof', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 70 }),
        fc.nat(),
        fc.nat(),
        fc.nat({ max: 255 }),
        (newSize, old, place, bit) => {
          const oldSize = 1 + (old % newSize);
          const proof = oldSize === newSize ? [] : subproof(oldSize, LEAVES.slice(0, newSize), true);
          const hashes = [mth(LEAVES.slice(0, oldSize)), mth(LEAVES.slice(0, newSize)), ...proof];
          const at = place % hashes.length;
          const [oldRoot, newRoot, ...changed] = hashes.map((hash, j) => (j === at ? flipBit(hash, bit) : hash));
          expect(() =>
            verifyConsistency({
              oldSize,
              newSize,
              oldRoot: oldRoot ?? hasher.empty,
              newRoot: newRoot ?? hasher.empty,
              proof: changed,
            }),
          ).toThrow(expect.objectContaining({ code: 'consistency_mismatch' }));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('fail for other sizes, a fork, a shrunken log, a proof too short or too long', () => {
    const oldRoot = mth(LEAVES.slice(0, 6));
    const newRoot = mth(LEAVES.slice(0, 21));
    const proof = subproof(6, LEAVES.slice(0, 21), true);
    const mismatch = expect.objectContaining({ code: 'consistency_mismatch' });
    const fork = mth([...LEAVES.slice(0, 5), ...LEAVES.slice(6, 22)]);
    for (const claim of [
      { oldSize: 7, oldRoot, newSize: 21, newRoot, proof },
      { oldSize: 6, oldRoot, newSize: 33, newRoot, proof },
      { oldSize: 6, oldRoot, newSize: 21, newRoot: fork, proof },
      { oldSize: 21, oldRoot: newRoot, newSize: 6, newRoot: oldRoot, proof },
      { oldSize: 6, oldRoot, newSize: 6, newRoot, proof: [] },
      { oldSize: 6, oldRoot, newSize: 6, newRoot: oldRoot, proof: [oldRoot] },
      { oldSize: 0, oldRoot: hasher.empty, newSize: 21, newRoot, proof },
      { oldSize: 0, oldRoot, newSize: 21, newRoot, proof: [] },
      { oldSize: 6, oldRoot, newSize: 21, newRoot, proof: [] },
      { oldSize: 6, oldRoot, newSize: 21, newRoot, proof: proof.slice(1) },
      { oldSize: 6, oldRoot, newSize: 21, newRoot, proof: proof.slice(0, -1) },
      { oldSize: 6, oldRoot, newSize: 21, newRoot, proof: [...proof, newRoot] },
    ]) {
      expect(() => verifyConsistency(claim)).toThrow(mismatch);
    }
  });
});
