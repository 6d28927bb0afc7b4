import { TlogError } from '../errors.ts';
import { asHash, HASH_BYTES, type Hash } from '../hash/hash.ts';
import type { TreeHasher } from '../hash/hasher.ts';
import type { NodeId } from '../tree/nodes.ts';
import { TILE_HEIGHT, type Tile, tileAt, tilePath } from './tile.ts';

/** The tile of a tree of `size` from which a node's hash can be computed. */
export function tileOfNode(node: NodeId, size: number): Tile {
  const level = Math.floor(node.level / TILE_HEIGHT);
  const span = 2 ** (node.level % TILE_HEIGHT);
  const perTile = 2 ** TILE_HEIGHT / span;
  const tile = tileAt(level, Math.floor(node.index / perTile), size);
  if (!tile || ((node.index % perTile) + 1) * span > tile.width) {
    throw new TlogError('argument_invalid', `Node ${node.level}/${node.index} is not complete in a tree of ${size}.`);
  }
  return tile;
}

/** The node's hash out of the bytes of its tile (`tileOfNode`). */
export function nodeInTile(node: NodeId, bytes: Uint8Array, hasher: TreeHasher): Hash {
  const span = 2 ** (node.level % TILE_HEIGHT);
  const start = (node.index % (2 ** TILE_HEIGHT / span)) * span;
  return completeSubtree(bytes.subarray(start * HASH_BYTES, (start + span) * HASH_BYTES), hasher);
}

/** MTH of a power of two of concatenated hashes. */
export function completeSubtree(bytes: Uint8Array, hasher: TreeHasher): Hash {
  let row = splitHashes(bytes);
  while (row.length > 1) {
    const above: Hash[] = [];
    for (let i = 0; i + 1 < row.length; i += 2) {
      const left = row[i];
      const right = row[i + 1];
      if (left && right) above.push(hasher.node(left, right));
    }
    row = above;
  }
  const [root] = row;
  if (!root) throw new TlogError('argument_invalid', 'A subtree needs at least one hash.');
  return root;
}

/**
 * Checks what a store answered for a tile and cuts it to the width asked for. A store may answer with a *wider* tile: the spec lets
 * it drop a partial tile once the full one exists, and a tile only ever grows at its end.
 */
export function checkTileBytes(tile: Tile, bytes: Uint8Array): Uint8Array {
  if (
    bytes.length % HASH_BYTES !== 0 ||
    bytes.length < tile.width * HASH_BYTES ||
    bytes.length > 2 ** TILE_HEIGHT * HASH_BYTES
  ) {
    throw new TlogError(
      'tile_malformed',
      `${tilePath(tile)} should hold ${tile.width} hashes of ${HASH_BYTES} bytes; the store answered ${bytes.length} bytes.`,
    );
  }
  return bytes.subarray(0, tile.width * HASH_BYTES);
}

/** Views, not copies. */
export function splitHashes(bytes: Uint8Array): Hash[] {
  const hashes: Hash[] = [];
  for (let at = 0; at < bytes.length; at += HASH_BYTES) hashes.push(asHash(bytes.subarray(at, at + HASH_BYTES)));
  return hashes;
}
