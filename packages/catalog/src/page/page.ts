import { CatalogError } from '../errors.ts';

/** Which page of a keyset-paged list: `cursor` from the page before, undefined for the first. */
export interface PageRequest {
  readonly cursor: string | undefined;
  readonly limit: number;
}

/** Where a page of a list ordered by time, then id, ends. */
export interface TimeKey {
  readonly at: Date;
  readonly id: string;
}

/** Four-digit years: JavaScript knows instants, before them and after, that PostgreSQL has no timestamp for. */
const INSTANT = /^\d{4}-/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Reads a cursor that `pageOf` made. Throws `cursor_invalid` for any other text. */
export function timeKeyOf(cursor: string | undefined): TimeKey | undefined {
  if (cursor === undefined) return undefined;
  const [instant = '', id = '', ...rest] = Buffer.from(cursor, 'base64url').toString('utf8').split(' ');
  const at = new Date(instant);
  const exact = !Number.isNaN(at.getTime()) && at.toISOString() === instant && INSTANT.test(instant);
  if (rest.length > 0 || !exact || !UUID.test(id)) {
    throw new CatalogError('cursor_invalid');
  }
  return { at, id };
}

/** Cuts rows that were read with one more than `limit` into a page, and makes the cursor of the next. */
export function pageOf<T>(
  rows: readonly T[],
  limit: number,
  keyOf: (row: T) => TimeKey,
): { readonly items: readonly T[]; readonly next: string | null } {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  if (rows.length <= limit || last === undefined) return { items, next: null };
  const { at, id } = keyOf(last);
  return { items, next: Buffer.from(`${at.toISOString()} ${id}`).toString('base64url') };
}
