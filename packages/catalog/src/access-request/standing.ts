import type { ApproverRole, Role } from '@fengcun/contracts';
import { sql } from 'kysely';
import type { Executor } from '../database/connect.ts';

/** A person as they stand now. */
export interface Standing {
  readonly id: string;
  readonly name: string;
  readonly disabled: boolean;
  readonly roles: readonly { readonly unit: string; readonly role: Role }[];
}

/** People of these ids as they stand now, by id. */
export async function findStandings(db: Executor, accounts: readonly string[]): Promise<ReadonlyMap<string, Standing>> {
  const { rows } = await sql<Standing>`
    select a.id, a.name, a.disabled_at is not null as disabled, coalesce(
      (select jsonb_agg(jsonb_build_object('unit', r.unit_id, 'role', r.role) order by r.unit_id, r.role)
       from account_role r where r.account_id = a.id), '[]') as roles
    from account a where a.id = any(${[...accounts]}::uuid[])`.execute(db);
  return new Map(rows.map((row) => [row.id, row]));
}

export interface ApproverCandidate {
  readonly id: string;
  readonly name: string;
  readonly unit: { readonly id: string; readonly name: string };
  readonly role: ApproverRole;
}

/** Who holds one of these roles over a unit and is not disabled, `except` left out; at most `limit`, nearest unit first. */
export async function findApprovers(
  db: Executor,
  query: {
    readonly unit: string;
    readonly roles: readonly ApproverRole[];
    readonly except: string;
    readonly limit: number;
  },
): Promise<readonly ApproverCandidate[]> {
  const { rows } = await sql<{ id: string; name: string; role: ApproverRole; unit_id: string; unit_name: string }>`
    select a.id, a.name, r.role, held.id as unit_id, held.name as unit_name
    from unit u
    join account_role r on r.unit_id = any(u.path) and r.role = any(${[...query.roles]}::text[])
    join account a on a.id = r.account_id and a.disabled_at is null and a.id <> ${query.except}
    join unit held on held.id = r.unit_id
    where u.id = ${query.unit}
    order by cardinality(held.path) desc, r.role, a.name, a.id limit ${query.limit}`.execute(db);
  return rows.map(({ id, name, role, unit_id, unit_name }) => ({
    id,
    name,
    role,
    unit: { id: unit_id, name: unit_name },
  }));
}
