/**
 * Digests of one content stream - SHA-256, SM3, per-part SHA-256, the RFC 6962 part tree - computed together, off the event
 * loop, in bounded memory.
 */
export { ContentDigest } from './content-digest.ts';
export { DigestError, type DigestErrorCode } from './errors.ts';
export { leafHash, NODE_SIZE, TREE_LEAF_SIZE, treeRoot } from './part-tree.ts';
export { DigestPool, type DigestPoolOptions, openContentDigest } from './pool.ts';
export { type ContentDigests, type DigestSelection, type PartTree, SM3_COST, sm3Library } from './selection.ts';
