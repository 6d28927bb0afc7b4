import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, encodeUtf8 } from '../encoding/text.ts';
import { asHash, type Hash, hashToHex } from '../hash/hash.ts';
import { portableHasher } from '../hash/hasher.ts';
import { nativeHasher as hasher } from '../node/index.ts';
import { coveringNodes, foldNodes } from '../tree/nodes.ts';
import { verifyConsistency, verifyInclusion } from '../tree/verify.ts';
import { encodeEntryBundle, parseEntryBundle } from './entry-bundle.ts';
import { EMPTY_EDGE, integrate, loadRightEdge, rootOfEdge } from './right-edge.ts';
import { entryBundlePath, newTiles, parseEntryBundlePath, parseTilePath, partialWidth, tilePath } from './tile.ts';
import { type TileReader, tilesForConsistency, tilesForInclusion, tileTree } from './tile-tree.ts';

const LEAVES = Array.from({ length: 66_000 }, (_, i) => hasher.leaf(encodeUtf8(`entry ${i}`)));

function subtree(level: number, index: number): Hash {
  let row = LEAVES.slice(index * 2 ** level, (index + 1) * 2 ** level);
  while (row.length > 1) {
    row = row.flatMap((left, i) => (i % 2 === 0 ? [hasher.node(left, row[i + 1] ?? left)] : []));
  }
  return row[0] ?? hasher.empty;
}

function rootAt(size: number): Hash {
  return foldNodes(
    coveringNodes({ begin: 0, end: size }).map(({ level, index }) => subtree(level, index)),
    hasher,
  );
}

function store(batches: readonly number[]): { tiles: Map<string, Uint8Array>; read: TileReader; size: number } {
  const tiles = new Map<string, Uint8Array>();
  let edge = EMPTY_EDGE;
  for (const batch of batches) {
    const integration = integrate(edge, LEAVES.slice(edge.size, edge.size + batch), hasher);
    for (const { tile, bytes } of integration.tiles) tiles.set(tilePath(tile), bytes);
    edge = integration.edge;
  }
  const read: TileReader = async (wanted) =>
    wanted.map((tile) => {
      const bytes = tiles.get(tilePath(tile));
      if (!bytes) throw new Error(`no ${tilePath(tile)}`);
      return bytes;
    });
  return { tiles, read, size: edge.size };
}

describe('tile paths', () => {
  it('are the examples of the specification', () => {
    expect(tilePath({ level: 0, index: 1234067, width: 256 })).toBe('tile/0/x001/x234/067');
    expect(tilePath({ level: 0, index: 273, width: 112 })).toBe('tile/0/273.p/112');
    expect(tilePath({ level: 63, index: 0, width: 1 })).toBe('tile/63/000.p/1');
    expect(entryBundlePath({ index: 1000, width: 256 })).toBe('tile/entries/x001/000');
    expect(entryBundlePath({ index: 7, width: 255 })).toBe('tile/entries/007.p/255');
  });

  it('come back from parsing as they went in', () => {
    fc.assert(
      fc.property(fc.nat({ max: 63 }), fc.maxSafeNat(), fc.integer({ min: 1, max: 256 }), (level, index, width) => {
        expect(parseTilePath(tilePath({ level, index, width }))).toEqual({ level, index, width });
        expect(parseEntryBundlePath(entryBundlePath({ index, width }))).toEqual({ index, width });
      }),
    );
  });

  it.each([
    'tile/0/1',
    'tile/0/0001',
    'tile/0/x000/001',
    'tile/0/001/067',
    'tile/0/x001',
    'tile/00/001',
    'tile/64/001',
    'tile/-1/001',
    'tile/0/001.p/0',
    'tile/0/001.p/256',
    'tile/0/001.p/05',
    'tile/0/001.p/',
    'tile/0/001.p',
    'tile/0/x999/x999/x999/x999/x999/999',
    'tile/0/001\n',
    '/tile/0/001',
    'tile/0/../001',
    'tile/entries/001',
    'tile/data/001',
    'tile/8/0/x123/x456/078',
    '',
  ])('refuses %j', (path) => {
    expect(() => parseTilePath(path)).toThrow(expect.objectContaining({ code: 'tile_path_malformed' }));
  });

  it('refuses malformed bundle paths', () => {
    for (const path of [
      'tile/entries/1',
      'tile/entries/x000/001',
      'tile/0/001',
      'tile/entries/001.p/256',
      'tile/entries/',
    ]) {
      expect(() => parseEntryBundlePath(path)).toThrow(expect.objectContaining({ code: 'tile_path_malformed' }));
    }
  });
});

describe('which tiles a tree has', () => {
  it('is as the specification says for 70,000 and for 256 entries', () => {
    const tiles = newTiles(0, 70_000).map(tilePath);
    expect(tiles).toHaveLength(273 + 1 + 1 + 1 + 1);
    expect(tiles.filter((path) => path.includes('.p/'))).toEqual([
      'tile/0/273.p/112',
      'tile/1/001.p/17',
      'tile/2/000.p/1',
    ]);
    expect(newTiles(0, 256).map(tilePath)).toEqual(['tile/0/000', 'tile/1/000.p/1']);
    expect(partialWidth(70_000, 0)).toBe(112);
  });

  it('counts only what changed', () => {
    expect(newTiles(100, 100)).toEqual([]);
    expect(newTiles(100, 101).map(tilePath)).toEqual(['tile/0/000.p/101']);
    expect(newTiles(256, 257).map(tilePath)).toEqual(['tile/0/001.p/1']);
    expect(newTiles(49_516_517, 49_516_586).map(tilePath)).toEqual([
      'tile/0/x193/423',
      'tile/0/x193/424.p/42',
      'tile/1/755.p/144',
    ]);
  });

  it('names each tile a proof needs, once', () => {
    expect(tilesForInclusion(0, 70_000).map(tilePath)).toEqual([
      'tile/0/000',
      'tile/1/000',
      'tile/1/001.p/17',
      'tile/0/273.p/112',
    ]);
    expect(tilesForInclusion(0, 1)).toEqual([]);
    expect(tilesForConsistency(256, 70_000).map(tilePath)).toEqual([
      'tile/1/000',
      'tile/1/001.p/17',
      'tile/0/273.p/112',
    ]);
    expect(tilesForConsistency(0, 70_000)).toEqual([]);
  });
});

describe('integration', () => {
  it('makes the same tiles in any batches as all at once, and exactly those that changed', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 1, maxLength: 12 }), (batches) => {
        let edge = EMPTY_EDGE;
        const tiles = new Map<string, string>();
        for (const batch of batches) {
          const step = integrate(edge, LEAVES.slice(edge.size, edge.size + batch), hasher);
          expect(step.tiles.map(({ tile }) => tile)).toEqual(newTiles(edge.size, step.edge.size));
          for (const { tile, bytes } of step.tiles) tiles.set(tilePath(tile), hashToHex(bytes));
          edge = step.edge;
        }
        const atOnce = integrate(EMPTY_EDGE, LEAVES.slice(0, edge.size), hasher);
        for (const { tile, bytes } of atOnce.tiles) expect(tiles.get(tilePath(tile))).toBe(hashToHex(bytes));
        expect(atOnce.edge.size).toBe(edge.size);
        expect(rootOfEdge(edge, hasher)).toEqual(rootAt(edge.size));
        expect(rootOfEdge(atOnce.edge, portableHasher)).toEqual(rootAt(edge.size));
      }),
      { numRuns: 25 },
    );
  });

  it('crosses into the third level at 65,536 entries', () => {
    const { edge } = integrate(EMPTY_EDGE, LEAVES.slice(0, 65_535), hasher);
    expect(edge.partials.map((bytes) => bytes.length / 32)).toEqual([255, 255]);
    const next = integrate(edge, LEAVES.slice(65_535, 65_537), hasher);
    expect(next.tiles.map(({ tile }) => tilePath(tile))).toEqual([
      'tile/0/255',
      'tile/0/256.p/1',
      'tile/1/000',
      'tile/2/000.p/1',
    ]);
    expect(rootOfEdge(next.edge, hasher)).toEqual(rootAt(65_537));
  });

  it('goes on from an edge read back out of stored tiles', async () => {
    const { read, size } = store([300, 41, 1000]);
    const edge = await loadRightEdge(size, read);
    expect(rootOfEdge(edge, hasher)).toEqual(rootAt(1341));
    expect(rootOfEdge(integrate(edge, LEAVES.slice(1341, 2000), hasher).edge, hasher)).toEqual(rootAt(2000));
  });

  it('refuses an edge whose tiles have the wrong width', () => {
    const { edge } = integrate(EMPTY_EDGE, LEAVES.slice(0, 10), hasher);
    const damaged = { size: 11, partials: edge.partials };
    expect(() => rootOfEdge(damaged)).toThrow(expect.objectContaining({ code: 'tile_malformed' }));
    expect(() => integrate(damaged, LEAVES.slice(11, 12))).toThrow(expect.objectContaining({ code: 'tile_malformed' }));
  });
});

describe('a tree read from tiles', () => {
  it('proves inclusion and consistency at every published size', async () => {
    const batches = [1, 254, 1, 1, 511, 3, 600];
    const { read } = store(batches);
    let size = 0;
    const sizes = batches.map((batch) => (size += batch));
    for (const [i, published] of sizes.entries()) {
      const tree = tileTree(published, read, hasher);
      const root = await tree.root();
      expect(root).toEqual(rootAt(published));
      for (const index of new Set([0, 1, 255, 256, published >> 1, published - 1])) {
        if (index >= published) continue;
        const leaf = await tree.leafHash(index);
        expect(leaf).toEqual(LEAVES[index]);
        verifyInclusion({ leaf, index, size: published, root, proof: await tree.inclusionProof(index) });
      }
      for (const older of [0, ...sizes.slice(0, i + 1)]) {
        const proof = await tree.consistencyProof(older);
        verifyConsistency({ oldSize: older, oldRoot: rootAt(older), newSize: published, newRoot: root, proof });
      }
    }
  });

  it('accepts a wider tile in place of a partial one that was dropped', async () => {
    const { tiles } = store([300, 300]);
    const full = tiles.get('tile/0/001');
    const first = tiles.get('tile/0/000');
    const read: TileReader = async (wanted) =>
      wanted.map(
        ({ level, index }) =>
          (level === 1 ? tiles.get('tile/1/000.p/2') : index === 0 ? first : full) ?? new Uint8Array(),
      );
    expect(await tileTree(300, read, hasher).root()).toEqual(rootAt(300));
  });

  it('refuses tiles that are short, misaligned or missing', async () => {
    for (const bytes of [new Uint8Array(32), new Uint8Array(300 * 32), new Uint8Array(2 * 32 + 1)]) {
      await expect(tileTree(2, async () => [bytes]).root()).rejects.toMatchObject({ code: 'tile_malformed' });
    }
    await expect(tileTree(2, async () => []).root()).rejects.toMatchObject({ code: 'tile_unavailable' });
  });

  it('lets a damaged tile be found by verifying the proof made from it', async () => {
    const { tiles, read } = store([600]);
    const root = await tileTree(600, read, hasher).root();
    const tile = tiles.get('tile/0/000') ?? new Uint8Array();
    tile[40] = (tile[40] ?? 0) ^ 1;
    const proof = await tileTree(600, read, hasher).inclusionProof(0);
    const leaf = LEAVES[0] ?? asHash(new Uint8Array(32));
    expect(() => verifyInclusion({ leaf, index: 0, size: 600, root, proof })).toThrow(
      expect.objectContaining({ code: 'inclusion_mismatch' }),
    );
  });

  it('refuses indices and sizes outside the tree', async () => {
    const { read } = store([10]);
    const tree = tileTree(10, read);
    await expect(tree.inclusionProof(10)).rejects.toMatchObject({ code: 'argument_invalid' });
    await expect(tree.leafHash(-1)).rejects.toMatchObject({ code: 'argument_invalid' });
    await expect(tree.consistencyProof(11)).rejects.toMatchObject({ code: 'argument_invalid' });
    expect(() => tileTree(1.5, read)).toThrow(expect.objectContaining({ code: 'argument_invalid' }));
  });
});

describe('entry bundles', () => {
  it('come back from parsing as they went in, and grow by appending', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 2, maxLength: 20 }), (entries) => {
        const bytes = encodeEntryBundle(entries);
        expect(parseEntryBundle(bytes, entries.length)).toEqual(entries);
        expect(concatBytes(encodeEntryBundle(entries.slice(0, 1)), encodeEntryBundle(entries.slice(1)))).toEqual(bytes);
      }),
    );
  });

  it('prefix each entry with its length, big-endian', () => {
    expect(encodeEntryBundle([new Uint8Array(258).fill(7)]).subarray(0, 3)).toEqual(Uint8Array.of(1, 2, 7));
  });

  it('refuse truncation, surplus, a wrong count and an entry of 64 KiB', () => {
    const bytes = encodeEntryBundle([encodeUtf8('one'), encodeUtf8('two')]);
    for (const [bad, width] of [
      [bytes.subarray(0, -1), 2],
      [concatBytes(bytes, Uint8Array.of(0)), 2],
      [bytes, 1],
      [bytes, 3],
    ] as const) {
      expect(() => parseEntryBundle(bad, width)).toThrow(expect.objectContaining({ code: 'bundle_malformed' }));
    }
    expect(() => encodeEntryBundle([new Uint8Array(65_536)])).toThrow(
      expect.objectContaining({ code: 'entry_too_large' }),
    );
    expect(parseEntryBundle(encodeEntryBundle([new Uint8Array(65_535)]), 1)).toHaveLength(1);
  });
});
