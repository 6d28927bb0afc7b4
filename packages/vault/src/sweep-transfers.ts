import type { UnfinishedTransfer, Vault } from './port.ts';

/**
 * ms. A transfer is written down within a moment of its beginning, so an hour would do; a week leaves time to notice that a database was
 * restored to a state in which uploads under way are missing, whose bytes a sender could still continue once it is put right.
 */
const orphanedAfterMs = 7 * 24 * 3_600_000;
const batch = 500;

/**
 * Removes the transfers that were begun and never written down: their creator died between the vault and the database. `orphans` picks them
 * out of up to 500 old ones. Answers how many.
 */
export async function sweepTransfers(
  vault: Pick<Vault, 'transfers' | 'abort'>,
  now: Date,
  orphans: (old: readonly UnfinishedTransfer[]) => Promise<readonly UnfinishedTransfer[]>,
): Promise<number> {
  let swept = 0;
  const sweep = async (old: readonly UnfinishedTransfer[]) => {
    for (const transfer of await orphans(old)) {
      await vault.abort(transfer);
      swept++;
    }
  };
  const before = now.getTime() - orphanedAfterMs;
  let old: UnfinishedTransfer[] = [];
  for await (const transfer of vault.transfers()) {
    if (transfer.startedAt.getTime() > before) continue;
    old.push(transfer);
    if (old.length < batch) continue;
    await sweep(old);
    old = [];
  }
  if (old.length > 0) await sweep(old);
  return swept;
}
