import { sha256 as portableSha256 } from '@noble/hashes/sha2.js';
import { asHash, HASH_BYTES, type Hash } from './hash.ts';

/** Synchronous SHA-256. Must not keep a reference to `data`: the caller reuses the buffer. */
export type Sha256 = (data: Uint8Array) => Uint8Array;

/** RFC 6962 section 2.1: the three hashes that make a tree. */
export interface TreeHasher {
  /** MTH of the empty tree: SHA-256 of the empty string. */
  readonly empty: Hash;
  /** SHA-256(0x00 || entry) */
  leaf(entry: Uint8Array): Hash;
  /** SHA-256(0x01 || left || right) */
  node(left: Hash, right: Hash): Hash;
}

/** Builds a hasher over any SHA-256, so that a server can use a native one (`@fengcun/tlog/node`) for thousands of leaves a second. */
export function treeHasher(sha256: Sha256): TreeHasher {
  const pair = new Uint8Array(1 + 2 * HASH_BYTES);
  pair[0] = 0x01;
  return {
    empty: asHash(sha256(new Uint8Array(0))),
    leaf(entry) {
      const prefixed = new Uint8Array(1 + entry.length);
      prefixed.set(entry, 1);
      return asHash(sha256(prefixed));
    },
    node(left, right) {
      pair.set(left, 1);
      pair.set(right, 1 + HASH_BYTES);
      return asHash(sha256(pair));
    },
  };
}

/** SHA-256 in JavaScript: the same in every browser, and in a page opened from disk where WebCrypto may be withheld. */
export const sha256: Sha256 = (data) => portableSha256(data);

/** The hasher used wherever a caller does not bring a faster one. */
export const portableHasher: TreeHasher = treeHasher(sha256);
