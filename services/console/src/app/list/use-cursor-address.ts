import { useLocation, useNavigate, useSearchParams } from 'react-router';

export const pageSizes = [20, 50, 100] as const;
export type PageSize = (typeof pageSizes)[number];

/** What a list's address says: what narrows it, how much of it is shown at once, and from where. */
export interface CursorAddress<F> {
  readonly filters: F;
  readonly limit: PageSize;
  readonly cursor?: string;
}

/** Cursors of the pages before this one; kept in the browser's history entry, so that it survives a reload. */
export interface Trail {
  readonly trail: readonly string[];
}

export interface CursorNavigation<F> extends CursorAddress<F> {
  /** 1-based, where it is known */
  readonly page: number | null;
  setFilters(filters: F): void;
  setLimit(limit: PageSize): void;
  goNext(cursor: string): void;
  /** null on the first page */
  readonly goPrevious: (() => void) | null;
  readonly goFirst: () => void;
}

/** A list's filters and place as the address has them. Paging pushes to the history; so Back is the previous page too. */
export function useCursorAddress<F>(
  read: (search: URLSearchParams) => CursorAddress<F>,
  write: (address: CursorAddress<F>) => URLSearchParams,
): CursorNavigation<F> {
  const [search] = useSearchParams();
  const location = useLocation();
  const navigate = useNavigate();
  const address = read(search);
  const trail = trailOf(location.state);
  const go = (next: CursorAddress<F>, state: Trail) => void navigate({ search: write(next).toString() }, { state });
  const { filters, limit, cursor } = address;
  const first = { filters, limit };
  return {
    ...address,
    page: cursor === undefined ? 1 : trail ? trail.length + 1 : null,
    setFilters: (changed) => go({ filters: changed, limit }, { trail: [] }),
    setLimit: (size) => go({ filters, limit: size }, { trail: [] }),
    goNext: (next) =>
      go({ ...first, cursor: next }, { trail: cursor === undefined ? [''] : [...(trail ?? ['']), cursor] }),
    goPrevious:
      cursor === undefined
        ? null
        : () => {
            const before = trail?.at(-1);
            const rest = { trail: trail?.slice(0, -1) ?? [] };
            go(before ? { ...first, cursor: before } : first, rest);
          },
    goFirst: () => go(first, { trail: [] }),
  };
}

export function trailOf(state: unknown): readonly string[] | null {
  if (typeof state !== 'object' || state === null || !('trail' in state) || !Array.isArray(state.trail)) return null;
  return state.trail.filter((entry): entry is string => typeof entry === 'string');
}

/** Size and place of a page from an address. */
export function readPlace(search: URLSearchParams): { readonly limit: PageSize; readonly cursor?: string } {
  const cursor = search.get('cursor');
  return {
    limit: pageSizes.find((size) => String(size) === search.get('limit')) ?? 50,
    ...(cursor ? { cursor } : {}),
  };
}

/** The address's query part; what is at its default is left out, so that equal lists have equal addresses. */
export function writeCursorAddress<F extends object>({ filters, limit, cursor }: CursorAddress<F>): URLSearchParams {
  const search = new URLSearchParams();
  // In one order, whatever the order of choosing.
  for (const [key, value] of Object.entries(filters).sort(([a], [b]) => a.localeCompare(b))) {
    if (value !== undefined && value !== '') search.set(key, String(value));
  }
  if (limit !== 50) search.set('limit', String(limit));
  if (cursor) search.set('cursor', cursor);
  return search;
}

/** Reads filters one by one; anything that is not a possible value is left out rather than sent on. */
export function filterReader(search: URLSearchParams) {
  const matching = (key: string, pattern: RegExp) => {
    const value = search.get(key);
    return value && pattern.test(value) ? value : undefined;
  };
  return {
    text: (key: string, longest: number) => search.get(key)?.trim().slice(0, longest) || undefined,
    uuid: (key: string) => matching(key, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i),
    day: (key: string) => matching(key, /^\d{4}-\d{2}-\d{2}$/),
    oneOf: <T extends string>(key: string, values: readonly T[]) => values.find((value) => value === search.get(key)),
  };
}

type Present<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

/** The same without what is not there. */
export function present<T extends object>(value: T): Present<T> {
  return Object.fromEntries(
    Object.entries(value).filter(([, entry]) => entry !== undefined && entry !== ''),
  ) as Present<T>;
}
