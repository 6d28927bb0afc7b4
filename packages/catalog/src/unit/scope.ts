import { sql } from 'kysely';
import type { Executor } from '../database/connect.ts';

/** The units somebody can see, and whether that is all there are. */
export interface UnitScope {
  readonly units: readonly string[];
  readonly everything: boolean;
}

/**
 * The subtrees of `roots`; with `within`, only what of them lies in that unit's own subtree.
 */
export async function unitScope(db: Executor, roots: readonly string[], within?: string): Promise<UnitScope> {
  if (roots.length === 0) return { units: [], everything: false };
  const inside = within === undefined ? sql`true` : sql`path @> ${[within]}::uuid[]`;
  const { rows } = await sql<{ units: string[]; total: number }>`
    select coalesce(array_agg(id) filter (where path && ${[...roots]}::uuid[] and ${inside}), '{}') as units,
      count(*)::int as total
    from unit`.execute(db);
  const { units = [], total = 0 } = rows[0] ?? {};
  return { units, everything: units.length === total };
}
