import type { EvidenceSummary, MediaKind } from '@fengcun/contracts';
import { type RawBuilder, sql } from 'kysely';
import type { Executor } from '../database/connect.ts';
import type { TimeKey } from '../page/page.ts';
import type { UnitScope } from '../unit/scope.ts';

export interface EvidenceFilter {
  readonly device?: string;
  readonly officer?: string;
  readonly offload?: string;
  readonly kind?: MediaKind;
  readonly state?: EvidenceSummary['state'];
  readonly keyMark?: boolean;
  /** part of the file name, whatever the case */
  readonly name?: string;
  /** captured in [from, to) */
  readonly from?: Date;
  readonly to?: Date;
}

/** Rows of the newest recordings that a search by name tries before it asks the index of names. */
const nameWalk = 20_000;

type Fragment = RawBuilder<unknown>;
type Key = { readonly id: string };

/**
 * Ids of the newest recordings that pass, newest first, at most `limit`. Each way of asking is bound to the index that serves it, so that no
 * filter has to walk a million rows: PostgreSQL alone would merge the order over units with a sort.
 */
export async function selectEvidencePage(
  db: Executor,
  scope: UnitScope,
  filter: EvidenceFilter,
  after: TimeKey | undefined,
  limit: number,
): Promise<readonly string[]> {
  if (scope.units.length === 0) return [];
  const conditions = conditionsOf(filter, after);
  const run = async (query: Fragment) => {
    const { rows } = await (query as RawBuilder<Key>).execute(db);
    return rows.map((row) => row.id);
  };
  if (filter.offload !== undefined) return run(sorted(scope, conditions, limit));
  if (filter.device !== undefined || filter.officer !== undefined) return run(ordered(scope, conditions, limit));
  if (filter.name !== undefined) {
    const newest = await run(walked(scope, filter, after, limit));
    return newest.length >= limit ? newest : run(sorted(scope, [...conditions, gramsMatch(filter.name)], limit));
  }
  const special = filter.kind !== undefined || filter.state === 'quarantined' || filter.keyMark === true;
  return run(scope.everything && !special ? ordered(scope, conditions, limit) : perUnit(scope, conditions, limit));
}

function conditionsOf(filter: EvidenceFilter, after: TimeKey | undefined): Fragment[] {
  const { device, officer, offload, kind, state, keyMark, name, from, to } = filter;
  return [
    ...(device === undefined ? [] : [sql`e.device_id = ${device}`]),
    ...(officer === undefined ? [] : [sql`e.officer_number = ${officer}`]),
    ...(offload === undefined ? [] : [sql`e.offload_id = ${offload}`]),
    ...(kind === undefined ? [] : [sql`e.kind = ${kind}`]),
    // Literals, not parameters, where a partial index depends on them.
    ...(state === undefined ? [] : [state === 'quarantined' ? sql`e.state = 'quarantined'` : sql`e.state = 'sealed'`]),
    ...(keyMark === undefined ? [] : [keyMark ? sql`e.key_mark` : sql`not e.key_mark`]),
    ...(name === undefined ? [] : [nameMatches(name)]),
    ...(from === undefined ? [] : [sql`e.captured_at >= ${from}`]),
    ...(to === undefined ? [] : [sql`e.captured_at < ${to}`]),
    ...(after === undefined ? [] : [sql`(e.captured_at, e.id) < (${after.at}::timestamptz, ${after.id}::uuid)`]),
  ];
}

/** No LIKE, so nothing in the text is a wildcard. */
const nameMatches = (name: string) => sql`strpos(lower(e.name), lower(${name}::text)) > 0`;
/** Narrows by the index; `nameMatches` decides. */
const gramsMatch = (name: string) => sql`name_grams(e.name) @> name_search_grams(${name}::text)`;

const all = (conditions: readonly Fragment[]) =>
  conditions.length === 0 ? sql`true` : sql.join([...conditions], sql` and `);
const newestFirst = sql`order by captured_at desc, id desc`;
const visible = ({ units, everything }: UnitScope) =>
  everything ? sql`true` : sql`e.unit_id = any(${[...units]}::uuid[])`;

/** Along an index that has the order already. */
const ordered = (scope: UnitScope, conditions: readonly Fragment[], limit: number) => sql`
  select e.id from evidence e where ${visible(scope)} and ${all(conditions)}
  order by e.captured_at desc, e.id desc limit ${limit}`;

/** The newest of each unit, merged. */
const perUnit = ({ units }: UnitScope, conditions: readonly Fragment[], limit: number) => sql`
  select newest.id from unnest(${[...units]}::uuid[]) as u (id) cross join lateral (
    select e.id, e.captured_at from evidence e where e.unit_id = u.id and ${all(conditions)}
    order by e.captured_at desc, e.id desc limit ${limit}
  ) newest ${newestFirst} limit ${limit}`;

/** All that match, then sorted: for conditions that leave few. */
const sorted = (scope: UnitScope, conditions: readonly Fragment[], limit: number) => sql`
  with matching as materialized (
    select e.id, e.captured_at from evidence e where ${visible(scope)} and ${all(conditions)}
  )
  select id from matching ${newestFirst} limit ${limit}`;

/**
 * A name that many recordings share (`.mp4`) is found at once among the newest ones, where the index of names would list them all. Answers
 * fewer than `limit` when it is a rare one: then the index lists few. The walk itself reads nothing but an index.
 */
function walked(scope: UnitScope, filter: EvidenceFilter, after: TimeKey | undefined, limit: number): Fragment {
  const { name = '', from, to, ...others } = filter;
  const times = conditionsOf({ ...(from ? { from } : {}), ...(to ? { to } : {}) }, after);
  const further = conditionsOf(others, undefined);
  const [unit] = scope.units;
  const one = scope.units.length === 1 && !scope.everything;
  const named = sql`
    select e.id, e.captured_at from (
      select e.id, e.captured_at, e.unit_id, e.name from evidence e
      where ${one ? sql`e.unit_id = ${unit}` : sql`true`} and ${all(times)}
      order by e.captured_at desc, e.id desc limit ${nameWalk}
    ) e where ${visible(scope)} and ${nameMatches(name)}
    order by e.captured_at desc, e.id desc`;
  if (further.length === 0) return sql`${named} limit ${limit}`;
  return sql`
    select e.id from (${named}) walked join evidence e on e.id = walked.id where ${all(further)}
    order by walked.captured_at desc, walked.id desc limit ${limit}`;
}
