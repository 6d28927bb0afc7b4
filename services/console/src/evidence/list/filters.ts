import { type CallInput, evidenceStates, mediaKinds } from '@fengcun/contracts';
import {
  type CursorAddress,
  filterReader,
  present,
  readPlace,
  writeCursorAddress,
} from '../../app/list/use-cursor-address.ts';
import { dayAfter, startOfDay } from '../../format/instant.ts';

/** What narrows the list. Days are calendar days of the site, both included. */
export interface EvidenceFilters {
  readonly kind?: (typeof mediaKinds)[number];
  readonly state?: (typeof evidenceStates)[number];
  readonly unit?: string;
  readonly device?: string;
  readonly offload?: string;
  readonly officer?: string;
  /** text of the search box */
  readonly q?: string;
  readonly case?: string;
  readonly tag?: string;
  readonly matter?: string;
  readonly place?: string;
  readonly keyMark?: boolean;
  readonly from?: string;
  readonly to?: string;
}

export type ListAddress = CursorAddress<EvidenceFilters>;

/** Reads the list's address. Anything that is not a filter, or not a possible value of one, is left out rather than sent on. */
export function readAddress(search: URLSearchParams): ListAddress {
  const { text, uuid, day, oneOf } = filterReader(search);
  const marked = search.get('keyMark');
  return {
    filters: present({
      kind: oneOf('kind', mediaKinds),
      state: oneOf('state', evidenceStates),
      unit: uuid('unit'),
      device: uuid('device'),
      offload: uuid('offload'),
      officer: text('officer', 64),
      q: text('q', 200),
      case: uuid('case'),
      tag: text('tag', 50),
      matter: uuid('matter'),
      place: text('place', 100),
      keyMark: marked === 'true' ? true : marked === 'false' ? false : undefined,
      from: day('from'),
      to: day('to'),
    }),
    ...readPlace(search),
  };
}

export const writeAddress: (address: ListAddress) => URLSearchParams = writeCursorAddress;

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
