import { finding, findingOf } from '@fengcun/contracts';
import { type ObjectVersion, type Vault, VaultError } from '@fengcun/vault';
import { type Leg, leg } from './legs.ts';
import type { SealedFacts } from './sealed-facts.ts';

/** The lock as the vault says it is now, against what it was at sealing. A lock may have been made longer, never shorter. */
export async function lockLeg(vault: Vault, version: ObjectVersion, sealed: SealedFacts['vault']): Promise<Leg> {
  if (sealed.mode === 'none') return leg('lock', 'not_checked', finding('sealed_unlocked'));
  try {
    const now = await vault.protection(version);
    const promised = sealed.retainUntil === null ? null : new Date(sealed.retainUntil);
    if (now.mode !== sealed.mode) return leg('lock', 'failed', finding('lock_gone'));
    if (promised !== null && (now.retainUntil === null || now.retainUntil < promised)) {
      const until = now.retainUntil?.toISOString();
      const shorter =
        until === undefined
          ? finding('lock_dateless', { promised: promised.toISOString() })
          : finding('lock_shorter', { promised: promised.toISOString(), until });
      return leg('lock', 'failed', shorter);
    }
    const until = now.retainUntil?.toISOString();
    const locked = until === undefined ? finding('locked') : finding('locked_until', { until });
    const by = finding(sealed.protection === 'enforced' ? 'lock_enforced' : 'lock_advisory');
    return leg('lock', 'passed', locked, by);
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    const missing = error.code === 'not_found' || error.code === 'corrupt';
    return leg('lock', missing ? 'failed' : 'not_checked', findingOf('vault', error));
  }
}
