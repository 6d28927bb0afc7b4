import type { Role } from '@fengcun/contracts';
import { sql } from 'kysely';
import type { Executor } from '../database/connect.ts';
import { findCircumstances, type LiveGrant } from '../grant/live-grants.ts';

/** Somebody who could be asked about: an account that is in use, with what the policy has to know of it for one item. */
export interface Candidate {
  readonly account: {
    readonly id: string;
    readonly name: string;
    readonly officerNumber: string | null;
    readonly unit: { readonly id: string; readonly name: string };
  };
  readonly roles: readonly { readonly unit: string; readonly role: Role }[];
  readonly grants: readonly LiveGrant[];
  readonly ownCase: boolean;
  readonly matrixVersion: number;
}

interface Row {
  readonly id: string;
  readonly name: string;
  readonly officer_number: string | null;
  readonly unit: { id: string; name: string };
  readonly roles: { unit: string; role: Role }[];
}

/**
 * Accounts in use that hold a role over the item's unit, or a live grant for the item, by id, after `after`, at most `limit`: nobody else can be
 * allowed anything.
 */
export async function listCandidates(
  db: Executor,
  item: { readonly id: string; readonly unitPath: readonly string[] },
  now: Date,
  after: string | undefined,
  limit: number,
): Promise<readonly Candidate[]> {
  const { rows } = await sql<Row>`
    select a.id, a.name, a.officer_number, jsonb_build_object('id', u.id, 'name', u.name) as unit,
      coalesce((select jsonb_agg(jsonb_build_object('unit', r.unit_id, 'role', r.role)) from account_role r where r.account_id = a.id), '[]')
        as roles
    from account a join unit u on u.id = a.unit_id
    where a.disabled_at is null and ${after === undefined ? sql`true` : sql`a.id > ${after}::uuid`}
      and (exists (select from account_role r where r.account_id = a.id and r.unit_id = any(${[...item.unitPath]}::uuid[]))
        or exists (select from access_grant_item i join access_grant g on g.id = i.grant_id
          where i.evidence_id = ${item.id} and g.account_id = a.id and g.revoked_at is null and g.valid_from <= ${now}
            and g.valid_until > ${now}))
    order by a.id limit ${limit}`.execute(db);
  return Promise.all(
    rows.map(async (row) => ({
      account: { id: row.id, name: row.name, officerNumber: row.officer_number, unit: row.unit },
      roles: row.roles,
      ...(await findCircumstances(db, { account: row.id, evidence: item.id, now })),
    })),
  );
}
