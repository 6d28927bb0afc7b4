import type { Executor } from '../database/connect.ts';

/** What is needed to know a dock by its token. */
export interface DockKey {
  readonly id: string;
  readonly name: string;
  readonly unitId: string;
  /** raw Ed25519, 32 bytes; null before enrolment */
  readonly publicKey: Buffer | null;
  readonly revokedAt: Date | null;
  readonly lastSeenAt: Date | null;
}

/** Read at every request and never cached, so that a revoked dock is refused at its next one. */
export async function findDockKey(db: Executor, id: string): Promise<DockKey | undefined> {
  const row = await db
    .selectFrom('dock')
    .select(['id', 'name', 'unit_id', 'public_key', 'revoked_at', 'last_seen_at'])
    .where('id', '=', id)
    .executeTakeFirst();
  return (
    row && {
      id: row.id,
      name: row.name,
      unitId: row.unit_id,
      publicKey: row.public_key,
      revokedAt: row.revoked_at,
      lastSeenAt: row.last_seen_at,
    }
  );
}

/** Notes that the dock was heard from. */
export async function touchDock(db: Executor, id: string, at: Date): Promise<void> {
  await db.updateTable('dock').set({ last_seen_at: at }).where('id', '=', id).execute();
}
