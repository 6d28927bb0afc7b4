import { sql } from 'kysely';
import type { Executor } from '../database/connect.ts';
import type { UnitScope } from '../unit/scope.ts';

const most = 50;

/** Tags in use in the scope's units, most used first; with `q`, those that have it in them, whatever the case or width. */
export async function listTags(
  db: Executor,
  { units, everything }: UnitScope,
  q?: string,
): Promise<{ readonly tag: string; readonly items: number }[]> {
  const { rows } = await sql<{ tag: string; items: number }>`
    select tag, sum(items)::integer as items from tag_tally
    where items > 0 and ${everything ? sql`true` : sql`unit_id = any(${[...units]}::uuid[])`}
      and ${q === undefined ? sql`true` : sql`strpos(search_fold(tag), search_fold(${q}::text)) > 0`}
    group by tag order by 2 desc, 1 limit ${most}`.execute(db);
  return rows;
}
