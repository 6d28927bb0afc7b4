import { mostItems } from './draft.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Items that came with the address: `?items=<id>,<id>`. What is no id is left out. */
export function itemsIn(search: URLSearchParams): readonly string[] {
  const ids = (search.get('items') ?? '').split(',').filter((id) => uuid.test(id));
  return [...new Set(ids)].slice(0, mostItems);
}

/** A case that came with the address: `?case=<id>`; null where there is none. */
export function caseIn(search: URLSearchParams): string | null {
  const id = search.get('case') ?? '';
  return uuid.test(id) ? id : null;
}

/** Where a request for everything in a case is written. */
export function caseRequestLink(id: string): string {
  return `/access/new?case=${id}`;
}

/** Where a request for these items is written. */
export function requestLink(items: readonly string[]): string {
  return `/access/new?items=${items.join(',')}`;
}

/** Where these items are opened at once. */
export function urgentLink(items: readonly string[]): string {
  return `/access/urgent?items=${items.join(',')}`;
}
