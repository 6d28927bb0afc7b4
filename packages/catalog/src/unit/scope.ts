import { sql } from 'kysely';
import type { Executor } from '../database/connect.ts';

/** The units somebody can see, and whether that is all there are. */
export interface UnitScope {
  readonly units: readonly string[];
  readonly everything: boolean;
  /** those of them that are under no other of them, while what is found by them is up to date; else as `units` */
  readonly tops: readonly string[];
}

/**
 * The subtrees of `roots`; with `within`, only what of them lies in that unit's own subtree.
 */
export async function unitScope(db: Executor, roots: readonly string[], within?: string): Promise<UnitScope> {
  if (roots.length === 0) return { units: [], everything: false, tops: [] };
  const inside = within === undefined ? sql`true` : sql`path @> ${[within]}::uuid[]`;
  const { rows } = await sql<{ units: string[]; total: number; tops: string[] | null; stale: boolean }>`
    with reached as (select id, parent_id from unit where path && ${[...roots]}::uuid[] and ${inside})
    select coalesce((select array_agg(id) from reached), '{}') as units, (select count(*)::int from unit) as total,
      (select array_agg(id) from reached r where not exists (select from reached above where above.id = r.parent_id)) as tops,
      exists (select from search_stale) as stale`.execute(db);
  const { units = [], total = 0, tops, stale } = rows[0] ?? {};
  return { units, everything: units.length === total, tops: stale === false ? (tops ?? []) : units };
}
