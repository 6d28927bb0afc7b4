import { type CallInput, purposes, registerKinds } from '@fengcun/contracts';
import { type CursorAddress, filterReader, present, readPlace } from '../../app/list/use-cursor-address.ts';
import { dayAfter, startOfDay } from '../../format/instant.ts';

/** What narrows the register. Days are calendar days of the site, both included. */
export interface RegisterFilters {
  readonly person?: string;
  readonly item?: string;
  readonly unit?: string;
  readonly kind?: (typeof registerKinds)[number];
  readonly purpose?: (typeof purposes)[number];
  readonly case?: string;
  readonly from?: string;
  readonly to?: string;
}

export function readRegisterAddress(search: URLSearchParams): CursorAddress<RegisterFilters> {
  const { uuid, day, oneOf } = filterReader(search);
  return {
    filters: present({
      person: uuid('person'),
      item: uuid('item'),
      unit: uuid('unit'),
      kind: oneOf('kind', registerKinds),
      purpose: oneOf('purpose', purposes),
      case: uuid('case'),
      from: day('from'),
      to: day('to'),
    }),
    ...readPlace(search),
  };
}

/** The API's filters: calendar days become instants of the site's time zone, `to` past its end. */
export function registerQuery({ from, to, ...rest }: RegisterFilters, timeZone: string) {
  return {
    ...rest,
    ...(from ? { from: startOfDay(from, timeZone) } : {}),
    ...(to ? { to: startOfDay(dayAfter(to), timeZone) } : {}),
  } satisfies CallInput<'listRegister'>['query'];
}
