import { useLocation } from 'react-router';
import { type CursorNavigation, type Trail, trailOf, useCursorAddress } from '../../app/list/use-cursor-address.ts';
import { type EvidenceFilters, readAddress, writeAddress } from './filters.ts';

/** The list's filters and place as the address has them. */
export function useListAddress(): CursorNavigation<EvidenceFilters> {
  return useCursorAddress(readAddress, writeAddress);
}

/** What a link to an item carries, so that the item's page can lead back to the same place in the same list. */
export interface ListPlace extends Trail {
  readonly search: string;
}

/** The place in the list that is shown now. */
export function useListPlace(): ListPlace {
  const { search, state } = useLocation();
  return { search, trail: trailOf(state) ?? [] };
}

/** Where a link to an item came from; the whole list when it was opened some other way. */
export function useWayBack(): {
  readonly to: { readonly pathname: string; readonly search: string };
  readonly state: Trail;
} {
  const { state }: { state: unknown } = useLocation();
  const search = typeof state === 'object' && state !== null && 'search' in state ? String(state.search) : '';
  return { to: { pathname: '/evidence', search }, state: { trail: trailOf(state) ?? [] } };
}
