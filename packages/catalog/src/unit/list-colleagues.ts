import type { Colleague } from '@fengcun/contracts';
import { sql } from 'kysely';
import type { Executor } from '../database/connect.ts';
import type { UnitRecord } from './change-unit.ts';

const most = 20;

/** People in use who hold one of these roles in the unit or above it, by name; `q`: part of name or officer number. */
export async function listColleagues(
  db: Executor,
  unit: Pick<UnitRecord, 'path'>,
  roles: readonly string[],
  q: string | undefined,
): Promise<Colleague[]> {
  const pattern = q === undefined ? undefined : `%${q.trim().replace(/[\\%_]/g, '\\$&')}%`;
  const rows = await db
    .selectFrom('account as a')
    .innerJoin('unit as u', 'u.id', 'a.unit_id')
    .select(['a.id', 'a.name', 'a.officer_number', 'a.unit_id', 'u.name as unit_name'])
    .where('a.disabled_at', 'is', null)
    .where(
      sql<boolean>`exists (select from account_role r where r.account_id = a.id
        and r.unit_id = any(${[...unit.path]}::uuid[]) and r.role = any(${[...roles]}::text[]))`,
    )
    .$if(pattern !== undefined, (query) =>
      query.where(sql<boolean>`(a.name ilike ${pattern} or a.officer_number ilike ${pattern})`),
    )
    .orderBy('a.name')
    .orderBy('a.id')
    .limit(most)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    officerNumber: row.officer_number,
    unit: { id: row.unit_id, name: row.unit_name },
  }));
}

/**
 * Whether all of them have accounts in use and work on the unit's line: hold a role in it, above it or below it, other than that of an
 * administrator. Nobody else can be named for something of the unit: whoever names them would learn that they are there, and what they are
 * called.
 */
export async function workOnLine(db: Executor, unit: string, accounts: readonly string[]): Promise<boolean> {
  if (accounts.length === 0) return true;
  const { rows } = await sql<{ working: number }>`
    select count(*)::int as working from account a
    where a.id = any(${[...accounts]}::uuid[]) and a.disabled_at is null and exists (
      select from account_role r join unit held on held.id = r.unit_id join unit named on named.id = ${unit}
      where r.account_id = a.id and r.role not in ('auditor', 'system_admin', 'security_admin')
        and (r.unit_id = any(named.path) or named.id = any(held.path)))`.execute(db);
  return rows[0]?.working === new Set(accounts).size;
}
