import type { ApproverRole, RequestState, RequestSummary } from '@fengcun/contracts';
import { type RawBuilder, sql } from 'kysely';
import type { Executor } from '../database/connect.ts';
import { type PageRequest, pageOf, timeKeyOf } from '../page/page.ts';

/** Which requests, as seen from one account. */
export type RequestScope =
  | { readonly view: 'mine'; readonly account: string }
  /** open, for an account holding these roles, not its own and not decided by it yet */
  | {
      readonly view: 'to_decide';
      readonly account: string;
      readonly roles: readonly { readonly unit: string; readonly role: ApproverRole }[];
    }
  | { readonly view: 'decided'; readonly account: string }
  /** submitted, of these units or by somebody of these units */
  | { readonly view: 'register'; readonly units: readonly string[] };

export interface RequestFilter {
  readonly state?: RequestState;
  readonly kind?: 'ordinary' | 'urgent';
  readonly purpose?: string;
  readonly requester?: string;
  readonly evidence?: string;
  readonly number?: number;
  /** no drafts, nor what was withdrawn as one */
  readonly submitted?: true;
  /** leave this one out */
  readonly except?: string;
  /** created in [from, to) */
  readonly from?: Date;
  readonly to?: Date;
}

interface Row {
  readonly id: string;
  readonly number: number;
  readonly kind: RequestSummary['kind'];
  readonly state: RequestState;
  readonly account_id: string;
  readonly account_name: string;
  readonly officer_number: string | null;
  readonly unit_id: string;
  readonly unit_name: string;
  readonly applicant_kind: NonNullable<RequestSummary['applicant']>['kind'] | null;
  readonly applicant_organisation: string | null;
  readonly purpose: RequestSummary['purpose'];
  readonly case_number: string | null;
  readonly items: number;
  readonly operations: RequestSummary['operations'];
  readonly open: ApproverRole[];
  readonly created_at: Date;
  readonly submitted_at: Date | null;
  readonly decided_at: Date | null;
  readonly due_at: Date | null;
}

/** Requests of the scope that pass the filter, newest first. Rejects `cursor_invalid`. */
export async function listRequests(
  db: Executor,
  scope: RequestScope,
  filter: RequestFilter,
  page: PageRequest,
): Promise<{ readonly items: RequestSummary[]; readonly next: string | null }> {
  const after = timeKeyOf(page.cursor);
  const conditions = [inScope(scope), ...filtered(filter)];
  if (after) conditions.push(sql`(r.created_at, r.id) < (${after.at}::timestamptz, ${after.id}::uuid)`);
  const { rows } = await sql<Row>`
    select r.id, r.number, r.kind, r.state, r.account_id, a.name as account_name, a.officer_number, r.account_unit_id as unit_id,
      au.name as unit_name, r.applicant_kind, r.applicant_organisation, r.purpose, r.case_number, r.operations, r.open,
      r.created_at, r.submitted_at, r.decided_at, r.due_at,
      (select count(*)::int from access_request_item i where i.request_id = r.id) as items
    from access_request r
    join account a on a.id = r.account_id
    join unit au on au.id = r.account_unit_id
    where ${sql.join(conditions, sql` and `)}
    order by r.created_at desc, r.id desc limit ${page.limit + 1}`.execute(db);
  const { items, next } = pageOf(rows, page.limit, (row) => ({ at: row.created_at, id: row.id }));
  return { items: items.map(toSummary), next };
}

function inScope(scope: RequestScope): RawBuilder<unknown> {
  switch (scope.view) {
    case 'mine':
      return sql`r.account_id = ${scope.account}`;
    case 'to_decide': {
      const units = scope.roles.map(({ unit }) => unit);
      const roles = scope.roles.map(({ role }) => role);
      // Once it has escalated, the bureau head above may give any of the open decisions.
      return sql`r.state in ('submitted', 'escalated') and r.account_id <> ${scope.account}
        and not exists (select from access_decision d
          where d.request_id = r.id and d.account_id = ${scope.account} and d.voided_at is null)
        and exists (select from unnest(${units}::uuid[], ${roles}::text[]) held (unit, role)
          where (held.role = any(r.open) and held.unit = any((select path from unit where unit.id = r.unit_id)::uuid[]))
            or (held.role = 'bureau_head' and held.unit = any((select path from unit where unit.id = r.escalated_to)::uuid[])))`;
    }
    case 'decided':
      return sql`exists (select from access_decision d where d.request_id = r.id and d.account_id = ${scope.account})`;
    case 'register':
      return sql`r.submitted_at is not null
        and (r.unit_id = any(${[...scope.units]}::uuid[]) or r.account_unit_id = any(${[...scope.units]}::uuid[]))`;
  }
}

function filtered(filter: RequestFilter): RawBuilder<unknown>[] {
  const conditions: RawBuilder<unknown>[] = [];
  if (filter.state !== undefined) conditions.push(sql`r.state = ${filter.state}`);
  if (filter.kind !== undefined) conditions.push(sql`r.kind = ${filter.kind}`);
  if (filter.purpose !== undefined) conditions.push(sql`r.purpose = ${filter.purpose}`);
  if (filter.requester !== undefined) conditions.push(sql`r.account_id = ${filter.requester}::uuid`);
  if (filter.number !== undefined) conditions.push(sql`r.number = ${filter.number}::bigint`);
  if (filter.submitted) conditions.push(sql`r.submitted_at is not null`);
  if (filter.except !== undefined) conditions.push(sql`r.id <> ${filter.except}::uuid`);
  if (filter.from !== undefined) conditions.push(sql`r.created_at >= ${filter.from}`);
  if (filter.to !== undefined) conditions.push(sql`r.created_at < ${filter.to}`);
  if (filter.evidence !== undefined) {
    conditions.push(
      sql`exists (select from access_request_item i where i.request_id = r.id and i.evidence_id = ${filter.evidence}::uuid)`,
    );
  }
  return conditions;
}

const toSummary = (row: Row): RequestSummary => ({
  id: row.id,
  number: row.number,
  kind: row.kind,
  state: row.state,
  requester: {
    id: row.account_id,
    name: row.account_name,
    unit: { id: row.unit_id, name: row.unit_name },
    officer: row.officer_number,
  },
  applicant:
    row.applicant_kind === null ? null : { kind: row.applicant_kind, organisation: row.applicant_organisation },
  purpose: row.purpose,
  caseNumber: row.case_number,
  items: row.items,
  operations: row.operations,
  createdAt: row.created_at.toISOString(),
  submittedAt: row.submitted_at?.toISOString() ?? null,
  decidedAt: row.decided_at?.toISOString() ?? null,
  dueAt: row.due_at?.toISOString() ?? null,
  waitingFor: row.open,
});

export interface RequesterCounts {
  readonly submitted: number;
  readonly approved: number;
  readonly refused: number;
  readonly urgent: number;
  readonly violations: number;
}

/** What became of an account's requests that were submitted since `since`. */
export async function countRequests(db: Executor, account: string, since: Date): Promise<RequesterCounts> {
  const { rows } = await sql<RequesterCounts>`
    select count(*)::int as submitted, count(*) filter (where state = 'approved')::int as approved,
      count(*) filter (where state = 'refused')::int as refused, count(*) filter (where kind = 'urgent')::int as urgent,
      count(violated_at)::int as violations
    from access_request where account_id = ${account} and submitted_at >= ${since}`.execute(db);
  return rows[0] ?? { submitted: 0, approved: 0, refused: 0, urgent: 0, violations: 0 };
}
