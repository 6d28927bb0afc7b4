import { type ActorDraft, personal } from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';
import { sql } from 'kysely';
import type { Executor } from '../database/connect.ts';
import { CatalogError } from '../errors.ts';
import { newId } from '../id/id.ts';
import { appendEvent } from '../ledger/append-event.ts';

/** Levels a tree of units may have. */
export const deepestUnit = 16;

export interface UnitRecord {
  readonly id: string;
  readonly parent: string | null;
  readonly name: string;
  readonly code: string;
  readonly path: readonly string[];
  readonly closedAt: Date | null;
}

/** Makes changes of the tree take turns; call first in their transaction. */
export async function lockUnitTree(db: Executor): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('fengcun.units'))`.execute(db);
}

export async function findUnit(db: Executor, id: string): Promise<UnitRecord | undefined> {
  const row = await db.selectFrom('unit').selectAll().where('id', '=', id).executeTakeFirst();
  return (
    row && {
      id: row.id,
      parent: row.parent_id,
      name: row.name,
      code: row.code,
      path: row.path,
      closedAt: row.closed_at,
    }
  );
}

/** Levels from a unit down to the deepest one below it: 1 where there is none. */
export async function unitHeight(db: Executor, unit: UnitRecord): Promise<number> {
  const { depth } = await db
    .selectFrom('unit')
    .select(sql<number>`max(cardinality(path))`.as('depth'))
    .where(sql<boolean>`path @> ${[unit.id]}::uuid[]`)
    .executeTakeFirstOrThrow();
  return depth - unit.path.length + 1;
}

/** Inserts a unit below another, with its event. Rejects `unit_code_taken`. */
export async function insertUnit(
  db: Executor,
  draft: { readonly parent: UnitRecord; readonly name: string; readonly code: string; readonly actor: ActorDraft },
  clock: Clock,
): Promise<string> {
  const id = newId();
  const { parent, name, code, actor } = draft;
  await uniqueCode(
    db
      .insertInto('unit')
      .values({ id, parent_id: parent.id, name, code, path: [...parent.path, id] })
      .execute(),
  );
  const data = { name, code, parent: parent.id };
  await appendEvent(db, { type: 'unit.created', actor, subject: { kind: 'unit', id }, data }, clock);
  return id;
}

/** Renames, renumbers or moves a unit; what lies below it moves along. With the event. Rejects `unit_code_taken`. */
export async function updateUnit(
  db: Executor,
  unit: UnitRecord,
  change: {
    readonly name: string;
    readonly code: string;
    /** undefined: stays */
    readonly parent: UnitRecord | undefined;
    readonly actor: ActorDraft;
  },
  clock: Clock,
): Promise<void> {
  const { name, code, parent, actor } = change;
  await uniqueCode(db.updateTable('unit').set({ name, code }).where('id', '=', unit.id).execute());
  if (parent) {
    await db.updateTable('unit').set({ parent_id: parent.id }).where('id', '=', unit.id).execute();
    await sql`update unit set path = ${[...parent.path]}::uuid[] || path[${unit.path.length}::int:]
      where path @> ${[unit.id]}::uuid[]`.execute(db);
  }
  const was = { name: unit.name, code: unit.code, parent: unit.parent };
  const data = { name, code, parent: parent?.id ?? unit.parent, was };
  await appendEvent(db, { type: 'unit.changed', actor, subject: { kind: 'unit', id: unit.id }, data }, clock);
}

export interface UnitUse {
  readonly units: number;
  readonly accounts: number;
  readonly docks: number;
  readonly devices: number;
}

/** What of a unit is still in use: open units below it, enabled accounts, docks that are not revoked, devices that are its equipment. */
export async function unitUse(db: Executor, unit: string): Promise<UnitUse> {
  const { rows } = await sql<UnitUse>`select
    (select count(*)::int from unit where parent_id = ${unit} and closed_at is null) as units,
    (select count(*)::int from account where unit_id = ${unit} and disabled_at is null) as accounts,
    (select count(*)::int from dock where unit_id = ${unit} and revoked_at is null) as docks,
    (select count(*)::int from device where unit_id = ${unit} and state in ('in_use', 'in_repair')) as devices`.execute(
    db,
  );
  return rows[0] ?? { units: 0, accounts: 0, docks: 0, devices: 0 };
}

/** Keeps a unit from being joined while it is being closed: the triggers that forbid joining a closed one wait for this. */
export async function lockUnit(db: Executor, unit: string): Promise<void> {
  await db.selectFrom('unit').select('id').where('id', '=', unit).forUpdate().execute();
}

/** Closes or reopens a unit, with the event. */
export async function setUnitClosed(
  db: Executor,
  change: { readonly unit: string; readonly closed: boolean; readonly reason: string; readonly actor: ActorDraft },
  clock: Clock,
): Promise<void> {
  const { unit, closed, actor } = change;
  await db
    .updateTable('unit')
    .set({ closed_at: closed ? clock.now() : null })
    .where('id', '=', unit)
    .execute();
  const type = closed ? 'unit.closed' : 'unit.reopened';
  const data = { reason: personal(change.reason) };
  await appendEvent(db, { type, actor, subject: { kind: 'unit', id: unit }, data }, clock);
}

async function uniqueCode<T>(statement: Promise<T>): Promise<T> {
  try {
    return await statement;
  } catch (error) {
    if (error instanceof Error && 'constraint' in error && error.constraint === 'unit_code_key') {
      throw new CatalogError('unit_code_taken', undefined, { cause: error });
    }
    throw error;
  }
}
