import { concatBytes } from '../encoding/text.ts';
import { TlogError } from '../errors.ts';
import { TILE_WIDTH } from './tile.ts';

/** The longest entry a bundle can carry: its length is a uint16. */
export const MAX_ENTRY_BYTES = 0xffff;

/**
 * Big-endian uint16 length before each entry (c2sp.org/tlog-tiles). Entries can be added to a partial bundle by appending the encoding
 * of the further ones.
 */
export function encodeEntryBundle(entries: readonly Uint8Array[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const entry of entries) {
    if (entry.length > MAX_ENTRY_BYTES) {
      throw new TlogError(
        'entry_too_large',
        `An entry has at most ${MAX_ENTRY_BYTES} bytes; this has ${entry.length}.`,
      );
    }
    parts.push(Uint8Array.of(entry.length >> 8, entry.length & 0xff), entry);
  }
  return concatBytes(...parts);
}

/** The entries of a bundle that must hold exactly `width` of them; views into `bytes`. */
export function parseEntryBundle(bytes: Uint8Array, width: number): Uint8Array[] {
  if (!Number.isInteger(width) || width < 1 || width > TILE_WIDTH) {
    throw new TlogError('argument_invalid', `A bundle holds 1 to ${TILE_WIDTH} entries; ${width} were asked for.`);
  }
  const entries: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    const [high, low] = bytes.subarray(at, at + 2);
    if (high === undefined || low === undefined)
      throw new TlogError('bundle_malformed', 'The bundle ends inside a length prefix.');
    const end = at + 2 + high * 256 + low;
    if (end > bytes.length)
      throw new TlogError('bundle_malformed', `The bundle ends inside its entry ${entries.length}.`);
    entries.push(bytes.subarray(at + 2, end));
    at = end;
    if (entries.length > width) break;
  }
  if (entries.length !== width) {
    throw new TlogError(
      'bundle_malformed',
      `The bundle should hold ${width} entries; it holds ${entries.length > width ? 'more' : entries.length}.`,
    );
  }
  return entries;
}
