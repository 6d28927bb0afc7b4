import type { Purpose, RegisterKind } from '@fengcun/contracts';
import { type RawBuilder, sql } from 'kysely';
import type { Executor } from '../database/connect.ts';
import { CatalogError } from '../errors.ts';
import type { PageRequest } from '../page/page.ts';
import type { UnitScope } from '../unit/scope.ts';
import { type RegisterLine, readLines } from './register-line.ts';

export interface RegisterFilter {
  /** account that did it */
  readonly person?: string;
  readonly item?: string;
  readonly kind?: RegisterKind;
  readonly purpose?: Purpose;
  readonly case?: string;
  /** at in [from, to) */
  readonly from?: Date;
  readonly to?: Date;
}

export interface RegisterPage {
  readonly items: readonly RegisterLine[];
  readonly next: string | null;
}

interface Place {
  readonly at: Date;
  readonly event: number;
}

interface Key {
  readonly event_id: number;
  readonly at: Date;
}

/**
 * Lines of the register that are for readers of the scope, newest first. `upTo`: the last event that counts, so that a list that is read page by
 * page is of one moment. Rejects `cursor_invalid`.
 */
export async function listRegister(
  db: Executor,
  scope: UnitScope,
  filter: RegisterFilter,
  page: PageRequest,
  upTo?: number,
): Promise<RegisterPage> {
  if (scope.units.length === 0) return { items: [], next: null };
  const query = keys(scope, conditionsOf(filter, placeOf(page.cursor), upTo), page.limit + 1, isSelective(filter));
  const { rows } = await query.execute(db);
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  return {
    items: await readLines(
      db,
      shown.map((row) => row.event_id),
    ),
    next:
      rows.length > page.limit && last
        ? Buffer.from(`${last.at.toISOString()} ${last.event_id}`).toString('base64url')
        : null,
  };
}

/** How many lines there are, counted up to `most`. */
export async function countRegister(
  db: Executor,
  scope: UnitScope,
  filter: RegisterFilter,
  upTo: number,
  most: number,
): Promise<number> {
  if (scope.units.length === 0) return 0;
  const { rows } = await sql<{ count: number }>`
    select count(*)::integer as count from (
      select from register_entry r where ${visible(scope)} and ${all(conditionsOf(filter, undefined, upTo))} limit ${most}
    ) counted`.execute(db);
  return rows[0]?.count ?? 0;
}

/** Number of the newest event of the whole log. */
export async function newestEvent(db: Executor): Promise<number> {
  const { rows } = await sql<{ id: number }>`select coalesce(max(id), 0) as id from ledger_event`.execute(db);
  return rows[0]?.id ?? 0;
}

const isSelective = ({ person, item, case: file }: RegisterFilter) =>
  person !== undefined || item !== undefined || file !== undefined;

function conditionsOf(filter: RegisterFilter, after: Place | undefined, upTo: number | undefined) {
  const { person, item, kind, purpose, case: file, from, to } = filter;
  return [
    ...(person === undefined ? [] : [sql`r.actor_id = ${person} and r.actor_kind = 'account'`]),
    ...(item === undefined
      ? []
      : [sql`r.event_id in (select i.event_id from register_item i where i.evidence_id = ${item})`]),
    ...(kind === undefined ? [] : [sql`r.kind = ${kind}`]),
    ...(purpose === undefined ? [] : [sql`r.purpose = ${purpose}`]),
    ...(file === undefined ? [] : [sql`r.case_id = ${file}`]),
    ...(from === undefined ? [] : [sql`r.at >= ${from}`]),
    ...(to === undefined ? [] : [sql`r.at < ${to}`]),
    ...(upTo === undefined ? [] : [sql`r.event_id <= ${upTo}`]),
    ...(after === undefined ? [] : [sql`(r.at, r.event_id) < (${after.at}::timestamptz, ${after.event}::bigint)`]),
  ];
}

const all = (conditions: readonly RawBuilder<unknown>[]) =>
  conditions.length === 0 ? sql`true` : sql.join([...conditions], sql` and `);

const visible = ({ units, everything }: UnitScope) =>
  everything ? sql`true` : sql`r.unit_id = any(${[...units]}::uuid[])`;

function keys(
  scope: UnitScope,
  conditions: readonly RawBuilder<unknown>[],
  limit: number,
  selective: boolean,
): RawBuilder<Key> {
  const newestFirst = sql`order by at desc, event_id desc limit ${limit}`;
  if (selective || scope.everything) {
    return sql`select r.event_id, r.at from register_entry r where ${visible(scope)} and ${all(conditions)} ${newestFirst}`;
  }
  // The newest of each unit, merged: PostgreSQL alone would sort all of them.
  return sql`
    select newest.event_id, newest.at from unnest(${[...scope.units]}::uuid[]) as u (id) cross join lateral (
      select r.event_id, r.at from register_entry r where r.unit_id = u.id and ${all(conditions)} ${newestFirst}
    ) newest ${newestFirst}`;
}

function placeOf(cursor: string | undefined): Place | undefined {
  if (cursor === undefined) return undefined;
  const [instant = '', event = '', ...rest] = Buffer.from(cursor, 'base64url').toString('utf8').split(' ');
  const at = new Date(instant);
  if (rest.length > 0 || Number.isNaN(at.getTime()) || at.toISOString() !== instant || !/^[1-9]\d{0,14}$/.test(event)) {
    throw new CatalogError('cursor_invalid');
  }
  return { at, event: Number(event) };
}
