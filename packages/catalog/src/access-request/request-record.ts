import type { Selectable } from 'kysely';
import { sql } from 'kysely';
import type { Executor } from '../database/connect.ts';
import type {
  AccessDecisionTable,
  AccessRequestAttachmentTable,
  AccessRequestTable,
} from '../database/schema-access.ts';

export interface DecisionRecord extends Selectable<AccessDecisionTable> {
  readonly account_name: string;
}

/** A request with everything that hangs on it but its grant. */
export interface RequestRecord extends Selectable<AccessRequestTable> {
  readonly account_name: string;
  readonly account_officer: string | null;
  readonly account_unit_name: string;
  /** unit ids from the root to the deepest unit of all items; null where there is none */
  readonly unit_path: readonly string[] | null;
  /** the same of the requester's unit */
  readonly account_unit_path: readonly string[];
  /** the same of the unit it escalated to */
  readonly escalated_path: readonly string[] | null;
  readonly approver_name: string | null;
  /** evidence ids, in the order they were asked for */
  readonly items: readonly string[];
  readonly attachments: readonly Pick<Selectable<AccessRequestAttachmentTable>, 'evidence_id' | 'kind'>[];
  /** oldest first, voided ones too */
  readonly decisions: readonly DecisionRecord[];
}

/**
 * The request, or undefined. `lock` holds it until the transaction ends: whoever decides, withdraws or ends it takes turns. Who may see it is
 * not asked here.
 */
export async function findRequest(
  db: Executor,
  id: string,
  options: { readonly lock?: boolean } = {},
): Promise<RequestRecord | undefined> {
  if (options.lock) await sql`select from access_request where id = ${id} for update`.execute(db);
  const request = await db
    .selectFrom('access_request as r')
    .innerJoin('account as a', 'a.id', 'r.account_id')
    .innerJoin('unit as au', 'au.id', 'r.account_unit_id')
    .leftJoin('unit as u', 'u.id', 'r.unit_id')
    .leftJoin('unit as eu', 'eu.id', 'r.escalated_to')
    .leftJoin('account as ap', 'ap.id', 'r.urgent_approver')
    .selectAll('r')
    .select(['a.name as account_name', 'a.officer_number as account_officer', 'au.name as account_unit_name'])
    .select(['u.path as unit_path', 'au.path as account_unit_path', 'eu.path as escalated_path'])
    .select('ap.name as approver_name')
    .where('r.id', '=', id)
    .executeTakeFirst();
  if (!request) return undefined;
  const [items, attachments, decisions] = [
    await db
      .selectFrom('access_request_item')
      .select('evidence_id')
      .where('request_id', '=', id)
      .orderBy('ordinal')
      .execute(),
    await db
      .selectFrom('access_request_attachment')
      .select(['evidence_id', 'kind'])
      .where('request_id', '=', id)
      .orderBy('ordinal')
      .execute(),
    await db
      .selectFrom('access_decision as d')
      .innerJoin('account as a', 'a.id', 'd.account_id')
      .selectAll('d')
      .select('a.name as account_name')
      .where('d.request_id', '=', id)
      .orderBy('d.decided_at')
      .orderBy('d.id')
      .execute(),
  ];
  return { ...request, items: items.map((item) => item.evidence_id), attachments, decisions };
}

/** The request that an account made under an id of its client's choosing. */
export async function findRequestByClientId(
  db: Executor,
  account: string,
  clientId: string,
): Promise<{ readonly id: string; readonly digest: Buffer | null } | undefined> {
  const row = await db
    .selectFrom('access_request')
    .select(['id', 'client_digest'])
    .where('account_id', '=', account)
    .where('client_id', '=', clientId)
    .executeTakeFirst();
  return row && { id: row.id, digest: row.client_digest };
}

export interface EarlierRequest {
  readonly id: string;
  readonly number: number;
  readonly state: RequestRecord['state'];
  readonly purpose: RequestRecord['purpose'];
  readonly submitted_at: Date | null;
  readonly shared: number;
  readonly live: boolean;
}

/** Other requests of the same person for one of the same items that were submitted, newest first, at most 20. */
export async function findEarlierRequests(
  db: Executor,
  request: Pick<RequestRecord, 'id' | 'account_id' | 'items'>,
  now: Date,
): Promise<readonly EarlierRequest[]> {
  const { rows } = await sql<EarlierRequest>`
    select r.id, r.number, r.state, r.purpose, r.submitted_at, count(*)::int as shared,
      exists (select from access_grant g where g.request_id = r.id and g.revoked_at is null
        and g.valid_from <= ${now} and g.valid_until > ${now}) as live
    from access_request_item i join access_request r on r.id = i.request_id
    where i.evidence_id = any(${[...request.items]}::uuid[]) and r.account_id = ${request.account_id}
      and r.id <> ${request.id} and r.submitted_at is not null
    group by r.id order by r.submitted_at desc, r.id desc limit 20`.execute(db);
  return rows;
}
