import { type ObjectVersion, type Vault, VaultError } from '@fengcun/vault';
import { type Leg, leg } from './legs.ts';
import type { SealedFacts } from './sealed-facts.ts';

/** The lock as the vault says it is now, against what it was at sealing. A lock may have been made longer, never shorter. */
export async function lockLeg(vault: Vault, version: ObjectVersion, sealed: SealedFacts['vault']): Promise<Leg> {
  if (sealed.mode === 'none')
    return leg('lock', 'not_checked', 'The original was sealed in a vault that does not lock.');
  try {
    const now = await vault.protection(version);
    const promised = sealed.retainUntil === null ? null : new Date(sealed.retainUntil);
    if (now.mode !== sealed.mode)
      return leg('lock', 'failed', `Sealed under a ${sealed.mode} lock; now there is none.`);
    if (promised !== null && (now.retainUntil === null || now.retainUntil < promised)) {
      const until = now.retainUntil?.toISOString() ?? 'no date';
      return leg('lock', 'failed', `Locked until ${promised.toISOString()} at sealing; now until ${until}.`);
    }
    const enforced =
      sealed.protection === 'enforced' ? 'by the storage engine' : 'by this software only, which does not stop root';
    return leg('lock', 'passed', `Locked until ${now.retainUntil?.toISOString() ?? 'further notice'}, ${enforced}.`);
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    const missing = error.code === 'not_found' || error.code === 'corrupt';
    return leg('lock', missing ? 'failed' : 'not_checked', error.message);
  }
}
