import { type CallInput, purposes, requestStates } from '@fengcun/contracts';
import { type CursorAddress, filterReader, present, readPlace } from '../../app/list/use-cursor-address.ts';
import { dayAfter, startOfDay } from '../../format/instant.ts';

export type RequestView = NonNullable<NonNullable<CallInput<'listRequests'>['query']>['view']>;

/** What narrows a list of requests. Days are calendar days of the site, both included. */
export interface RequestFilters {
  readonly state?: (typeof requestStates)[number];
  readonly kind?: 'ordinary' | 'urgent';
  readonly purpose?: (typeof purposes)[number];
  readonly number?: string;
  readonly from?: string;
  readonly to?: string;
}

export function readRequestAddress(search: URLSearchParams): CursorAddress<RequestFilters> {
  const { text, day, oneOf } = filterReader(search);
  const number = text('number', 15);
  return {
    filters: present({
      state: oneOf('state', requestStates),
      kind: oneOf('kind', ['ordinary', 'urgent'] as const),
      purpose: oneOf('purpose', purposes),
      number: number && /^[1-9][0-9]*$/.test(number) ? number : undefined,
      from: day('from'),
      to: day('to'),
    }),
    ...readPlace(search),
  };
}

/** The query of the API for an address. */
export function requestQueryOf(view: RequestView, address: CursorAddress<RequestFilters>, timeZone: string) {
  const { from, to, number, ...rest } = address.filters;
  return {
    view,
    ...rest,
    limit: address.limit,
    ...(number ? { number: Number(number) } : {}),
    ...(from ? { from: startOfDay(from, timeZone) } : {}),
    ...(to ? { to: startOfDay(dayAfter(to), timeZone) } : {}),
    ...(address.cursor ? { cursor: address.cursor } : {}),
  } satisfies CallInput<'listRequests'>['query'];
}
