import { createHash } from 'node:crypto';
import { decryptCopy, type IssuedCopyRecord } from '@fengcun/catalog';
import { type ByteRange, type ObjectVersion, parseObjectKey, type Vault } from '@fengcun/vault';

/** A copy that can be sent. */
export interface ReadyCopy {
  readonly id: string;
  readonly object: ObjectVersion;
  readonly key: Uint8Array;
  readonly sha256: Buffer;
  readonly size: number;
}

/** The copy's place and key, or undefined while it has none. */
export function readyCopyOf(record: IssuedCopyRecord): ReadyCopy | undefined {
  const { state, key, vault_key: objectKey, vault_version: versionId, size, sha256 } = record;
  if (state !== 'ready' || !key || objectKey === null || versionId === null || size === null || !sha256)
    return undefined;
  return { id: record.id, object: { key: parseObjectKey(objectKey), versionId, size }, key, sha256, size };
}

/** RFC 9530: a structured dictionary with a byte sequence. */
export const digestField = (sha256: Uint8Array): string => `sha-256=:${Buffer.from(sha256).toString('base64')}:`;

/** A range of the copy, decrypted; the whole of it `asStored`. */
export async function* bytesOf(vault: Vault, copy: ReadyCopy, range: ByteRange): AsyncGenerator<Uint8Array> {
  const bytes = decryptCopy(copy.key, vault.read(copy.object, range), range.start);
  const whole = range.start === 0 && range.end === copy.size;
  yield* whole ? asStored(bytes, copy.sha256, `copy ${copy.id}`) : bytes;
}

/**
 * The whole of something from the vault, digested as it leaves. Its last piece is held back until the digest is right: what the vault has
 * spoilt breaks off, and is never taken for complete. `what` names it for the log.
 */
export async function* asStored(
  bytes: AsyncIterable<Uint8Array>,
  sha256: Buffer,
  what: string,
): AsyncGenerator<Uint8Array> {
  const digest = createHash('sha256');
  let held: Uint8Array | null = null;
  for await (const chunk of bytes) {
    digest.update(chunk);
    if (held) yield held;
    held = chunk;
  }
  if (!digest.digest().equals(sha256)) throw new Error(`The vault does not give ${what} as it was stored`);
  if (held) yield held;
}
