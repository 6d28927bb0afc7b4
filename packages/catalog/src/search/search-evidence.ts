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
  if (isNarrow(asked)) {
    const near = await idsOf(db, amongNewest(scope, asked, after, limit));
    if (near.length === limit) return near;
  }
  return idsOf(db, matches(scope, asked, after, limit));
}

async function idsOf(db: Executor, matching: RawBuilder<unknown>): Promise<readonly string[]> {
  const { rows } = await sql<Found>`
    select found.evidence_id as id from (${matching}) found
    order by found.captured_at desc, found.evidence_id desc`.execute(db);
  return rows.map((row) => row.id);
}

/** Rows that a search looks at one by one before it asks the index: a word that many have is found among them, and a few hundred cost little. */
const nearby = 800;

const isNarrow = ({ keys, words }: Asked) => keys.length > 0 || words.length > 0;

/** The newest matches, at most `limit`: rows of `evidence_id`, `captured_at`. */
export function matches(
  scope: UnitScope,
  asked: Asked,
  after: TimeKey | undefined,
  limit: number,
): RawBuilder<unknown> {
  const conditions = [visible(scope), ...asked.conditions, ...timesOf(asked, after)];
  return isNarrow(asked) || indexedUnits(scope)
    ? weekByWeek(scope, asked, conditions, weeks(asked, after), limit)
    : along(conditions, limit);
}

const timesOf = ({ from, to }: Asked, after: TimeKey | undefined): readonly Fragment[] => [
  ...(from === undefined ? [] : [sql`s.captured_at >= ${from}`]),
  ...(to === undefined ? [] : [sql`s.captured_at < ${to}`]),
  ...(after === undefined ? [] : [sql`(s.captured_at, s.evidence_id) < (${after.at}::timestamptz, ${after.id}::uuid)`]),
];

/** What matches of the newest few hundred. */
const amongNewest = (scope: UnitScope, asked: Asked, after: TimeKey | undefined, limit: number) => sql`
  select s.evidence_id, s.captured_at from (
    select s.* from evidence_search s where ${all(timesOf(asked, after))}
    order by s.captured_at desc, s.evidence_id desc limit ${nearby}
  ) s where ${all([visible(scope), ...asked.conditions])}
  order by s.captured_at desc, s.evidence_id desc limit ${limit}`;

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
