const DECIMAL = /^(?:0|[1-9][0-9]{0,15})$/;

/**
 * An ASCII decimal without sign or leading zeroes, as all C2SP formats write sizes and indices. The formats allow 64 bits; numbers
 * past 2^53 - 1 are not representable here and no log reaches them, so they are `undefined` like any other unreadable text.
 */
export function parseDecimal(text: string): number | undefined {
  if (!DECIMAL.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** True for what a tree size or an index may be here. */
export function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
