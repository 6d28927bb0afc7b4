import {
  beginRepair,
  claimVaultCopy,
  commitRestoredLeaves,
  failVaultCopy,
  readRetentionWish,
  renewVaultCopy,
  type SealedContent,
  type StoredCopy,
  sealedContent,
  storedCopies,
  storedTrees,
} from '@fengcun/catalog';
import { finding, type VaultName, vaultNames } from '@fengcun/contracts';
import { findingsOf, WorkerError } from '../errors.ts';
import { keepAlive } from '../keep-alive.ts';
import { serviceName } from '../service-name.ts';
import { vaultOf, versionOf } from '../vaults.ts';
import { keepLeaves, leavesKey, readLeaves } from './leaves.ts';
import { type CopyDependencies, makeCopy } from './make-copy.ts';
import { type CopyReading, readCopy } from './read-copy.ts';

/** One copy and what reading it whole has shown. */
export interface ExaminedCopy {
  readonly vault: VaultName;
  readonly copy: StoredCopy | null;
  readonly reading: CopyReading;
  /** what became of the leaves of the part tree beside a good copy; null where they were not looked at */
  readonly leaves: LeavesOutcome | null;
}

/**
 * - `good`: exactly those that were computed from the copy
 * - `restored`: were not, and are now
 * - `unread`: the vault could not be asked
 * - `busy`: were not, and somebody else changed something at the item meanwhile; try again
 */
export type LeavesOutcome = 'good' | 'restored' | 'unread' | 'busy';

export type RepairOutcome =
  /** every copy that there is to be is what was sealed, and so are the leaves beside it */
  | { readonly kind: 'nothing_to_repair'; readonly examined: readonly ExaminedCopy[] }
  /** every copy is what was sealed; leaves beside one were not */
  | { readonly kind: 'leaves_restored'; readonly examined: readonly ExaminedCopy[] }
  | {
      readonly kind: 'repaired';
      readonly examined: readonly ExaminedCopy[];
      readonly vault: VaultName;
      readonly from: VaultName;
      readonly version: string;
    }
  | { readonly kind: 'refused'; readonly code: RepairRefusal; readonly examined: readonly ExaminedCopy[] };

/**
 * - `unknown_item`: nothing was sealed under this id
 * - `disposed`: its content was disposed of, or is about to be
 * - `contradicted`: catalogue and log do not agree on what was sealed
 * - `no_good_copy`: no copy is what was sealed
 * - `unread`: a vault could not be asked, so nobody knows whether its copy is damaged
 * - `busy`: somebody else is making a copy of it
 */
export type RepairRefusal = 'unknown_item' | 'disposed' | 'contradicted' | 'no_good_copy' | 'unread' | 'busy';

const leaseMs = 30_000;

/**
 * Reads every copy of an item whole, and where one is not what was sealed makes a new one from one that is (design: two copies). Which copy is
 * good is decided by the digests that the log says were sealed, never by which vault it is in. A good copy is only ever read; the damaged
 * one stays where it is, superseded, until its lock runs out. Leaves beside a good copy that are not its own are computed from it anew. Safe to
 * repeat wherever it stopped.
 */
export async function repairItem(
  dependencies: CopyDependencies,
  evidence: string,
  signal: AbortSignal,
): Promise<RepairOutcome> {
  const { catalog } = dependencies;
  const sealed = await sealedContent(catalog, evidence);
  if (sealed === undefined) return { kind: 'refused', code: 'unknown_item', examined: [] };
  if (sealed === 'contradicted') return { kind: 'refused', code: 'contradicted', examined: [] };
  if (sealed.disposal !== 'none') return { kind: 'refused', code: 'disposed', examined: [] };
  const examined = await examine(dependencies, sealed, signal);
  const good = examined.find(({ reading }) => reading.kind === 'good');
  const bad = examined.find(({ reading }) => reading.kind === 'bad');
  if (bad === undefined) {
    const unread = examined.some(({ reading, leaves }) => reading.kind === 'unread' || leaves === 'unread');
    if (unread) return { kind: 'refused', code: 'unread', examined };
    if (examined.some(({ leaves }) => leaves === 'busy')) return { kind: 'refused', code: 'busy', examined };
    const restored = examined.some(({ leaves }) => leaves === 'restored');
    return { kind: restored ? 'leaves_restored' : 'nothing_to_repair', examined };
  }
  if (!good?.copy) {
    const perhaps = examined.some(({ reading }) => reading.kind === 'unread');
    return { kind: 'refused', code: perhaps ? 'unread' : 'no_good_copy', examined };
  }
  const version = await replace(dependencies, sealed, bad, good.copy, signal);
  if (version === null) return { kind: 'refused', code: 'busy', examined };
  return { kind: 'repaired', examined, vault: bad.vault, from: good.vault, version };
}

async function examine(
  dependencies: CopyDependencies,
  sealed: SealedContent,
  signal: AbortSignal,
): Promise<readonly ExaminedCopy[]> {
  const { catalog, vaults, pool } = dependencies;
  const copies = await storedCopies(catalog, sealed.evidence);
  const examined: ExaminedCopy[] = [];
  for (const name of vaultNames) {
    const copy = copies.find(({ vault }) => vault === name) ?? null;
    if (name === 'replica' && vaults.replica === null) {
      // A copy in a vault that nobody named is neither good nor bad.
      if (copy !== null) {
        examined.push({
          vault: name,
          copy,
          reading: { kind: 'unread', findings: [finding('work_replica_missing', { said: '' })] },
          leaves: null,
        });
      }
      continue;
    }
    const reading =
      copy === null
        ? ({ kind: 'bad', findings: [finding('no_copy_yet')] } as const)
        : await readCopy(vaultOf(vaults, name), pool, copy, sealed, signal);
    const leaves = reading.kind === 'good' ? await mendLeaves(dependencies, sealed, name, reading, signal) : null;
    examined.push({ vault: name, copy, reading, leaves });
  }
  return examined;
}

/** Compares the leaves beside a good copy with those that were computed from it, and makes them anew where they differ. */
async function mendLeaves(
  { catalog, vaults, clock }: CopyDependencies,
  sealed: SealedContent,
  name: VaultName,
  { leaves }: CopyReading & { readonly kind: 'good' },
  signal: AbortSignal,
): Promise<LeavesOutcome | null> {
  const { evidence, key, tree } = sealed;
  if (leaves === null) return null;
  const vault = vaultOf(vaults, name);
  const present = (await storedTrees(catalog, evidence)).find((each) => each.vault === name);
  if (present !== undefined) {
    const found = await readLeaves(vault, versionOf(present, leaves.length), leaves, signal);
    if (found !== 'bad') return found;
  }
  const wish = await readRetentionWish(catalog, evidence);
  if (wish === null) return 'busy';
  const made = await keepLeaves(vault, leavesKey(key), leaves, wish, clock.now());
  const restored = {
    evidence,
    tree: { vault: name, key: made.key, versionId: made.versionId },
    replaced: present?.versionId ?? null,
    root: tree.root,
    revision: wish.revision,
  };
  const by = { service: serviceName, clock };
  return (await commitRestoredLeaves(catalog, restored, by)) ? 'restored' : 'busy';
}

/** Makes the next generation of a bad copy; answers its version, or null when somebody else is at it. */
async function replace(
  dependencies: CopyDependencies,
  sealed: SealedContent,
  bad: ExaminedCopy,
  source: StoredCopy,
  signal: AbortSignal,
): Promise<string | null> {
  const { catalog, vaults, clock } = dependencies;
  const { vault, copy: found, reading } = bad;
  const { evidence, key } = sealed;
  const driver = vaultOf(vaults, vault).driver;
  const findings = reading.kind === 'good' ? [] : reading.findings;
  const generation = await beginRepair(catalog, { evidence, vault, found, findings, driver, key }, clock);
  if (generation === null) return null;
  const lease = { clock, ms: leaseMs };
  const claim = await claimVaultCopy(catalog, { evidence, vault, generation }, lease);
  if (claim === null) return null;
  const alive = keepAlive(() => renewVaultCopy(catalog, claim, lease), leaseMs / 3, signal);
  const repaired = { from: source.vault, replaced: found?.versionId ?? null };
  try {
    const { versionId } = await makeCopy(dependencies, { claim, sealed, source, repaired }, alive.signal);
    return versionId;
  } catch (error) {
    if (error instanceof WorkerError && error.code === 'taken_over') return null;
    await failVaultCopy(catalog, claim, findingsOf(error), clock);
    throw error;
  } finally {
    alive.stop();
  }
}
