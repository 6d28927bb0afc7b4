import type { SealedContent, StoredCopy } from '@fengcun/catalog';
import type { DigestPool } from '@fengcun/digest';
import { type Vault, VaultError } from '@fengcun/vault';
import { WorkerError } from '../errors.ts';
import { readBack } from '../seal/read-back.ts';
import { versionOf } from '../vaults.ts';
import { copyPartSize } from './send-copy.ts';

/**
 * - `good`: every byte was read, and they are those that were sealed
 * - `bad`: they are not, or are not there
 * - `unread`: the vault could not be asked, so nothing is known
 */
export type CopyReading =
  | { readonly kind: 'good'; readonly bytes: number }
  | { readonly kind: 'bad'; readonly detail: string }
  | { readonly kind: 'unread'; readonly detail: string };

/** Reads a copy whole and compares it with what was sealed. Rejects only with the signal's reason. */
export async function readCopy(
  vault: Vault,
  pool: DigestPool,
  copy: Pick<StoredCopy, 'key' | 'versionId'>,
  sealed: SealedContent,
  signal: AbortSignal,
): Promise<CopyReading> {
  if (copy.versionId === null) return { kind: 'bad', detail: 'There is no copy in this vault yet.' };
  const version = versionOf({ key: copy.key, versionId: copy.versionId }, sealed.size);
  try {
    const { size } = await vault.stat(version);
    if (size !== sealed.size) return { kind: 'bad', detail: `It has ${size} bytes; ${sealed.size} were sealed.` };
    const partSize = copyPartSize(vault, sealed.size);
    const found = await readBack({ vault, pool, version, partSize, ahead: null, signal });
    if (found.sha256 !== sealed.sha256 || found.sm3 !== sealed.sm3) {
      return {
        kind: 'bad',
        detail: `SHA-256 is ${found.sha256} over ${found.size} bytes; ${sealed.sha256} was sealed.`,
      };
    }
    return { kind: 'good', bytes: found.size };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof VaultError) {
      const gone = error.code === 'not_found' || error.code === 'corrupt';
      return { kind: gone ? 'bad' : 'unread', detail: error.message };
    }
    if (error instanceof WorkerError && error.code === 'object_incomplete')
      return { kind: 'bad', detail: error.message };
    throw error;
  }
}
