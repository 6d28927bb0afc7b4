import type { Grant } from '@fengcun/contracts';
import { sql } from 'kysely';
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

/** The grants that an account holds or held, newest first. Rejects `cursor_invalid`. */
export async function listGrants(
  db: Executor,
  account: string,
  filter: { readonly state?: Grant['state']; readonly evidence?: string },
  now: Date,
  page: PageRequest,
): Promise<{ readonly items: Grant[]; readonly next: string | null }> {
  const after = timeKeyOf(page.cursor);
  const { state, evidence } = filter;
  const name = sql`(select e.name from evidence e where e.id = i.evidence_id)`;
  const { rows } = await sql<Row>`${columns(now, name)} where g.account_id = ${account}
    and ${state === undefined ? sql`true` : sql`${stateAt(now)} = ${state}`}
    and ${evidence === undefined ? sql`true` : sql`exists (select from access_grant_item i where i.grant_id = g.id and i.evidence_id = ${evidence})`}
    and ${after ? sql`(g.created_at, g.id) < (${after.at}::timestamptz, ${after.id}::uuid)` : sql`true`}
    order by g.created_at desc, g.id desc limit ${page.limit + 1}`.execute(db);
  const { items, next } = pageOf(rows, page.limit, (row) => ({ at: row.created_at, id: row.id }));
  return { items: items.map(toGrant), next };
}

const stateAt = (now: Date) => sql<Grant['state']>`case when g.revoked_at is not null then 'revoked'
  when g.valid_until <= ${now}::timestamptz then 'expired' when g.valid_from > ${now}::timestamptz then 'waiting' else 'live' end`;

/** `nameOf` is what an item is called, or null where the reader may not know. */
const columns = (now: Date, nameOf = sql`null`) => sql`
  select g.id, g.request_id, g.account_id, a.name as account_name, g.operations, g.valid_from, g.valid_until, g.urgent, g.created_at,
    g.revoked_at, g.revoked_by, r.name as revoked_by_name, g.revoke_reason, ${stateAt(now)} as state,
    coalesce((select jsonb_agg(jsonb_build_object('evidence', i.evidence_id, 'name', ${nameOf}, 'usesLeft', i.uses_left) order by q.ordinal)
      from access_grant_item i join access_request_item q on q.request_id = g.request_id and q.evidence_id = i.evidence_id
      where i.grant_id = g.id), '[]') as items
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
