import type { Selectable } from 'kysely';
import { sql } from 'kysely';
import type { Executor } from '../database/connect.ts';
import type { EvidenceTable } from '../database/schema.ts';
import { readVersion, replacesSealed } from '../vault-copy/stored-copies.ts';

export interface DerivativeState {
  readonly kind: 'probe' | 'proxy' | 'poster' | 'thumbnails' | 'waveform';
  readonly state: 'pending' | 'ready' | 'failed' | 'nothing_to_play';
  readonly reason: string | null;
  readonly detail: string | null;
  readonly attempts: number;
  readonly updated_at: Date;
  readonly duration_ms: number | null;
}

/** One sealed or quarantined item with the names of what it points to, as they are now. */
export interface EvidenceRecord extends Selectable<EvidenceTable> {
  readonly unit_name: string;
  /** unit ids from the root to the item's unit */
  readonly unit_path: readonly string[];
  readonly dock_name: string | null;
  readonly account_name: string | null;
  readonly metadata: unknown;
  /** null until the sequencer has placed the seal */
  readonly entry_index: number | null;
  /** when its content was disposed of; `vault_version` is then of a version that is gone */
  readonly disposed_at: Date | null;
}

/** The item, or undefined. Who may see it is not asked here. */
export async function findEvidence(db: Executor, id: string): Promise<EvidenceRecord | undefined> {
  return (
    db
      .selectFrom('evidence as e')
      .innerJoin('unit as u', 'u.id', 'e.unit_id')
      .innerJoin('upload as up', 'up.id', 'e.id')
      .leftJoin('dock as d', 'd.id', 'e.dock_id')
      .leftJoin('account as a', 'a.id', 'e.account_id')
      .leftJoin('ledger_entry as l', 'l.event_id', 'e.event_id')
      .leftJoin('vault_copy as p', (join) => join.on(replacesSealed))
      .leftJoin('tombstone as t', 't.evidence_id', 'e.id')
      .selectAll('e')
      // After the row's own: a repaired original is read where the repair has put it.
      .select([readVersion.key.as('vault_key'), readVersion.versionId.as('vault_version'), 't.disposed_at'])
      .select(['u.name as unit_name', 'u.path as unit_path', 'd.name as dock_name', 'a.name as account_name'])
      .select(['up.metadata', 'l.index as entry_index'])
      .where('e.id', '=', id)
      .executeTakeFirst()
  );
}

/** States of the item's derivatives, without their documents. */
export async function describeDerivatives(db: Executor, evidence: string): Promise<readonly DerivativeState[]> {
  return db
    .selectFrom('derivative')
    .select(['kind', 'state', 'reason', 'detail', 'attempts', 'updated_at', 'duration_ms'])
    .where('evidence_id', '=', evidence)
    .orderBy(sql`array_position(array['probe', 'proxy', 'poster', 'thumbnails', 'waveform'], kind)`)
    .execute();
}

/** A derivative that is ready: its document and where its object is. */
export interface ReadyDerivative {
  readonly data: unknown;
  readonly object: { readonly key: string; readonly versionId: string; readonly size: number } | null;
}

/** The derivative when it is ready, else undefined. */
export async function findReadyDerivative(
  db: Executor,
  evidence: string,
  kind: DerivativeState['kind'],
): Promise<ReadyDerivative | undefined> {
  const row = await db
    .selectFrom('derivative')
    .select(['data', 'vault_key', 'vault_version', 'vault_size'])
    .where('evidence_id', '=', evidence)
    .where('kind', '=', kind)
    .where('state', '=', 'ready')
    .executeTakeFirst();
  if (!row) return undefined;
  const { data, vault_key: key, vault_version: versionId, vault_size: size } = row;
  return { data, object: key !== null && versionId !== null && size !== null ? { key, versionId, size } : null };
}
