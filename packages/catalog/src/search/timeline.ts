import type { Timeline } from '@fengcun/contracts';
import { type RawBuilder, sql } from 'kysely';
import type { Executor } from '../database/connect.ts';
import type { UnitScope } from '../unit/scope.ts';
import { type Asked, all, askedBy, type EvidenceFilter, type Fragment, visible } from './evidence-filter.ts';
import { matches } from './search-evidence.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Longer ones get days, then months: a bar for each hour of a year says nothing. */
const longest = { hour: 3 * dayMs, day: 100 * dayMs } as const;

/** Matches of a search that are counted one by one, at most. */
const mostCounted = 5000;

interface Bar {
  readonly starts: Date;
  readonly items: number;
}

type Grain = Timeline['grain'];

/**
 * Counts of what the list with this filter holds, by China Standard Time. Exact as far back as `countedFrom` says. By unit, kind, state and
 * mark the counts are kept ready; for anything else the newest `mostCounted` matches are counted. Rejects `query_too_long`.
 */
export async function readTimeline(
  db: Executor,
  scope: UnitScope,
  filter: EvidenceFilter,
  now: Date,
): Promise<Timeline> {
  const asked = askedBy(filter);
  if (scope.units.length === 0) return { grain: 'month', bars: [], total: 0, countedFrom: null };
  const grain = await grainOf(db, filter, now);
  const { device, officer, offload, q, case: file, tag, matter, place } = filter;
  const searched = [device, officer, offload, q, file, tag, matter, place].some((value) => value !== undefined);
  if (searched || grain === 'hour') return counted(db, scope, asked, grain);
  const { rows } = await keptReady(scope, filter, grain).execute(db);
  return timelineOf(grain, rows, null);
}

async function grainOf(db: Executor, { from, to }: EvidenceFilter, now: Date): Promise<Grain> {
  const { rows } = await sql<{ oldest: Date | null }>`
    select to_timestamp(min(week)::bigint * 604800) as oldest from search_week`.execute(db);
  const oldest = rows[0]?.oldest ?? now;
  const [begins, ends] = [from && from > oldest ? from : oldest, to && to < now ? to : now];
  const span = ends.getTime() - begins.getTime();
  return span <= longest.hour ? 'hour' : span <= longest.day ? 'day' : 'month';
}

const startOf = (grain: Grain, at: Fragment) =>
  sql`date_trunc(${grain}::text, ${at} at time zone interval '8 hours') at time zone interval '8 hours'`;

async function counted(db: Executor, scope: UnitScope, asked: Asked, grain: Grain): Promise<Timeline> {
  const { rows } = await sql<Bar & { oldest: Date }>`
    select ${startOf(grain, sql`m.captured_at`)} as starts, count(*)::integer as items, min(m.captured_at) as oldest
    from (${matches(scope, asked, undefined, mostCounted)}) m group by 1 order by 1`.execute(db);
  const total = rows.reduce((sum, { items }) => sum + items, 0);
  return timelineOf(grain, rows, total < mostCounted ? null : (rows[0]?.oldest ?? null));
}

/** Whole months from the months' counts, whole days from the days', what is left from the rows themselves. */
function keptReady(scope: UnitScope, filter: EvidenceFilter, grain: Grain): RawBuilder<Bar> {
  const { kind, state, keyMark, from, to } = filter;
  const conditions = all([
    visible(scope),
    ...(kind === undefined ? [] : [sql`s.kind = ${kind}`]),
    ...(state === undefined ? [] : [sql`s.state = ${state}`]),
    ...(keyMark === undefined ? [] : [sql`s.key_mark = ${keyMark}`]),
  ]);
  const [firstDay, endDay] = [from && nextStart('day', from), to && startOfPeriod('day', to)];
  const [firstMonth, endMonth] = [from && nextStart('month', from), to && startOfPeriod('month', to)];
  const periods = (unit: 'day' | 'month', first: Date | undefined, end: Date | undefined) => sql`
    select ${chinaMidnight(sql`s.starts_on`)} as at, s.items from evidence_period s where s.grain = ${sql.lit(unit)} and ${conditions}
      ${first ? sql`and s.starts_on >= ${dayText(first)}::date` : sql``} ${end ? sql`and s.starts_on < ${dayText(end)}::date` : sql``}`;
  const rows = (first: Date, end: Date) => sql`
    select s.captured_at as at, 1 as items from evidence_search s
    where ${conditions} and s.captured_at >= ${first} and s.captured_at < ${end}`;
  const parts =
    grain === 'day'
      ? [periods('day', firstDay, endDay)]
      : [
          periods('month', firstMonth, endMonth),
          ...(firstDay && firstMonth ? [periods('day', firstDay, earlier(firstMonth, endDay))] : []),
          ...(endDay && endMonth ? [periods('day', later(endMonth, firstMonth), endDay)] : []),
        ];
  const edges = [
    ...(from && firstDay ? [rows(from, earlier(firstDay, to))] : []),
    ...(to && endDay ? [rows(later(endDay, firstDay), to)] : []),
  ];
  return sql<Bar>`
    select ${startOf(grain, sql`p.at`)} as starts, sum(p.items)::integer as items
    from (${sql.join([...parts, ...edges], sql` union all `)}) p group by 1 order by 1`;
}

const chinaOffsetMs = 8 * hourMs;
const chinaMidnight = (day: Fragment) => sql`(${day}::timestamp at time zone interval '8 hours')`;
const dayText = (at: Date) => new Date(at.getTime() + chinaOffsetMs).toISOString().slice(0, 10);
const earlier = (a: Date, b: Date | undefined) => (b && b < a ? b : a);
const later = (a: Date, b: Date | undefined) => (b && b > a ? b : a);

/** When the day or month of an instant began. */
function startOfPeriod(unit: 'day' | 'month', at: Date): Date {
  const local = new Date(at.getTime() + chinaOffsetMs);
  return new Date(
    Date.UTC(local.getUTCFullYear(), local.getUTCMonth(), unit === 'day' ? local.getUTCDate() : 1) - chinaOffsetMs,
  );
}

/** The instant itself where it begins a day or month, else when the next begins. */
function nextStart(unit: 'day' | 'month', at: Date): Date {
  const start = startOfPeriod(unit, at);
  if (start.getTime() === at.getTime()) return at;
  return unit === 'day' ? new Date(start.getTime() + dayMs) : endOf('month', start);
}

function timelineOf(grain: Grain, rows: readonly Bar[], countedFrom: Date | null): Timeline {
  return {
    grain,
    bars: rows.map(({ starts, items }) => ({
      from: starts.toISOString(),
      to: endOf(grain, starts).toISOString(),
      count: items,
    })),
    total: rows.reduce((sum, { items }) => sum + items, 0),
    countedFrom: countedFrom?.toISOString() ?? null,
  };
}

function endOf(grain: Grain, starts: Date): Date {
  if (grain === 'hour') return new Date(starts.getTime() + hourMs);
  if (grain === 'day') return new Date(starts.getTime() + dayMs);
  const local = new Date(starts.getTime() + chinaOffsetMs);
  return new Date(Date.UTC(local.getUTCFullYear(), local.getUTCMonth() + 1, 1) - chinaOffsetMs);
}
