import { TlogError } from '../errors.ts';
import type { Hash } from '../hash/hash.ts';
import { portableHasher, type TreeHasher } from '../hash/hasher.ts';
import { coveringNodes, foldNodes, type LeafRange, type NodeId, requireSize } from '../tree/nodes.ts';
import { consistencyRanges, inclusionRanges } from '../tree/proofs.ts';
import { type Tile, tilePath } from './tile.ts';
import { checkTileBytes, nodeInTile, tileOfNode } from './tile-hashes.ts';

/**
 * Reads tiles from wherever they are kept, answering in the order asked. May answer a wider tile of the same index (see
 * `checkTileBytes`). Rejects when one cannot be read; its error reaches the caller as it is.
 */
export type TileReader = (tiles: readonly Tile[]) => Promise<readonly Uint8Array[]>;

/**
 * A tree of a given size seen through its tiles. What comes out is only as good as the tiles: verify proofs against a signed root
 * (`verifyInclusion`, `verifyConsistency`) before handing them on, so that a damaged tile is found by us and not by a court.
 */
export interface TileTree {
  readonly size: number;
  root(): Promise<Hash>;
  leafHash(index: number): Promise<Hash>;
  inclusionProof(index: number): Promise<Hash[]>;
  /** From `oldSize` to this tree's size. */
  consistencyProof(oldSize: number): Promise<Hash[]>;
}

export function tileTree(size: number, read: TileReader, hasher: TreeHasher = portableHasher): TileTree {
  requireSize(size);
  const hashRanges = async (ranges: readonly LeafRange[]): Promise<Hash[]> => {
    const perRange = ranges.map(coveringNodes);
    const hashes = await readNodes(perRange.flat(), size, read, hasher);
    let at = 0;
    return perRange.map((nodes) => {
      const folded = foldNodes(hashes.slice(at, at + nodes.length), hasher);
      at += nodes.length;
      return folded;
    });
  };
  const hashRange = async (range: LeafRange): Promise<Hash> => (await hashRanges([range]))[0] ?? hasher.empty;
  return {
    size,
    root: () => hashRange({ begin: 0, end: size }),
    async leafHash(index) {
      inclusionRanges(index, size);
      return hashRange({ begin: index, end: index + 1 });
    },
    inclusionProof: async (index) => hashRanges(inclusionRanges(index, size)),
    consistencyProof: async (oldSize) => hashRanges(consistencyRanges(oldSize, size)),
  };
}

/** The tiles that an inclusion proof of `index` in a tree of `size` is computed from, each once. */
export function tilesForInclusion(index: number, size: number): Tile[] {
  return tilesForNodes(inclusionRanges(index, size).flatMap(coveringNodes), size);
}

/** The tiles that a consistency proof is computed from, each once. */
export function tilesForConsistency(oldSize: number, newSize: number): Tile[] {
  return tilesForNodes(consistencyRanges(oldSize, newSize).flatMap(coveringNodes), newSize);
}

function tilesForNodes(nodes: readonly NodeId[], size: number): Tile[] {
  const byPath = new Map<string, Tile>();
  for (const node of nodes) {
    const tile = tileOfNode(node, size);
    byPath.set(tilePath(tile), tile);
  }
  return [...byPath.values()];
}

async function readNodes(
  nodes: readonly NodeId[],
  size: number,
  read: TileReader,
  hasher: TreeHasher,
): Promise<Hash[]> {
  const tiles = tilesForNodes(nodes, size);
  const contents = tiles.length > 0 ? await read(tiles) : [];
  const bytesByPath = new Map<string, Uint8Array>();
  for (const [i, tile] of tiles.entries()) {
    const bytes = contents[i];
    if (!bytes) throw new TlogError('tile_unavailable', `The store did not answer ${tilePath(tile)}.`);
    bytesByPath.set(tilePath(tile), checkTileBytes(tile, bytes));
  }
  return nodes.map((node) => {
    const path = tilePath(tileOfNode(node, size));
    const bytes = bytesByPath.get(path);
    if (!bytes) throw new TlogError('tile_unavailable', `The store did not answer ${path}.`);
    return nodeInTile(node, bytes, hasher);
  });
}
