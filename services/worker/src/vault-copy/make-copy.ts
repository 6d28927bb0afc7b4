import {
  commitVaultCopy,
  type Database,
  noteVaultCopyTransfer,
  readRetentionWish,
  type SealedContent,
  type StoredCopy,
  type VaultCopyClaim,
} from '@fengcun/catalog';
import type { VaultName } from '@fengcun/contracts';
import type { DigestPool } from '@fengcun/digest';
import type { Clock } from '@fengcun/runtime';
import { type ObjectVersion, parseObjectKey } from '@fengcun/vault';
import { WorkerError } from '../errors.ts';
import { lockCopy } from '../retention/lock-copy.ts';
import { serviceName } from '../service-name.ts';
import { type Vaults, vaultOf, versionOf } from '../vaults.ts';
import { keepLeaves, leavesKey } from './leaves.ts';
import { readCopy } from './read-copy.ts';
import { adoptCopy, sendCopy } from './send-copy.ts';

export interface CopyDependencies {
  readonly catalog: Database;
  readonly vaults: Vaults;
  readonly pool: DigestPool;
  readonly clock: Clock;
}

export interface CopyOrder {
  readonly claim: VaultCopyClaim;
  readonly sealed: SealedContent;
  /** whose bytes are sent */
  readonly source: StoredCopy;
  readonly repaired: { readonly from: VaultName; readonly replaced: string | null } | null;
}

/**
 * Makes one copy: sends it or adopts what an earlier attempt has sent, reads it back whole, compares both digests with what was sealed, keeps the
 * leaves of its part tree beside it, locks both and reads the lock back, and only then makes it the one that is read. Rejects `copy_differs` when what was stored is not what was
 * sealed, `taken_over`, and whatever the vaults reject with. The source is only read.
 */
export async function makeCopy(
  { catalog, vaults, pool, clock }: CopyDependencies,
  { claim, sealed, source, repaired }: CopyOrder,
  signal: AbortSignal,
): Promise<ObjectVersion> {
  const to = vaultOf(vaults, claim.vault);
  const stored = (await adopted()) ?? (await sent());
  const reading = await readCopy(to, pool, stored, sealed, signal);
  if (reading.kind === 'unread') throw new WorkerError('copy_unread', reading.findings);
  if (reading.kind === 'bad') {
    // Nothing knows of it, so nothing protects it; where an engine's default lock does, it stays as a stray until that has run out.
    await to.delete(stored).catch(() => undefined);
    throw new WorkerError('copy_differs', reading.findings);
  }
  const wish = await readRetentionWish(catalog, sealed.evidence);
  if (wish === null) throw new WorkerError('taken_over', sealed.evidence);
  // As long as the other copy, where that is locked beyond the term.
  const until =
    wish.until !== null && wish.lockedUntil !== null && wish.lockedUntil > wish.until ? wish.lockedUntil : wish.until;
  const lock = { until, held: wish.held };
  // From the bytes of this copy, not from the object beside the other one: that may be what is damaged.
  const leaves =
    reading.leaves === null ? null : await keepLeaves(to, leavesKey(stored.key), reading.leaves, lock, clock.now());
  const { retainUntil, legalHold } = await lockCopy(to, stored, lock, clock.now());
  const made = {
    driver: to.driver,
    version: stored.versionId,
    readBack: { bytes: reading.bytes, sha256: sealed.sha256, sm3: sealed.sm3 },
    retainUntil,
    legalHold,
    revision: wish.revision,
    leaves: leaves && { key: leaves.key, versionId: leaves.versionId },
    repaired,
  };
  if (!(await commitVaultCopy(catalog, claim, made, { service: serviceName, clock }))) {
    throw new WorkerError('taken_over', sealed.evidence);
  }
  return stored;

  async function adopted(): Promise<ObjectVersion | null> {
    if (claim.unfinished === null) return null;
    return adoptCopy(to, { key: parseObjectKey(claim.key), ...claim.unfinished }, sealed.size);
  }

  async function sent(): Promise<ObjectVersion> {
    if (source.versionId === null) throw new WorkerError('no_good_copy', sealed.evidence);
    // A key of its own for every attempt but the first: a completion is adopted by its key, and must never find another attempt's object.
    const first = claim.generation === 0 && claim.attempt === 1;
    const key = parseObjectKey(first ? sealed.key : `${sealed.key}.g${claim.generation}-${claim.attempt}`);
    return sendCopy({
      from: vaultOf(vaults, source.vault),
      version: versionOf({ key: source.key, versionId: source.versionId }, sealed.size),
      to,
      key,
      signal,
      note: async (transfer, parts) => {
        if (!(await noteVaultCopyTransfer(catalog, claim, { key, transfer, parts }))) {
          throw new WorkerError('taken_over', sealed.evidence);
        }
      },
    });
  }
}
