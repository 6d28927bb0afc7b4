import { sql } from 'kysely';
import type { Executor } from '../database/connect.ts';

export interface UnitRow {
  readonly id: string;
  readonly parent_id: string | null;
  readonly name: string;
  readonly code: string;
  readonly closed_at: Date | null;
}

/** Ids of the given units and everything below them. */
export async function unitsUnder(db: Executor, roots: readonly string[]): Promise<readonly string[]> {
  if (roots.length === 0) return [];
  const rows = await db
    .selectFrom('unit')
    .select('id')
    .where(sql<boolean>`path && ${[...roots]}::uuid[]`)
    .execute();
  return rows.map((row) => row.id);
}

/** The given units and everything below them, parents before children, then by code. */
export async function listUnitsUnder(db: Executor, roots: readonly string[]): Promise<readonly UnitRow[]> {
  if (roots.length === 0) return [];
  return db
    .selectFrom('unit')
    .select(['id', 'parent_id', 'name', 'code', 'closed_at'])
    .where(sql<boolean>`path && ${[...roots]}::uuid[]`)
    .orderBy(sql`cardinality(path)`)
    .orderBy('code')
    .execute();
}

/** Ids of the units that stand at the top. */
export async function topUnits(db: Executor): Promise<readonly string[]> {
  const rows = await db.selectFrom('unit').select('id').where('parent_id', 'is', null).execute();
  return rows.map((row) => row.id);
}

/** Names of units, by id. */
export async function unitNames(db: Executor, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('unit')
    .select(['id', 'name'])
    .where('id', 'in', [...ids])
    .execute();
  return new Map(rows.map((row) => [row.id, row.name]));
}
