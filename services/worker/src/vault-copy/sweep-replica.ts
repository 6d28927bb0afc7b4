import { type Database, knownCopyTransfers } from '@fengcun/catalog';
import { sweepTransfers, type Vault } from '@fengcun/vault';

/** Removes the transfers in the replica vault that were begun and never written down. Answers how many. */
export function sweepReplica(catalog: Database, replica: Vault, now: Date): Promise<number> {
  return sweepTransfers(replica, now, async (old) => {
    const known = await knownCopyTransfers(
      catalog,
      old.map(({ id }) => id),
    );
    return old.filter(({ id }) => !known.has(id));
  });
}
