import { type CallInput, evidenceStates, mediaKinds } from '@fengcun/contracts';
import { dayAfter, startOfDay } from '../../format/instant.ts';

export const pageSizes = [20, 50, 100] as const;
export type PageSize = (typeof pageSizes)[number];

/** What narrows the list. Days are calendar days of the site, both included. */
export interface EvidenceFilters {
  readonly kind?: (typeof mediaKinds)[number];
  readonly state?: (typeof evidenceStates)[number];
  readonly unit?: string;
  readonly device?: string;
  readonly offload?: string;
  readonly officer?: string;
  readonly name?: string;
  readonly keyMark?: boolean;
  readonly from?: string;
  readonly to?: string;
}

export interface ListAddress {
  readonly filters: EvidenceFilters;
  readonly limit: PageSize;
  readonly cursor?: string;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const day = /^\d{4}-\d{2}-\d{2}$/;

/** Reads the list's address. Anything that is not a filter, or not a possible value of one, is left out rather than sent on. */
export function readAddress(search: URLSearchParams): ListAddress {
  const text = (key: string, longest: number) => search.get(key)?.trim().slice(0, longest) || undefined;
  const matching = (key: string, pattern: RegExp) => {
    const value = search.get(key);
    return value && pattern.test(value) ? value : undefined;
  };
  const oneOf = <T extends string>(key: string, values: readonly T[]) =>
    values.find((value) => value === search.get(key));
  const marked = search.get('keyMark');
  const cursor = search.get('cursor');
  return {
    filters: present({
      kind: oneOf('kind', mediaKinds),
      state: oneOf('state', evidenceStates),
      unit: matching('unit', uuid),
      device: matching('device', uuid),
      offload: matching('offload', uuid),
      officer: text('officer', 64),
      name: text('name', 100),
      keyMark: marked === 'true' ? true : marked === 'false' ? false : undefined,
      from: matching('from', day),
      to: matching('to', day),
    }),
    limit: pageSizes.find((size) => String(size) === search.get('limit')) ?? 50,
    ...(cursor ? { cursor } : {}),
  };
}

/** The address's query part; what is at its default is left out, so that equal lists have equal addresses. */
export function writeAddress({ filters, limit, cursor }: ListAddress): URLSearchParams {
  const search = new URLSearchParams();
  // In one order, whatever the order of choosing.
  for (const [key, value] of Object.entries(filters).sort(([a], [b]) => a.localeCompare(b))) {
    if (value !== undefined && value !== '') search.set(key, String(value));
  }
  if (limit !== 50) search.set('limit', String(limit));
  if (cursor) search.set('cursor', cursor);
  return search;
}

/** The query of the API for an address: calendar days become instants of the site's time zone, `to` past its end. */
export function queryOf({ filters, limit, cursor }: ListAddress, timeZone: string) {
  const { from, to, ...rest } = filters;
  return {
    ...rest,
    limit,
    ...(from ? { from: startOfDay(from, timeZone) } : {}),
    ...(to ? { to: startOfDay(dayAfter(to), timeZone) } : {}),
    ...(cursor ? { cursor } : {}),
  } satisfies CallInput<'listEvidence'>['query'];
}

type Present<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

function present<T extends object>(value: T): Present<T> {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as Present<T>;
}
