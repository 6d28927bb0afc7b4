import type { SealedContent, StoredCopy } from '@fengcun/catalog';
import { type Finding, finding } from '@fengcun/contracts';
import type { DigestPool } from '@fengcun/digest';
import { type Vault, VaultError } from '@fengcun/vault';
import { findingsOf, WorkerError } from '../errors.ts';
import { readBack } from '../seal/read-back.ts';
import { versionOf } from '../vaults.ts';
import { copyPartSize } from './send-copy.ts';

/**
 * - `good`: every byte was read, and they are those that were sealed
 * - `bad`: they are not, or are not there
 * - `unread`: the vault could not be asked, so nothing is known
 */
export type CopyReading =
  | {
      readonly kind: 'good';
      readonly bytes: number;
      /** of its part tree, as computed from these bytes; null where it was sealed over leaves that this version does not compute */
      readonly leaves: Uint8Array | null;
    }
  | { readonly kind: 'bad'; readonly findings: readonly Finding[] }
  | { readonly kind: 'unread'; readonly findings: readonly Finding[] };

/**
 * Reads a copy whole and compares it with what was sealed. Rejects with the signal's reason, and `seal_contradicted` when the bytes are those that
 * were sealed, but not their part tree.
 */
export async function readCopy(
  vault: Vault,
  pool: DigestPool,
  copy: Pick<StoredCopy, 'key' | 'versionId'>,
  sealed: SealedContent,
  signal: AbortSignal,
): Promise<CopyReading> {
  if (copy.versionId === null) return { kind: 'bad', findings: [finding('no_copy_yet')] };
  const version = versionOf({ key: copy.key, versionId: copy.versionId }, sealed.size);
  try {
    const { size } = await vault.stat(version);
    if (size !== sealed.size)
      return { kind: 'bad', findings: [finding('size_differs', { sealed: sealed.size, found: size })] };
    const partSize = copyPartSize(vault, sealed.size);
    const found = await readBack({ vault, pool, version, partSize, ahead: null, signal });
    if (found.sha256 !== sealed.sha256 || found.sm3 !== sealed.sm3) {
      const digests = { sealed: sealed.sha256, found: found.sha256, read: found.size };
      return { kind: 'bad', findings: [finding('copy_differs', digests)] };
    }
    const { leafSize, root, leaves } = found.tree;
    if (leafSize !== sealed.tree.leafSize) return { kind: 'good', bytes: found.size, leaves: null };
    if (root !== sealed.tree.root) throw new WorkerError('seal_contradicted', sealed.evidence);
    return { kind: 'good', bytes: found.size, leaves };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof VaultError) {
      const gone = error.code === 'not_found' || error.code === 'corrupt';
      return { kind: gone ? 'bad' : 'unread', findings: findingsOf(error) };
    }
    if (error instanceof WorkerError && error.code === 'object_incomplete')
      return { kind: 'bad', findings: findingsOf(error) };
    throw error;
  }
}
