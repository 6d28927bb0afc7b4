import { createHash } from 'node:crypto';
import { giveBack } from '@fengcun/runtime';
import { type ObjectKey, type ObjectVersion, type StoredPart, type Vault, VaultError } from '@fengcun/vault';

const mib = 1024 * 1024;

/** bytes; the same for the same size, so that an attempt can be taken up by another process */
export function copyPartSize(to: Vault, size: number): number {
  const fewEnough = Math.ceil(size / (to.capabilities.maxParts * 0.9) / mib) * mib;
  return Math.max(16 * mib, to.capabilities.minPartSize, fewEnough);
}

export interface SendOptions {
  readonly from: Vault;
  readonly version: ObjectVersion;
  readonly to: Vault;
  readonly key: ObjectKey;
  readonly signal: AbortSignal;
  /** Called before a byte is sent, and again once all parts are stored: what it writes down lets a later attempt adopt or abort. */
  readonly note: (transfer: string, parts: readonly StoredPart[] | null) => Promise<void>;
}

/** Sends a version to another vault, part by part; nothing of it is in memory but what is on its way. Answers the new version. */
export async function sendCopy(options: SendOptions): Promise<ObjectVersion> {
  const { version, to, key } = options;
  const partSize = copyPartSize(to, version.size);
  const transfer = await to.createTransfer(key, partSize);
  await options.note(transfer.id, null);
  const parts: StoredPart[] = [];
  for (let start = 0; start < version.size; start += partSize) {
    const range = { start, end: Math.min(version.size, start + partSize) };
    const writer = await to.openPart(transfer, parts.length + 1, 0);
    try {
      const digest = createHash('sha256');
      for await (const chunk of options.from.read(version, range, { fromMedium: true })) {
        options.signal.throwIfAborted();
        digest.update(chunk);
        await writer.write(chunk);
        giveBack(chunk);
      }
      parts.push(await writer.commit(digest.digest('hex')));
    } catch (error) {
      await writer.discard();
      throw error;
    }
  }
  await options.note(transfer.id, parts);
  return to.complete(transfer, parts);
}

/**
 * The object of an attempt that died after all its parts were stored, whether or not it had completed; null when there is none, and the parts
 * that may be left of it are removed.
 */
export async function adoptCopy(
  to: Vault,
  unfinished: { readonly key: ObjectKey; readonly transfer: string; readonly parts: unknown },
  size: number,
): Promise<ObjectVersion | null> {
  const transfer = { key: unfinished.key, id: unfinished.transfer, partSize: copyPartSize(to, size) };
  if (Array.isArray(unfinished.parts)) {
    try {
      // Written by `sendCopy` and by nobody else.
      return await to.complete(transfer, unfinished.parts as StoredPart[]);
    } catch (error) {
      if (!(error instanceof VaultError) || error.code === 'unavailable') throw error;
    }
  }
  await to.abort(transfer);
  return null;
}
