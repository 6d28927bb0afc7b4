import { accountStates, type CallInput, roles, secondFactorStates } from '@fengcun/contracts';
import { type CursorAddress, filterReader, present, readPlace } from '../../app/list/use-cursor-address.ts';

export interface PeopleFilters {
  readonly text?: string;
  readonly unit?: string;
  readonly role?: (typeof roles)[number];
  readonly state?: (typeof accountStates)[number];
  readonly secondFactor?: (typeof secondFactorStates)[number];
}

export function readPeopleAddress(search: URLSearchParams): CursorAddress<PeopleFilters> {
  const { text, uuid, oneOf } = filterReader(search);
  return {
    filters: present({
      text: text('text', 64),
      unit: uuid('unit'),
      role: oneOf('role', roles),
      state: oneOf('state', accountStates),
      secondFactor: oneOf('factor', secondFactorStates),
    }),
    ...readPlace(search),
  };
}

export function peopleQueryOf({ filters, limit, cursor }: CursorAddress<PeopleFilters>) {
  return { ...filters, limit, ...(cursor ? { cursor } : {}) } satisfies CallInput<'listAccounts'>['query'];
}
