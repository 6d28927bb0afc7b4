import type { VaultName } from '@fengcun/contracts';
import { type ObjectVersion, parseObjectKey, type Vault } from '@fengcun/vault';
import { WorkerError } from './errors.ts';

/** Where originals are kept: once, or twice. */
export interface Vaults {
  readonly primary: Vault;
  /** null where there is one copy only */
  readonly replica: Vault | null;
}

/** The vault of that name. Throws `replica_missing`. */
export function vaultOf(vaults: Vaults, name: VaultName): Vault {
  if (name === 'primary') return vaults.primary;
  if (vaults.replica === null) throw new WorkerError('replica_missing');
  return vaults.replica;
}

/** A version as the vault's port names it. */
export const versionOf = (at: { readonly key: string; readonly versionId: string }, size: number): ObjectVersion => ({
  key: parseObjectKey(at.key),
  versionId: at.versionId,
  size,
});
