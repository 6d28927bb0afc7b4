import { type Dock, revocationChannel } from '@fengcun/contracts';
import { sql } from 'kysely';
import type { Executor } from '../database/connect.ts';
import { newId } from '../id/id.ts';

/** Docks of the given units, by name. */
export async function listDocksOf(db: Executor, units: readonly string[]): Promise<Dock[]> {
  if (units.length === 0) return [];
  const rows = await selectDocks(db)
    .where('dock.unit_id', 'in', [...units])
    .orderBy('dock.name')
    .orderBy('dock.id')
    .execute();
  return rows.map(toDock);
}

export async function findDock(db: Executor, id: string): Promise<Dock | undefined> {
  const row = await selectDocks(db).where('dock.id', '=', id).executeTakeFirst();
  return row && toDock(row);
}

export interface NewDock {
  readonly name: string;
  readonly unitId: string;
  /** SHA-256 of the one-time code: a stolen table enrols nobody */
  readonly codeHash: Buffer;
  readonly codeExpiresAt: Date;
  readonly now: Date;
}

/** Writes a dock that waits for its enrolment; answers its id. */
export async function insertDock(trx: Executor, dock: NewDock): Promise<string> {
  const id = newId();
  await trx
    .insertInto('dock')
    .values({
      id,
      name: dock.name,
      unit_id: dock.unitId,
      code_hash: dock.codeHash,
      code_expires_at: dock.codeExpiresAt,
      created_at: dock.now,
    })
    .execute();
  return id;
}

/** Spends a one-time code: the dock of this code gets its key. Undefined when no live code matches; a code works once. */
export async function enrolWithCode(
  trx: Executor,
  enrolment: { readonly codeHash: Buffer; readonly publicKey: Buffer; readonly now: Date },
): Promise<string | undefined> {
  const row = await trx
    .updateTable('dock')
    .set({ public_key: enrolment.publicKey, enrolled_at: enrolment.now, code_hash: null, code_expires_at: null })
    .where('code_hash', '=', enrolment.codeHash)
    .where('code_expires_at', '>', enrolment.now)
    .where('revoked_at', 'is', null)
    .where('public_key', 'is', null)
    .returning('id')
    .executeTakeFirst();
  return row?.id;
}

/** Gives a dock that waits for its enrolment another one-time code; the one before is void. False when it does not wait any more. */
export async function renewCode(
  trx: Executor,
  renewal: { readonly id: string; readonly codeHash: Buffer; readonly codeExpiresAt: Date },
): Promise<boolean> {
  const row = await trx
    .updateTable('dock')
    .set({ code_hash: renewal.codeHash, code_expires_at: renewal.codeExpiresAt })
    .where('id', '=', renewal.id)
    .where('public_key', 'is', null)
    .where('revoked_at', 'is', null)
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Renames a dock or moves it to another unit. False when it was revoked. */
export async function updateDock(
  trx: Executor,
  change: { readonly id: string; readonly name: string; readonly unitId: string },
): Promise<boolean> {
  const row = await trx
    .updateTable('dock')
    .set({ name: change.name, unit_id: change.unitId })
    .where('id', '=', change.id)
    .where('revoked_at', 'is', null)
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Revokes a dock and its unspent code, and tells upload servers to cut it off. False when it was revoked before. */
export async function revokeDockRecord(trx: Executor, id: string, now: Date): Promise<boolean> {
  const row = await trx
    .updateTable('dock')
    .set({ revoked_at: now, code_hash: null, code_expires_at: null })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .returning('id')
    .executeTakeFirst();
  if (!row) return false;
  await sql`select pg_notify(${revocationChannel}, ${id})`.execute(trx);
  return true;
}

const selectDocks = (db: Executor) =>
  db
    .selectFrom('dock')
    .innerJoin('unit', 'unit.id', 'dock.unit_id')
    .select([
      'dock.id',
      'dock.name',
      'dock.unit_id',
      'unit.name as unit_name',
      'dock.created_at',
      'dock.code_expires_at',
      'dock.enrolled_at',
      'dock.revoked_at',
      'dock.last_seen_at',
    ]);

type DockRow = Awaited<ReturnType<ReturnType<typeof selectDocks>['execute']>>[number];

const toDock = (row: DockRow): Dock => ({
  id: row.id,
  name: row.name,
  unit: { id: row.unit_id, name: row.unit_name },
  state: row.revoked_at ? 'revoked' : row.enrolled_at ? 'enrolled' : 'awaiting_enrolment',
  codeExpiresAt: row.code_expires_at?.toISOString() ?? null,
  createdAt: row.created_at.toISOString(),
  enrolledAt: row.enrolled_at?.toISOString() ?? null,
  revokedAt: row.revoked_at?.toISOString() ?? null,
  lastSeenAt: row.last_seen_at?.toISOString() ?? null,
});
