import {
  type Finding,
  inEnglish,
  storeFindings,
  toldOfNullable,
  type VaultCopy,
  type VaultCopyState,
  type VaultName,
} from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';
import { sql } from 'kysely';
import { notifyChange } from '../change/notify.ts';
import type { Executor } from '../database/connect.ts';
import { appendEvent } from '../ledger/append-event.ts';

/** The version of an item's original that is read from one vault now. */
export interface StoredCopy {
  readonly vault: VaultName;
  /** 0: as sealed */
  readonly generation: number;
  readonly state: VaultCopyState;
  readonly driver: string;
  readonly key: string;
  /** null while there is none */
  readonly versionId: string | null;
  readonly checkedAt: Date | null;
  /** as stored: what was found, or a sentence of an earlier version */
  readonly detail: string | null;
}

/** Where the copies of an item are: the primary one first, whether or not a repair has replaced it. */
export async function storedCopies(db: Executor, evidence: string): Promise<readonly StoredCopy[]> {
  const sealed = await db
    .selectFrom('evidence')
    .select(['vault_driver', 'vault_key', 'vault_version'])
    .where('id', '=', evidence)
    .executeTakeFirst();
  if (!sealed) return [];
  const rows = await db
    .selectFrom('vault_copy')
    .selectAll()
    .where('evidence_id', '=', evidence)
    .where('superseded_at', 'is', null)
    .orderBy('vault')
    .orderBy(sql`vault_version is null`)
    .orderBy('generation')
    .execute();
  // A repair under way has a row of its own, without a version yet: what it is to replace is still what there is.
  const current = rows.filter((row, at) => rows[at - 1]?.vault !== row.vault);
  const copies = current.map((row) => ({
    vault: row.vault,
    generation: row.generation,
    state: row.state,
    driver: row.driver,
    key: row.vault_key,
    versionId: row.vault_version,
    checkedAt: row.checked_at,
    detail: row.detail,
  }));
  if (copies.some(({ vault }) => vault === 'primary')) return copies;
  const asSealed: StoredCopy = {
    vault: 'primary',
    generation: 0,
    state: 'ready',
    driver: sealed.vault_driver,
    key: sealed.vault_key,
    versionId: sealed.vault_version,
    checkedAt: null,
    detail: null,
  };
  return [asSealed, ...copies];
}

/** The version of the original that is read from the primary vault, as an SQL pair over `evidence as e` and `primaryCopy`. */
export const readVersion = {
  key: sql<string>`coalesce(p.vault_key, e.vault_key)`,
  versionId: sql<string>`coalesce(p.vault_version, e.vault_version)`,
};

/** The condition under which a `vault_copy as p` has taken the place of what was sealed in the primary vault. */
export const replacesSealed = sql<boolean>`p.evidence_id = e.id and p.vault = 'primary' and p.superseded_at is null and p.vault_version is not null`;

/** As the API shows it. */
export const describeVaultCopy = (copy: StoredCopy): VaultCopy => ({
  vault: copy.vault,
  state: copy.state,
  driver: copy.driver,
  version: copy.versionId,
  generation: copy.generation,
  checkedAt: copy.checkedAt?.toISOString() ?? null,
  ...toldOfNullable(copy.detail),
});

/** What reading a copy whole has shown. */
export type VaultCopyFinding =
  | { readonly outcome: 'good' }
  /** it is not what was sealed, or gone */
  | { readonly outcome: 'damaged'; readonly findings: readonly Finding[] };

/**
 * Notes what reading a copy whole has shown, in the caller's transaction. A copy found damaged for the first time is an event; one found
 * good again after a fault of its reader is ready again. Nothing is noted for a copy that was replaced in the meantime, or is not there yet.
 */
export async function noteVaultCopyFinding(
  trx: Executor,
  about: { readonly evidence: string; readonly unit: string; readonly copy: StoredCopy; readonly service: string },
  finding: VaultCopyFinding,
  clock: Clock,
): Promise<void> {
  const { evidence, unit, copy, service } = about;
  const now = clock.now();
  if (copy.versionId === null) return;
  const detail = finding.outcome === 'damaged' ? storeFindings(finding.findings) : null;
  const state = finding.outcome === 'damaged' ? 'damaged' : 'ready';
  const { rows } = await sql<{ before: VaultCopyState }>`
    with known as (
      select state from vault_copy where evidence_id = ${evidence} and vault = ${copy.vault} and generation = ${copy.generation}
    ), noted as (
      insert into vault_copy (evidence_id, vault, generation, state, driver, vault_key, vault_version, detail, checked_at, created_at, updated_at)
      values (${evidence}, ${copy.vault}, ${copy.generation}, ${state}, ${copy.driver}, ${copy.key}, ${copy.versionId}, ${detail}, ${now}, ${now}, ${now})
      on conflict (evidence_id, vault, generation) do update
        set state = excluded.state, detail = excluded.detail, checked_at = excluded.checked_at, updated_at = excluded.updated_at
        where vault_copy.state in ('ready', 'damaged') and vault_copy.superseded_at is null
      returning state
    )
    select coalesce((select state from known), 'ready') as before from noted`.execute(trx);
  const before = rows[0]?.before;
  if (before === undefined || before === state) return;
  if (finding.outcome === 'damaged') {
    await appendEvent(
      trx,
      {
        type: 'copy.damaged',
        actor: { kind: 'system', id: service, name: null },
        subject: { kind: 'evidence', id: evidence },
        data: {
          vault: copy.vault,
          version: copy.versionId,
          detail: inEnglish(finding.findings).slice(0, 1000).toWellFormed(),
        },
      },
      clock,
    );
  }
  await notifyChange(trx, { kind: 'evidence', id: evidence, unit });
}
