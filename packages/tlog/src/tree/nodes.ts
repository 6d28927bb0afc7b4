import { isCount } from '../encoding/decimal.ts';
import { TlogError } from '../errors.ts';
import type { Hash } from '../hash/hash.ts';
import type { TreeHasher } from '../hash/hasher.ts';

/** A complete subtree: the MTH of leaves [index * 2^level, (index + 1) * 2^level). */
export interface NodeId {
  readonly level: number;
  readonly index: number;
}

/** Leaves [begin, end), one of the ranges that RFC 6962 takes an MTH of. */
export interface LeafRange {
  readonly begin: number;
  readonly end: number;
}

/**
 * The complete subtrees, left to right, that together cover a range. Ranges come from RFC 6962's own splitting, so `begin` is a
 * multiple of the first and largest of them. Sizes pass 2^31, so no bit operators here.
 */
export function coveringNodes({ begin, end }: LeafRange): NodeId[] {
  const nodes: NodeId[] = [];
  for (let at = begin; at < end; ) {
    const level = floorLog2(end - at);
    const span = 2 ** level;
    nodes.push({ level, index: at / span });
    at += span;
  }
  return nodes;
}

/** MTH of a range from the hashes of its `coveringNodes`: joins right to left (RFC 6962 section 2.1). */
export function foldNodes(hashes: readonly Hash[], hasher: TreeHasher): Hash {
  let folded: Hash | undefined;
  for (let i = hashes.length - 1; i >= 0; i--) {
    const hash = hashes[i];
    if (hash) folded = folded ? hasher.node(hash, folded) : hash;
  }
  return folded ?? hasher.empty;
}

/** The largest power of two strictly smaller than n (n > 1): where RFC 6962 splits a tree of n leaves. */
export function splitPoint(n: number): number {
  return 2 ** floorLog2(n - 1);
}

/** floor(log2(n)) for 1 <= n < 2^53, exactly: Math.log2 alone rounds up near large powers of two. */
export function floorLog2(n: number): number {
  let level = Math.floor(Math.log2(n));
  if (2 ** level > n) level--;
  if (2 ** (level + 1) <= n) level++;
  return level;
}

export function requireSize(size: number): void {
  if (!isCount(size))
    throw new TlogError('argument_invalid', `A tree size is a whole number from 0 to 2^53 - 1; this is ${size}.`);
}
