import { knownVaultKeys } from '@fengcun/catalog';
import { sweepTransfers } from '@fengcun/vault';
import { isOriginalKey } from '../uploads/original-key.ts';
import type { ExpiryOptions } from './expire-uploads.ts';

/** Removes the old transfers of uploads that no row names, and that no sender was ever told of. Answers how many. */
export function sweepOrphans({ catalog, vault, clock, log }: ExpiryOptions): Promise<number> {
  return sweepTransfers(vault, clock.now(), async (old) => {
    const uploads = old.filter(({ key }) => isOriginalKey(key));
    const known = await knownVaultKeys(
      catalog,
      uploads.map(({ key }) => key),
    );
    const orphans = uploads.filter(({ key }) => !known.has(key));
    for (const { key, startedAt } of orphans) log.warn({ key, startedAt }, 'removing a transfer that no upload knows');
    return orphans;
  });
}
