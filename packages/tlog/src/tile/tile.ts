import { isCount, parseDecimal } from '../encoding/decimal.ts';
import { TlogError } from '../errors.ts';

/** Hashes in a full tile, and entries in a full bundle: subtrees of height 8 (c2sp.org/tlog-tiles). */
export const TILE_WIDTH = 256;
export const TILE_HEIGHT = 8;

/** Tile `index` of `level`; `width` 256 when full, 1 to 255 when partial. */
export interface Tile {
  readonly level: number;
  readonly index: number;
  readonly width: number;
}

/** Bundle `index` of log entries; its place in the log is that of the level 0 tile of the same index. */
export interface EntryBundle {
  readonly index: number;
  readonly width: number;
}

/** `tile/<L>/<N>[.p/<W>]`, without a leading slash. */
export function tilePath(tile: Tile): string {
  if (!Number.isInteger(tile.level) || tile.level < 0 || tile.level > 63) {
    throw new TlogError('argument_invalid', `A tile level is between 0 and 63; this is ${tile.level}.`);
  }
  return `tile/${tile.level}/${pathTail(tile.index, tile.width)}`;
}

/** `tile/entries/<N>[.p/<W>]`, without a leading slash. */
export function entryBundlePath(bundle: EntryBundle): string {
  return `tile/entries/${pathTail(bundle.index, bundle.width)}`;
}

const LEVEL = /^(?:0|[1-9]|[1-5][0-9]|6[0-3])$/;
const TILE_PATH = /^tile\/([0-9]{1,2})\/(.+)$/s;
const BUNDLE_PATH = /^tile\/entries\/(.+)$/s;
const TAIL = /^((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/;

/** Strict reverse of `tilePath`: one spelling per tile, or a cache could be poisoned with another. */
export function parseTilePath(path: string): Tile {
  const match = TILE_PATH.exec(path);
  const level = match?.[1] ?? '';
  if (!match || !LEVEL.test(level)) throw malformed(path);
  return { level: Number(level), ...parseTail(match[2] ?? '', path) };
}

/** Strict reverse of `entryBundlePath`. */
export function parseEntryBundlePath(path: string): EntryBundle {
  const match = BUNDLE_PATH.exec(path);
  if (!match) throw malformed(path);
  return parseTail(match[1] ?? '', path);
}

/** Hashes at `level` in a tree of `size`: floor(size / 256^level). */
export function levelSize(size: number, level: number): number {
  return Math.floor(size / TILE_WIDTH ** level);
}

/** Width of the partial tile at `level` in a tree of `size`: floor(size / 256^level) mod 256; 0 when there is none. */
export function partialWidth(size: number, level: number): number {
  return levelSize(size, level) % TILE_WIDTH;
}

/** The tile as it stands in a tree of `size`, or `undefined` where it holds nothing yet. */
export function tileAt(level: number, index: number, size: number): Tile | undefined {
  const width = Math.min(TILE_WIDTH, levelSize(size, level) - index * TILE_WIDTH);
  return width > 0 ? { level, index, width } : undefined;
}

/** Every tile that is new or wider in a tree of `newSize` than in one of `oldSize`: what a log must write. */
export function newTiles(oldSize: number, newSize: number): Tile[] {
  const tiles: Tile[] = [];
  for (let level = 0; levelSize(newSize, level) > levelSize(oldSize, level); level++) {
    const first = Math.floor(levelSize(oldSize, level) / TILE_WIDTH);
    for (let index = first; ; index++) {
      const tile = tileAt(level, index, newSize);
      if (!tile) break;
      tiles.push(tile);
    }
  }
  return tiles;
}

function pathTail(index: number, width: number): string {
  if (!isCount(index))
    throw new TlogError('argument_invalid', `A tile index is a whole number from 0; this is ${index}.`);
  if (!Number.isInteger(width) || width < 1 || width > TILE_WIDTH) {
    throw new TlogError('argument_invalid', `A tile is 1 to ${TILE_WIDTH} wide; this is ${width}.`);
  }
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/.{3}/g) ?? [];
  const last = groups.pop() ?? '000';
  const head = groups.map((group) => `x${group}/`).join('');
  return head + last + (width === TILE_WIDTH ? '' : `.p/${width}`);
}

function parseTail(tail: string, path: string): EntryBundle {
  const match = TAIL.exec(tail);
  const digits = match?.[1]?.replaceAll(/[x/]/g, '').replace(/^0+(?=[0-9])/, '');
  const index = digits === undefined ? undefined : parseDecimal(digits);
  const width = match?.[2] === undefined ? TILE_WIDTH : Number(match[2]);
  // The last comparison rejects superfluous leading groups such as x000/001, and partials of width 256 or more.
  if (index === undefined || width > TILE_WIDTH || pathTail(index, width) !== tail) throw malformed(path);
  return { index, width };
}

function malformed(path: string): TlogError {
  return new TlogError(
    'tile_path_malformed',
    `${JSON.stringify(path.slice(0, 120))} is not a tile path; write tile/<level>/<index>[.p/<width>] as c2sp.org/tlog-tiles says.`,
  );
}
