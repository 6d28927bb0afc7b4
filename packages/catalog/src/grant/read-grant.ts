import type { Grant } from '@fengcun/contracts';
import { type RawBuilder, sql } from 'kysely';
import type { RequestRecord } from '../access-request/request-record.ts';
import type { Executor } from '../database/connect.ts';
import { type PageRequest, pageOf, timeKeyOf } from '../page/page.ts';

interface Row {
  readonly id: string;
  readonly request_id: string;
  readonly account_id: string;
  readonly account_name: string;
  readonly operations: Grant['operations'];
  readonly items: Grant['items'];
  readonly valid_from: Date;
  readonly valid_until: Date;
  readonly state: Grant['state'];
  readonly urgent: boolean;
  readonly created_at: Date;
  readonly revoked_at: Date | null;
  readonly revoked_by: string | null;
  readonly revoked_by_name: string | null;
  readonly revoke_reason: string | null;
}

/** The grant of this id, or the one that a request led to. Who may see it is not asked here. */
export async function findGrant(
  db: Executor,
  which: { readonly id: string } | { readonly request: string },
  now: Date,
): Promise<Grant | undefined> {
  const where = 'id' in which ? sql`g.id = ${which.id}` : sql`g.request_id = ${which.request}`;
  const { rows } = await sql<Row>`${columns(now)} where ${where}`.execute(db);
  return rows[0] && toGrant(rows[0]);
}

/** Whose list of grants it is. */
export type GrantScope =
  | { readonly view: 'mine'; readonly account: string }
  /** `units`: whose items' names the reader may know */
  | { readonly view: 'given'; readonly account: string; readonly units: readonly string[] }
  | { readonly view: 'units'; readonly units: readonly string[] };

export interface GrantFilter {
  readonly state?: Grant['state'];
  readonly evidence?: string;
}

/** A grant with what decides who may do what with it. */
export interface GrantOfRequest {
  readonly grant: Grant;
  readonly request: Pick<
    RequestRecord,
    | 'number'
    | 'purpose'
    | 'account_id'
    | 'submitted_at'
    | 'needed'
    | 'unit_path'
    | 'account_unit_path'
    | 'escalated_path'
  >;
}

/** Grants of a scope, newest first; those that somebody gave, by when they were given. Rejects `cursor_invalid`. */
export async function listGrants(
  db: Executor,
  scope: GrantScope,
  filter: GrantFilter,
  now: Date,
  page: PageRequest,
): Promise<{ readonly items: GrantOfRequest[]; readonly next: string | null }> {
  const known = scope.view === 'mine' ? sql`true` : sql`e.unit_id = any(${[...scope.units]}::uuid[])`;
  const name = sql`(select e.name from evidence e where e.id = i.evidence_id and ${known})`;
  const { rows } = await sql<Row & GrantOfRequest['request'] & { readonly page_at: Date; readonly page_id: string }>`
    with page as (${pageOfScope(scope, filter, now, page)})
    ${columns(
      now,
      name,
      sql`, page.at as page_at, page.id as page_id, q.number, q.purpose, q.submitted_at, q.needed,
        u.path as unit_path, au.path as account_unit_path, eu.path as escalated_path`,
    )}
    join page on page.grant_id = g.id
    join access_request q on q.id = g.request_id join unit au on au.id = q.account_unit_id
    left join unit u on u.id = q.unit_id left join unit eu on eu.id = q.escalated_to
    order by page.at desc, page.id desc`.execute(db);
  const { items, next } = pageOf(rows, page.limit, (row) => ({ at: row.page_at, id: row.page_id }));
  return { items: items.map((row) => ({ grant: toGrant(row), request: row })), next };
}

/** Which grants, in which order: each scope along an index of its own. */
function pageOfScope(
  scope: GrantScope,
  filter: GrantFilter,
  now: Date,
  { cursor, limit }: PageRequest,
): RawBuilder<unknown> {
  const after = timeKeyOf(cursor);
  const before = (at: RawBuilder<unknown>, id: RawBuilder<unknown>) =>
    after ? sql`(${at}, ${id}) < (${after.at}::timestamptz, ${after.id}::uuid)` : sql`true`;
  const { state, evidence } = filter;
  const wanted = sql`${state === undefined ? sql`true` : isIn(state, now)} and ${
    evidence === undefined
      ? sql`true`
      : sql`exists (select from access_grant_item i where i.grant_id = g.id and i.evidence_id = ${evidence})`
  }`;
  const most = sql`limit ${limit + 1}`;
  switch (scope.view) {
    case 'mine':
      return sql`select g.id as grant_id, g.created_at as at, g.id from access_grant g
        where g.account_id = ${scope.account} and ${wanted} and ${before(sql`g.created_at`, sql`g.id`)}
        order by g.created_at desc, g.id desc ${most}`;
    case 'given':
      return sql`select g.id as grant_id, d.decided_at as at, d.id from access_decision d
        join access_grant g on g.request_id = d.request_id
        where d.account_id = ${scope.account} and d.verdict = 'approved' and d.voided_at is null
          and ${wanted} and ${before(sql`d.decided_at`, sql`d.id`)}
        order by d.decided_at desc, d.id desc ${most}`;
    case 'units':
      // The newest of each unit, and of these the newest: sorting all of a bureau's would take as long as there are many.
      return sql`select g.id as grant_id, g.created_at as at, g.id from unnest(${[...scope.units]}::uuid[]) as of(unit)
        cross join lateral (select g.id, g.created_at from access_grant g
          where g.unit_id = of.unit and ${wanted} and ${before(sql`g.created_at`, sql`g.id`)}
          order by g.created_at desc, g.id desc ${most}) g
        order by g.created_at desc, g.id desc ${most}`;
  }
}

/** The same as `stateAt`, in the words of the indexes: what has ended is known to have without looking at the time. */
function isIn(state: Grant['state'], now: Date): RawBuilder<unknown> {
  const open = sql`g.revoked_at is null and g.ended_at is null and g.valid_until > ${now}::timestamptz`;
  switch (state) {
    case 'revoked':
      return sql`g.revoked_at is not null`;
    case 'expired':
      return sql`g.revoked_at is null and g.valid_until <= ${now}::timestamptz`;
    case 'waiting':
      return sql`${open} and g.valid_from > ${now}::timestamptz`;
    case 'live':
      return sql`${open} and g.valid_from <= ${now}::timestamptz`;
  }
}

const stateAt = (now: Date) => sql<Grant['state']>`case when g.revoked_at is not null then 'revoked'
  when g.valid_until <= ${now}::timestamptz then 'expired' when g.valid_from > ${now}::timestamptz then 'waiting' else 'live' end`;

/** `nameOf` is what an item is called, or null where the reader may not know. */
const columns = (now: Date, nameOf = sql`null`, more = sql``) => sql`
  select g.id, g.request_id, g.account_id, a.name as account_name, g.operations, g.valid_from, g.valid_until, g.urgent, g.created_at,
    g.revoked_at, g.revoked_by, r.name as revoked_by_name, g.revoke_reason, ${stateAt(now)} as state,
    coalesce((select jsonb_agg(jsonb_build_object('evidence', i.evidence_id, 'name', ${nameOf}, 'usesLeft', i.uses_left) order by q.ordinal)
      from access_grant_item i join access_request_item q on q.request_id = g.request_id and q.evidence_id = i.evidence_id
      where i.grant_id = g.id), '[]') as items ${more}
  from access_grant g join account a on a.id = g.account_id left join account r on r.id = g.revoked_by`;

const toGrant = (row: Row): Grant => ({
  id: row.id,
  request: row.request_id,
  to: { id: row.account_id, name: row.account_name },
  operations: row.operations,
  items: row.items,
  from: row.valid_from.toISOString(),
  until: row.valid_until.toISOString(),
  state: row.state,
  urgent: row.urgent,
  revoked:
    row.revoked_at === null
      ? null
      : {
          at: row.revoked_at.toISOString(),
          by: row.revoked_by === null ? null : { id: row.revoked_by, name: row.revoked_by_name ?? '' },
          reason: row.revoke_reason ?? '',
        },
});
