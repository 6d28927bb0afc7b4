import { isCount } from '../encoding/decimal.ts';
import { equalBytes } from '../encoding/text.ts';
import { TlogError } from '../errors.ts';
import type { Hash } from '../hash/hash.ts';
import { portableHasher, type TreeHasher } from '../hash/hasher.ts';
import { requireSize } from './nodes.ts';

export interface InclusionClaim {
  readonly leaf: Hash;
  readonly index: number;
  readonly size: number;
  readonly root: Hash;
  readonly proof: readonly Hash[];
}

/**
 * Throws `inclusion_mismatch` unless `proof` binds `leaf` at `index` to `root` (RFC 9162 section 2.1.3.2). The root must come from a
 * checkpoint whose signature was verified: a proof against an unsigned root proves nothing (`verifyLogProof` does both).
 */
export function verifyInclusion(claim: InclusionClaim, hasher: TreeHasher = portableHasher): void {
  requireSize(claim.size);
  if (!isCount(claim.index) || claim.index >= claim.size) {
    throw new TlogError('inclusion_mismatch', `Index ${claim.index} lies outside a tree of ${claim.size} entries.`);
  }
  let fn = claim.index;
  let sn = claim.size - 1;
  let hash = claim.leaf;
  for (const sibling of claim.proof) {
    if (sn === 0) throw new TlogError('inclusion_mismatch', 'The inclusion proof is longer than the tree is high.');
    if (isOdd(fn) || fn === sn) {
      hash = hasher.node(sibling, hash);
      while (!isOdd(fn) && fn !== 0) {
        fn = half(fn);
        sn = half(sn);
      }
    } else {
      hash = hasher.node(hash, sibling);
    }
    fn = half(fn);
    sn = half(sn);
  }
  if (sn !== 0) throw new TlogError('inclusion_mismatch', 'The inclusion proof is shorter than the tree is high.');
  if (!equalBytes(hash, claim.root)) {
    throw new TlogError(
      'inclusion_mismatch',
      'The inclusion proof does not lead from this entry to the root of the checkpoint.',
    );
  }
}

export interface ConsistencyClaim {
  readonly oldSize: number;
  readonly oldRoot: Hash;
  readonly newSize: number;
  readonly newRoot: Hash;
  readonly proof: readonly Hash[];
}

/**
 * Throws `consistency_mismatch` unless the new tree begins with the old one (RFC 9162 section 2.1.4.2). From size 0 the proof must be
 * empty and the old root that of the empty tree; between equal sizes it must be empty and the roots equal (c2sp.org/tlog-witness).
 */
export function verifyConsistency(claim: ConsistencyClaim, hasher: TreeHasher = portableHasher): void {
  const { oldSize, oldRoot, newSize, newRoot, proof } = claim;
  requireSize(oldSize);
  requireSize(newSize);
  if (oldSize > newSize)
    throw new TlogError('consistency_mismatch', `The log shrank from ${oldSize} to ${newSize} entries.`);
  if (oldSize === 0 || oldSize === newSize) {
    if (proof.length > 0)
      throw new TlogError('consistency_mismatch', 'The consistency proof must be empty for these sizes.');
    if (!equalBytes(oldRoot, oldSize === 0 ? hasher.empty : newRoot)) {
      throw new TlogError(
        'consistency_mismatch',
        `Two different roots are claimed for ${oldSize} entries: the log was forked.`,
      );
    }
    if (newSize === 0 && !equalBytes(newRoot, hasher.empty)) {
      throw new TlogError('consistency_mismatch', 'An empty log must have the root of the empty tree.');
    }
    return;
  }
  let fn = oldSize - 1;
  let sn = newSize - 1;
  while (isOdd(fn)) {
    fn = half(fn);
    sn = half(sn);
  }
  // Where oldSize is a power of two the old root is itself the first node, and the proof leaves it out.
  const path = fn === 0 ? [oldRoot, ...proof] : proof;
  const [first, ...rest] = path;
  if (!first) throw new TlogError('consistency_mismatch', 'The consistency proof is empty.');
  let oldHash = first;
  let newHash = first;
  for (const sibling of rest) {
    if (sn === 0) throw new TlogError('consistency_mismatch', 'The consistency proof is longer than the tree is high.');
    if (isOdd(fn) || fn === sn) {
      oldHash = hasher.node(sibling, oldHash);
      newHash = hasher.node(sibling, newHash);
      while (!isOdd(fn) && fn !== 0) {
        fn = half(fn);
        sn = half(sn);
      }
    } else {
      newHash = hasher.node(newHash, sibling);
    }
    fn = half(fn);
    sn = half(sn);
  }
  if (sn !== 0) throw new TlogError('consistency_mismatch', 'The consistency proof is shorter than the tree is high.');
  if (!equalBytes(oldHash, oldRoot) || !equalBytes(newHash, newRoot)) {
    throw new TlogError(
      'consistency_mismatch',
      'The newer tree does not begin with the older one: history was rewritten.',
    );
  }
}

function isOdd(n: number): boolean {
  return n % 2 === 1;
}

function half(n: number): number {
  return Math.floor(n / 2);
}
