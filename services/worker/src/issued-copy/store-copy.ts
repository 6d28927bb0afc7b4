import { type CopyClaim, encryptCopy } from '@fengcun/catalog';
import type { DigestPool } from '@fengcun/digest';
import { type ObjectVersion, parseObjectKey, type Vault } from '@fengcun/vault';

export interface StoredCopy {
  readonly object: ObjectVersion;
  /** hex, of the copy's own bytes */
  readonly sha256: string;
  /** hex; null unless asked for */
  readonly sm3: string | null;
}

/**
 * Sends a copy's bytes to the vault, digested as they are and encrypted with the claim's key, so that what a crash leaves there tells nobody
 * anything. `took` is called with the number of bytes so far.
 */
export async function storeCopy(
  { vault, pool }: { readonly vault: Vault; readonly pool: DigestPool },
  claim: Pick<CopyClaim, 'vaultKey' | 'key'>,
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
  took: (bytes: number) => void = () => undefined,
  also: { readonly sm3: boolean } = { sm3: false },
): Promise<StoredCopy> {
  const digest = pool.open({ sha256: true, sm3: also.sm3, partSize: null, tree: false });
  async function* digested(): AsyncGenerator<Uint8Array> {
    let bytes = 0;
    for await (const chunk of source) {
      signal.throwIfAborted();
      await digest.update(chunk);
      yield chunk;
      bytes += chunk.length;
      took(bytes);
    }
  }
  try {
    const object = await vault.write(parseObjectKey(claim.vaultKey), encryptCopy(claim.key, digested()));
    const { sha256, sm3, size } = await digest.finish();
    if (object.size !== size) throw new Error(`The vault took ${object.size} bytes of a copy of ${size}`);
    return { object, sha256, sm3 };
  } catch (error) {
    digest.abort();
    throw error;
  }
}
