import { type CallInput, caseKinds, caseStates } from '@fengcun/contracts';
import { type CursorAddress, filterReader, present, readPlace } from '../app/list/use-cursor-address.ts';

/** What narrows the list of cases. */
export interface CaseFilters {
  readonly q?: string;
  readonly state?: (typeof caseStates)[number];
  readonly kind?: (typeof caseKinds)[number];
  readonly unit?: string;
  readonly matter?: string;
  readonly officer?: string;
}

export function readCaseAddress(search: URLSearchParams): CursorAddress<CaseFilters> {
  const { text, uuid, oneOf } = filterReader(search);
  return {
    filters: present({
      q: text('q', 100),
      state: oneOf('state', caseStates),
      kind: oneOf('kind', caseKinds),
      unit: uuid('unit'),
      matter: uuid('matter'),
      officer: uuid('officer'),
    }),
    ...readPlace(search),
  };
}

export function caseQueryOf({ filters, limit, cursor }: CursorAddress<CaseFilters>) {
  return { ...filters, limit, ...(cursor ? { cursor } : {}) } satisfies CallInput<'listCases'>['query'];
}
