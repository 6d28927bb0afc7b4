import { type RawBuilder, sql } from 'kysely';
import type { Executor } from '../database/connect.ts';
import type { TimeKey } from '../page/page.ts';
import type { UnitScope } from '../unit/scope.ts';
import {
  type Asked,
  all,
  askedBy,
  type EvidenceFilter,
  type Fragment,
  indexedUnits,
  visible,
} from './evidence-filter.ts';

interface Found {
  readonly id: string;
}

/**
 * Ids of the newest recordings that pass, newest first, at most `limit`, at a cost that grows with neither the number of recordings nor of
 * matches (migration `0004_search`, "Search"). Rejects `query_too_long`.
 */
export async function searchEvidence(
  db: Executor,
  scope: UnitScope,
  filter: EvidenceFilter,
  after: TimeKey | undefined,
  limit: number,
): Promise<readonly string[]> {
  const asked = askedBy(filter);
  if (scope.units.length === 0) return [];
  const query = sql<Found>`
    select found.evidence_id as id from (${matches(scope, asked, after, limit)}) found
    order by found.captured_at desc, found.evidence_id desc`;
  const { rows } = await query.execute(db);
  return rows.map((row) => row.id);
}

/** The newest matches, at most `limit`: rows of `evidence_id`, `captured_at`. */
export function matches(
  scope: UnitScope,
  asked: Asked,
  after: TimeKey | undefined,
  limit: number,
): RawBuilder<unknown> {
  const conditions = [
    visible(scope),
    ...asked.conditions,
    ...(asked.from === undefined ? [] : [sql`s.captured_at >= ${asked.from}`]),
    ...(asked.to === undefined ? [] : [sql`s.captured_at < ${asked.to}`]),
    ...(after === undefined
      ? []
      : [sql`(s.captured_at, s.evidence_id) < (${after.at}::timestamptz, ${after.id}::uuid)`]),
  ];
  const narrow = asked.keys.length > 0 || asked.words.length > 0;
  return narrow || indexedUnits(scope)
    ? weekByWeek(scope, asked, conditions, weeks(asked, after), limit)
    : along(conditions, limit);
}

/** Along the order itself: for whoever sees everything, or nearly. */
const along = (conditions: readonly Fragment[], limit: number) => sql`
  select s.evidence_id, s.captured_at from evidence_search s where ${all(conditions)}
  order by s.captured_at desc, s.evidence_id desc limit ${limit}`;

/**
 * Each week's matches from the index of terms, until there are enough. `offset 0` keeps the planner from walking along the order instead,
 * which for a rare word is a walk along everything; sorting by week first lets the loop end early.
 */
function weekByWeek(
  scope: UnitScope,
  { keys, words }: Asked,
  conditions: readonly Fragment[],
  within: Fragment,
  limit: number,
): RawBuilder<unknown> {
  const units = indexedUnits(scope) ? scope.tops : undefined;
  const narrow = keys.length > 0 || words.length > 0;
  const having = [
    ...(narrow ? [sql`s.terms @> search_terms(w.week, asked.keys)`] : []),
    ...(units ? [sql`s.terms && search_terms(w.week, asked.units)`] : []),
  ];
  const wanted = sql`array[${keys.length > 0 ? sql.join([...keys]) : sql``}]::text[] || coalesce((
    select array_agg(distinct gram) from unnest(${[...words]}::text[]) word, unnest(search_word_grams(search_fold(word))) gram), '{}')`;
  return sql`
    select found.evidence_id, found.captured_at
    from (
      select ${wanted} as keys,
        array(select search_key('unit', unit) from unnest(${[...(units ?? [])]}::text[]) unit) as units
      offset 0
    ) asked
    cross join (select week from search_week where ${within} order by week desc) w
    cross join lateral (
      select s.evidence_id, s.captured_at from (select s.* from evidence_search s where ${all(having)} offset 0) s
      where ${all(conditions)} order by s.captured_at desc, s.evidence_id desc limit ${limit}
    ) found
    order by w.week desc, found.captured_at desc, found.evidence_id desc limit ${limit}`;
}

function weeks({ from, to }: Asked, after: TimeKey | undefined): Fragment {
  return all([
    ...(from === undefined ? [] : [sql`week >= search_week(${from}::timestamptz)`]),
    ...(to === undefined ? [] : [sql`week <= search_week(${to}::timestamptz)`]),
    ...(after === undefined ? [] : [sql`week <= search_week(${after.at}::timestamptz)`]),
  ]);
}
