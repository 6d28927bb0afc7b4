import type { EvidenceSummary } from '@fengcun/contracts';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { client, inBackground } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { useChanges } from '../../live/change-feed.ts';
import type { queryOf } from './filters.ts';

type ListQuery = ReturnType<typeof queryOf>;
interface ListPage {
  readonly items: EvidenceSummary[];
  readonly next: string | null;
}

/** Several changes usually come together; they are looked up together. */
const gatherMs = 600;

/**
 * Keeps an open list true without moving a row under the reader's pointer: rows on the page are brought up to date in place; what is new
 * is only counted, and comes in when the reader asks.
 * @returns how many items of the first page are not on this one, and a function that brings them in
 */
export function useNewArrivals(query: ListQuery): { readonly count: number; readonly forget: () => void } {
  const queryClient = useQueryClient();
  const [count, setCount] = useState(0);
  const changed = useRef(new Set<string>());
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const name = JSON.stringify(query);
  const latest = useRef(query);
  latest.current = query;

  // biome-ignore lint/correctness/useExhaustiveDependencies: a different list starts counting anew
  useEffect(() => {
    setCount(0);
    return () => clearTimeout(timer.current);
  }, [name]);

  const look = useCallback(async () => {
    const ids = changed.current;
    changed.current = new Set();
    timer.current = undefined;
    const key = keys.evidenceList(latest.current);
    const shown = queryClient.getQueryData<ListPage>(key);
    if (!shown) return;
    const onPage = new Set(shown.items.map(({ id }) => id));
    const { cursor: _, ...first } = latest.current;
    const fresh = await inBackground(() => client.call('listEvidence', { query: first }));
    const updated = new Map(fresh.items.map((item) => [item.id, item]));
    for (const id of ids) {
      if (!onPage.has(id) || updated.has(id)) continue;
      updated.set(id, await inBackground(() => client.call('getEvidence', { params: { id } })));
    }
    queryClient.setQueryData<ListPage>(key, (page) =>
      page ? { ...page, items: page.items.map((item) => updated.get(item.id) ?? item) } : page,
    );
    // Beyond the first page, rows that were always before this one are not new: only the changed ones count.
    const isNew = (id: string) => !onPage.has(id) && (latest.current.cursor === undefined || ids.has(id));
    setCount((known) => Math.max(known, fresh.items.filter(({ id }) => isNew(id)).length));
  }, [queryClient]);

  useChanges((change) => {
    if (change.kind !== 'evidence' && change.kind !== 'derivative') return;
    changed.current.add(change.id);
    // A lost answer costs nothing: the next change asks again, and the list itself is fetched on every visit.
    timer.current ??= setTimeout(() => void look().catch(() => undefined), gatherMs);
  });
  return { count, forget: () => setCount(0) };
}
