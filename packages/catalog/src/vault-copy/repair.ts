import { type Finding, storeFindings, type VaultName } from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';
import { sql } from 'kysely';
import type { Database } from '../database/connect.ts';
import type { StoredCopy } from './stored-copies.ts';

/**
 * Begins the repair of a copy: the version is written down as damaged, and a row for the next generation is there to be claimed and made;
 * what is read changes only when that one is committed. A repair that died half-way is taken up again. Answers the generation to make, or
 * null when the copy is no longer the one that was looked at, or its item is being disposed of.
 */
export async function beginRepair(
  db: Database,
  repair: {
    readonly evidence: string;
    readonly vault: VaultName;
    /** what is there now; null where there never was a copy */
    readonly found: StoredCopy | null;
    /** what is wrong with it */
    readonly findings: readonly Finding[];
    readonly driver: string;
    readonly key: string;
  },
  clock: Clock,
): Promise<number | null> {
  const { evidence, vault, found, driver } = repair;
  const detail = storeFindings(repair.findings);
  const now = clock.now();
  return db.transaction().execute(async (trx) => {
    const kept = await trx
      .selectFrom('evidence_retention')
      .select('disposal')
      .where('evidence_id', '=', evidence)
      .forUpdate()
      .executeTakeFirst();
    if (kept?.disposal !== 'none') return null;
    if (found !== null && found.versionId === null) return found.generation;
    if (found !== null) {
      const { rows } = await sql<{ generation: number }>`
        insert into vault_copy (evidence_id, vault, generation, state, driver, vault_key, vault_version, detail, checked_at, created_at,
          updated_at)
        values (${evidence}, ${vault}, ${found.generation}, 'damaged', ${found.driver}, ${found.key}, ${found.versionId}, ${detail}, ${now},
          ${now}, ${now})
        on conflict (evidence_id, vault, generation) do update
          set state = 'damaged', detail = excluded.detail, checked_at = excluded.checked_at, updated_at = excluded.updated_at
          where vault_copy.superseded_at is null
        returning generation`.execute(trx);
      if (rows.length === 0) return null;
    }
    const generation = found === null ? 0 : found.generation + 1;
    await trx
      .insertInto('vault_copy')
      .values({
        evidence_id: evidence,
        vault,
        generation,
        state: 'pending',
        driver,
        vault_key: repair.key,
        created_at: now,
        updated_at: now,
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    return generation;
  });
}
