import { concatBytes } from '../encoding/text.ts';
import { TlogError } from '../errors.ts';
import { HASH_BYTES, type Hash } from '../hash/hash.ts';
import { portableHasher, type TreeHasher } from '../hash/hasher.ts';
import { coveringNodes, foldNodes, requireSize } from '../tree/nodes.ts';
import { levelSize, partialWidth, TILE_HEIGHT, TILE_WIDTH, type Tile } from './tile.ts';
import { checkTileBytes, completeSubtree, nodeInTile } from './tile-hashes.ts';
import type { TileReader } from './tile-tree.ts';

/**
 * The partial tiles of a tree, lowest level first (empty where a level has none): a few kilobytes from which the root follows and to
 * which leaves can be added without reading anything else.
 */
export interface RightEdge {
  readonly size: number;
  readonly partials: readonly Uint8Array[];
}

/** A tile and its bytes, ready to be stored at `tilePath(tile)`. */
export interface TileContent {
  readonly tile: Tile;
  readonly bytes: Uint8Array;
}

export interface Integration {
  readonly edge: RightEdge;
  /** Every tile that differs from before, as it stands at the new size. Writing them again writes the same bytes. */
  readonly tiles: readonly TileContent[];
}

export const EMPTY_EDGE: RightEdge = { size: 0, partials: [] };

/** The partial tiles that a right edge consists of. */
export function rightEdgeTiles(size: number): Tile[] {
  requireSize(size);
  const tiles: Tile[] = [];
  for (let level = 0; levelSize(size, level) > 0; level++) {
    const width = partialWidth(size, level);
    if (width > 0) tiles.push({ level, index: Math.floor(levelSize(size, level) / TILE_WIDTH), width });
  }
  return tiles;
}

/** Reads the right edge of a tree of `size`. Compare `rootOfEdge` with a signed root before building on it. */
export async function loadRightEdge(size: number, read: TileReader): Promise<RightEdge> {
  const tiles = rightEdgeTiles(size);
  const contents = tiles.length > 0 ? await read(tiles) : [];
  const partials: Uint8Array[] = [];
  for (let level = 0; levelSize(size, level) > 0; level++) partials.push(new Uint8Array(0));
  for (const [i, tile] of tiles.entries()) {
    const bytes = contents[i];
    if (!bytes)
      throw new TlogError(
        'tile_unavailable',
        `The store did not answer tile ${tile.level}/${tile.index} of the right edge.`,
      );
    partials[tile.level] = new Uint8Array(checkTileBytes(tile, bytes));
  }
  return { size, partials };
}

/** The RFC 6962 root of the tree that ends in this edge. */
export function rootOfEdge(edge: RightEdge, hasher: TreeHasher = portableHasher): Hash {
  const hashes = coveringNodes({ begin: 0, end: edge.size }).map((node) => {
    const level = Math.floor(node.level / TILE_HEIGHT);
    return nodeInTile(node, partialAt(edge, level), hasher);
  });
  return foldNodes(hashes, hasher);
}

/** Adds leaf hashes to a tree: pure, and the same whatever the batches (the property the sequencer's idempotence rests on). */
export function integrate(edge: RightEdge, leaves: readonly Hash[], hasher: TreeHasher = portableHasher): Integration {
  const size = edge.size + leaves.length;
  requireSize(size);
  const partials = [...edge.partials];
  const tiles: TileContent[] = [];
  let carried: readonly Uint8Array[] = leaves;
  for (let level = 0; carried.length > 0; level++) {
    const row = concatBytes(partialAt(edge, level), ...carried);
    const firstIndex = Math.floor(levelSize(edge.size, level) / TILE_WIDTH);
    const fullRoots: Uint8Array[] = [];
    const fullBytes = TILE_WIDTH * HASH_BYTES;
    let at = 0;
    for (; at + fullBytes <= row.length; at += fullBytes) {
      const bytes = row.slice(at, at + fullBytes);
      tiles.push({ tile: { level, index: firstIndex + fullRoots.length, width: TILE_WIDTH }, bytes });
      fullRoots.push(completeSubtree(bytes, hasher));
    }
    const rest = row.slice(at);
    partials[level] = rest;
    if (rest.length > 0) {
      tiles.push({
        tile: { level, index: firstIndex + fullRoots.length, width: rest.length / HASH_BYTES },
        bytes: rest,
      });
    }
    carried = fullRoots;
  }
  return { edge: { size, partials }, tiles };
}

/** An edge may come out of a store, so its widths are checked against its size each time it is used. */
function partialAt(edge: RightEdge, level: number): Uint8Array {
  const bytes = edge.partials[level] ?? new Uint8Array(0);
  const width = partialWidth(edge.size, level);
  if (bytes.length !== width * HASH_BYTES) {
    throw new TlogError(
      'tile_malformed',
      `The right edge at size ${edge.size} must hold ${width} hashes at level ${level}; it holds ${bytes.length / HASH_BYTES}.`,
    );
  }
  return bytes;
}
