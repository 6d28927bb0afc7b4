import { type Database, knownCopyTransfers } from '@fengcun/catalog';
import type { UnfinishedTransfer, Vault } from '@fengcun/vault';

/** ms; a transfer is written down within a moment of its beginning, but a database restored to last week may know of fewer */
const orphanedAfterMs = 7 * 24 * 3_600_000;
const batch = 500;

/** Removes the transfers in the replica vault that were begun and never written down. Answers how many. */
export async function sweepTransfers(catalog: Database, replica: Vault, now: Date): Promise<number> {
  let swept = 0;
  const sweep = async (transfers: readonly UnfinishedTransfer[]) => {
    const known = await knownCopyTransfers(
      catalog,
      transfers.map(({ id }) => id),
    );
    for (const transfer of transfers) {
      if (known.has(transfer.id)) continue;
      await replica.abort(transfer);
      swept++;
    }
  };
  const before = now.getTime() - orphanedAfterMs;
  let old: UnfinishedTransfer[] = [];
  for await (const transfer of replica.transfers()) {
    if (transfer.startedAt.getTime() > before) continue;
    old.push(transfer);
    if (old.length < batch) continue;
    await sweep(old);
    old = [];
  }
  await sweep(old);
  return swept;
}
