import type { Clock } from '@fengcun/runtime';
import type { Database, Executor } from '../database/connect.ts';
import { appendEvent } from '../ledger/append-event.ts';
import { notifyIssuedCopy } from './record.ts';

/** What the vault may still have of a copy that is over. */
export interface UnclearedCopy {
  readonly id: string;
  readonly evidence: string;
  readonly object: { readonly key: string; readonly versionId: string; readonly size: number } | null;
  readonly sha256: string | null;
}

/** Ends the copies whose time is over; their bytes are removed afterwards, and that is what goes on record. Answers how many. */
export async function expireIssuedCopies(db: Database, now: Date, limit: number): Promise<number> {
  return db.transaction().execute(async (tx) => {
    const rows = await tx
      .selectFrom('issued_copy')
      .select('id')
      .where('state', '=', 'ready')
      .where('expires_at', '<=', now)
      .orderBy('expires_at')
      .limit(limit)
      .forUpdate()
      .skipLocked()
      .execute();
    for (const { id } of rows) {
      const row = await tx
        .updateTable('issued_copy')
        .set({ state: 'removed', updated_at: now })
        .where('id', '=', id)
        .where('state', '=', 'ready')
        .returning(['evidence_id', 'account_id'])
        .executeTakeFirst();
      if (!row) continue;
      const change = { id, evidence: row.evidence_id, account: row.account_id };
      await notifyIssuedCopy(tx, { ...change, state: 'removed', percent: 100 });
    }
    return rows.length;
  });
}

/** Copies that are over and of which the vault may still have something. A maker whose claim lives is given time to stop. */
export async function findUnclearedCopies(db: Executor, now: Date, limit: number): Promise<readonly UnclearedCopy[]> {
  const rows = await db
    .selectFrom('issued_copy')
    .select(['id', 'evidence_id', 'vault_key', 'vault_version', 'size', 'sha256'])
    .where('state', 'in', ['failed', 'cancelled', 'removed'])
    .where('cleared_at', 'is', null)
    .where((eb) => eb.or([eb('claimed_until', 'is', null), eb('claimed_until', '<', now)]))
    .orderBy('updated_at')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    evidence: row.evidence_id,
    object:
      row.vault_key === null || row.vault_version === null || row.size === null
        ? null
        : { key: row.vault_key, versionId: row.vault_version, size: row.size },
    sha256: row.sha256?.toString('hex') ?? null,
  }));
}

/** Destroys the copy's key and puts on record that it is gone, once. To be called when the vault has removed the object. */
export async function noteCleared(db: Database, copy: UnclearedCopy, by: string, clock: Clock): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const row = await tx
      .updateTable('issued_copy')
      .set({ cleared_at: clock.now(), key: null })
      .where('id', '=', copy.id)
      .where('cleared_at', 'is', null)
      .returning('id')
      .executeTakeFirst();
    // Of a copy that never came to be there was nothing to remove.
    if (!row || copy.sha256 === null || copy.object === null) return;
    await appendEvent(
      tx,
      {
        type: 'issued_copy.removed',
        actor: { kind: 'system', id: by, name: null },
        subject: { kind: 'evidence', id: copy.evidence },
        data: { copy: copy.id, sha256: copy.sha256, size: copy.object.size },
      },
      clock,
    );
  });
}
