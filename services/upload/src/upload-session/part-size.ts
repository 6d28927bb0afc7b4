/** A file never needs more parts than this: engines stop at 10,000. */
export const maxParts = 9_000;

/** Leaf of the part tree that sealing computes: larger parts are whole leaves, so that every part can be proved alone. */
const leafSize = 4 * 1024 * 1024;

/**
 * Part size for a file of `size` bytes (the largest allowed, when the length is deferred): `base`, or the next multiple of 4 MiB with
 * which 9,000 parts suffice. Fixed at creation, because a part's place is a pure function of its number.
 */
export function partSizeFor(size: number, base: number): number {
  if (size <= base * maxParts) return base;
  return Math.ceil(size / maxParts / leafSize) * leafSize;
}
