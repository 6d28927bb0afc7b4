import { useLocation, useNavigate, useSearchParams } from 'react-router';
import { type EvidenceFilters, type ListAddress, type PageSize, readAddress, writeAddress } from './filters.ts';

/** Cursors of the pages before this one; kept in the browser's history entry, so that it survives a reload. */
interface Trail {
  readonly trail: readonly string[];
}

export interface ListNavigation extends ListAddress {
  /** 1-based, where it is known */
  readonly page: number | null;
  setFilters(filters: EvidenceFilters): void;
  setLimit(limit: PageSize): void;
  goNext(cursor: string): void;
  /** null on the first page */
  readonly goPrevious: (() => void) | null;
  readonly goFirst: () => void;
}

/** The list's filters and place as the address has them. Paging pushes to the history; so Back is the previous page too. */
export function useListAddress(): ListNavigation {
  const [search] = useSearchParams();
  const location = useLocation();
  const navigate = useNavigate();
  const address = readAddress(search);
  const trail = trailOf(location.state);
  const go = (next: ListAddress, state: Trail, replace = false) =>
    void navigate({ search: writeAddress(next).toString() }, { state, replace });
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

function trailOf(state: unknown): readonly string[] | null {
  if (typeof state !== 'object' || state === null || !('trail' in state) || !Array.isArray(state.trail)) return null;
  return state.trail.filter((entry): entry is string => typeof entry === 'string');
}
