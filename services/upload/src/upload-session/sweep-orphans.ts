import { knownVaultKeys } from '@fengcun/catalog';
import type { UnfinishedTransfer } from '@fengcun/vault';
import { isOriginalKey } from '../uploads/original-key.ts';
import type { ExpiryOptions } from './expire-uploads.ts';

/**
 * ms. A transfer is written down within a moment of its beginning, so an hour would do; a week leaves time to notice that a database was
 * restored to a state in which uploads under way are missing, whose bytes a sender could still continue once it is put right.
 */
const orphanedAfterMs = 7 * 24 * 3_600_000;
const batch = 500;

/**
 * Removes the transfers that were begun and never written down: their creator died between the vault and the database, and no sender was
 * ever told of them. Answers how many.
 */
export async function sweepOrphans({ catalog, vault, clock, log }: ExpiryOptions): Promise<number> {
  let swept = 0;
  const sweep = async (transfers: readonly UnfinishedTransfer[]) => {
    const known = await knownVaultKeys(
      catalog,
      transfers.map(({ key }) => key),
    );
    for (const transfer of transfers) {
      if (known.has(transfer.key)) continue;
      await vault.abort(transfer);
      log.warn({ key: transfer.key, startedAt: transfer.startedAt }, 'removed a transfer that no upload knows');
      swept++;
    }
  };
  const before = clock.now().getTime() - orphanedAfterMs;
  let old: UnfinishedTransfer[] = [];
  for await (const transfer of vault.transfers()) {
    if (transfer.startedAt.getTime() > before || !isOriginalKey(transfer.key)) continue;
    old.push(transfer);
    if (old.length < batch) continue;
    await sweep(old);
    old = [];
  }
  if (old.length > 0) await sweep(old);
  return swept;
}
