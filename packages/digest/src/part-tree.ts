/**
 * The part tree: the RFC 6962 (section 2.1) Merkle tree over fixed-size leaves of one content, so that any byte range of a
 * large recording can later be proved against one root without reading the rest.
 */
import { createHash, hash } from 'node:crypto';
import { DigestError } from './errors.ts';

/** bytes; every leaf but the last covers exactly this much content. Part of the format: changing it changes every root. */
export const TREE_LEAF_SIZE = 4 * 1024 * 1024;

/** bytes of one SHA-256 node */
export const NODE_SIZE = 32;

// RFC 6962, section 2.1: the prefixes keep a leaf from being passed off as an inner node (second preimage).
export const LEAF_PREFIX: Uint8Array = Uint8Array.of(0);
const NODE_PREFIX = Uint8Array.of(1);

/** The hash of one leaf's content: SHA-256(0x00 || data), 32 bytes. */
export function leafHash(data: Uint8Array): Uint8Array {
  return createHash('sha256').update(LEAF_PREFIX).update(data).digest();
}

/**
 * The root, lower-case hex, over `leaves`: leaf hashes of 32 bytes each, one after the other, in content order. No leaves
 * (empty content) give SHA-256 of nothing. Throws `misuse` when the length is no multiple of 32.
 */
export function treeRoot(leaves: Uint8Array): string {
  if (leaves.length % NODE_SIZE !== 0) {
    throw new DigestError('misuse', `Leaf hashes take ${NODE_SIZE} bytes each, but ${leaves.length} bytes were given.`);
  }
  if (leaves.length === 0) return hash('sha256', '', 'hex');

  // One perfect subtree per set bit of the leaf count, largest first: folding them from the right is exactly the split
  // "largest power of two smaller than n" of section 2.1, without recursion over the leaves.
  const subtrees: { node: Uint8Array; leafCount: number }[] = [];
  for (let at = 0; at < leaves.length; at += NODE_SIZE) {
    let node: Uint8Array = leaves.subarray(at, at + NODE_SIZE);
    let leafCount = 1;
    for (let left = subtrees.at(-1); left !== undefined && left.leafCount === leafCount; left = subtrees.at(-1)) {
      subtrees.pop();
      node = nodeHash(left.node, node);
      leafCount *= 2;
    }
    subtrees.push({ node, leafCount });
  }
  const root = subtrees.map((subtree) => subtree.node).reduceRight((right, left) => nodeHash(left, right));
  return Buffer.from(root.buffer, root.byteOffset, root.byteLength).toString('hex');
}

function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return createHash('sha256').update(NODE_PREFIX).update(left).update(right).digest();
}
