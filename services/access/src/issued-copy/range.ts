import type { ByteRange } from '@fengcun/vault';

/** What a request's `Range` asks of a file; `whole` also where it is to be ignored. */
export type RangeAnswer =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly range: ByteRange }
  | { readonly kind: 'none' };

const spec = /^(?:(\d+)-(\d*)|-(\d+))$/;

/**
 * RFC 9110, section 14. A unit that is not bytes and a value that is no range set are ignored (14.2). One range is answered with a part. Of
 * several the whole is sent, which a server may always do (14.2), unless not one of them can be satisfied (15.5.17).
 */
export function rangeOf(header: string | undefined, size: number): RangeAnswer {
  const set = /^bytes=(.*)$/i.exec(header?.trim() ?? '')?.[1];
  if (set === undefined) return { kind: 'whole' };
  const parts = set
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const ranges: (ByteRange | null)[] = [];
  for (const part of parts) {
    const match = spec.exec(part);
    if (!match) return { kind: 'whole' };
    const [, first, last, suffix] = match;
    const start = first === undefined ? Math.max(0, size - Number(suffix)) : Number(first);
    const end = first !== undefined && last ? Math.min(size, Number(last) + 1) : size;
    // A last position before the first makes the whole header invalid (14.1.1).
    if (first !== undefined && last && Number(last) < Number(first)) return { kind: 'whole' };
    ranges.push(start < size && end > start ? { start, end } : null);
  }
  if (ranges.length === 0) return { kind: 'whole' };
  if (ranges.every((range) => range === null)) return { kind: 'none' };
  const [only] = ranges;
  return ranges.length === 1 && only ? { kind: 'part', range: only } : { kind: 'whole' };
}

/** The validators of a file: a strong entity tag, and when it came to be. */
export interface Validators {
  /** with its quotation marks */
  readonly etag: string;
  readonly lastModified: Date;
}

/**
 * Whether `If-Range` names this very file (RFC 9110, section 13.1.5): a strong tag, or a date that is exactly the file's and strong, which it
 * is when a second and more have passed since (8.8.2.2). Without the header the range holds.
 */
export function ifRangeHolds(header: string | undefined, file: Validators, now: Date): boolean {
  if (header === undefined) return true;
  const value = header.trim();
  if (value.startsWith('"')) return value === file.etag;
  const named = httpSeconds(value);
  const modified = Math.floor(file.lastModified.getTime() / 1000);
  return named === modified && Math.floor(now.getTime() / 1000) > modified;
}

const imfDate =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** Seconds of an IMF-fixdate; null for anything else, weak tags included. */
function httpSeconds(value: string): number | null {
  const ms = imfDate.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? null : ms / 1000;
}

/** Whether a list of entity tags names this file: `strong` for `If-Match`, otherwise as `If-None-Match` compares (RFC 9110, section 8.8.3.2). */
export function namesFile(header: string, file: Validators, strong: boolean): boolean {
  if (header.trim() === '*') return true;
  const tags = header.match(/(?:W\/)?"[^"]*"/g) ?? [];
  return tags.some((tag) => (strong ? tag : tag.replace(/^W\//, '')) === file.etag);
}
