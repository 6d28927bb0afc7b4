import type { ObjectKey, ObjectVersion, Vault } from '@fengcun/vault';
import { parseObjectKey, VaultError } from '@fengcun/vault';
import { type LockWish, lockCopy } from '../retention/lock-copy.ts';

const chunk = 1024 * 1024;

/** Key of the object with the leaves of the part tree of what is kept under `key`. */
export const leavesKey = (key: string): ObjectKey => parseObjectKey(`${key}.tree`);

/** Writes leaves (32 bytes each, in the order of the content) under a key as a record. */
export function writeLeaves(vault: Vault, key: ObjectKey, leaves: Uint8Array): Promise<ObjectVersion> {
  return vault.write(key, chunksOf(leaves), 'record');
}

/** Writes leaves and locks them as the copy they stand beside. */
export async function keepLeaves(
  vault: Vault,
  key: ObjectKey,
  leaves: Uint8Array,
  wish: LockWish,
  now: Date,
): Promise<ObjectVersion> {
  const version = await writeLeaves(vault, key, leaves);
  await lockCopy(vault, version, wish, now);
  return version;
}

/**
 * - `good`: the object has exactly the leaves that were computed from the copy
 * - `bad`: it has others, or is gone
 * - `unread`: the vault could not be asked
 */
export type LeavesReading = 'good' | 'bad' | 'unread';

/** Reads the object whole and compares it. Rejects only with the signal's reason. */
export async function readLeaves(
  vault: Vault,
  version: ObjectVersion,
  leaves: Uint8Array,
  signal: AbortSignal,
): Promise<LeavesReading> {
  try {
    if ((await vault.stat(version)).size !== leaves.length) return 'bad';
    let at = 0;
    for await (const bytes of vault.read(version)) {
      signal.throwIfAborted();
      if (Buffer.compare(bytes, leaves.subarray(at, at + bytes.length)) !== 0) return 'bad';
      at += bytes.length;
    }
    return at === leaves.length ? 'good' : 'bad';
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof VaultError)) throw error;
    return error.code === 'not_found' || error.code === 'corrupt' ? 'bad' : 'unread';
  }
}

async function* chunksOf(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk);
}
