import { type Finding, findingOf } from '@fengcun/contracts';
import type { ContentDigests, DigestPool } from '@fengcun/digest';
import { giveBack } from '@fengcun/runtime';
import { type ObjectVersion, type Vault, VaultError } from '@fengcun/vault';

const selection = { sha256: true, sm3: true, partSize: null, tree: true } as const;

/** What reading a stored version to its end came to. `bytes` were really read in either case. */
export type ContentRead =
  | { readonly kind: 'whole'; readonly bytes: number; readonly digests: ContentDigests<typeof selection> }
  /** the vault does not have what was sealed */
  | { readonly kind: 'damaged'; readonly bytes: number; readonly why: Finding }
  /** the vault could not be asked */
  | { readonly kind: 'unread'; readonly bytes: number; readonly why: Finding };

/** Reads the version once, from its first byte to its last, into all digests. Rejects with the signal's reason when it is aborted. */
export async function readContent(
  { vault, pool }: { readonly vault: Vault; readonly pool: DigestPool },
  version: ObjectVersion,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<ContentRead> {
  using digest = pool.open(selection);
  let bytes = 0;
  try {
    for await (const chunk of untilAborted(vault.read(version, undefined, { fromMedium: true }), signal)) {
      await digest.update(chunk);
      bytes += chunk.length;
      onBytes(bytes);
      giveBack(chunk);
    }
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof VaultError)) throw error;
    const kind = error.code === 'not_found' || error.code === 'corrupt' ? 'damaged' : 'unread';
    return { kind, bytes, why: findingOf('vault', error) };
  }
  return { kind: 'whole', bytes, digests: await digest.finish() };
}

/** Stops at once when aborted, also while a vault that hangs gives nothing. */
async function* untilAborted<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncIterable<T> {
  const iterator = source[Symbol.asyncIterator]();
  const aborted = Promise.withResolvers<never>();
  aborted.promise.catch(() => undefined);
  const onAbort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    signal.throwIfAborted();
    for (;;) {
      const { done, value } = await Promise.race([iterator.next(), aborted.promise]);
      if (done) return;
      yield value;
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    // Not awaited: behind a read that hangs it would wait for ever.
    iterator.return?.().catch(() => undefined);
  }
}
