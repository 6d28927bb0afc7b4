import { type ContentDigest, type DigestPool, type PartTree, SM3_COST } from '@fengcun/digest';
import { giveBack } from '@fengcun/runtime';
import type { ByteRange, ObjectVersion, Vault } from '@fengcun/vault';
import { WorkerError } from '../errors.ts';

/** Everything that sealing wants to know about a content. */
export const sealSelection = (partSize: number) => ({ sha256: true, sm3: true, partSize, tree: true }) as const;
export type SealDigest = ContentDigest<ReturnType<typeof sealSelection>>;

/** What the stored version was found to be. Digests are lower-case hex. */
export interface ReadBack {
  /** bytes of the version, every one of them read */
  readonly size: number;
  readonly sha256: string;
  readonly sm3: string;
  readonly parts: readonly string[];
  readonly tree: PartTree;
}

export interface ReadBackOptions {
  readonly vault: Vault;
  readonly pool: DigestPool;
  readonly version: ObjectVersion;
  readonly partSize: number;
  /** a digest that has been fed the first bytes of the upload while it arrived, or null; it is used up */
  readonly ahead: SealDigest | null;
  readonly signal: AbortSignal;
}

/**
 * Reads the whole version back and digests it (design: ingest, "Seal", 2). With a digest that ran ahead, what is left to do for SM3 - by far
 * the slowest - is the tail, but every byte of the version is still read: see `readBehind`.
 */
export async function readBack(options: ReadBackOptions): Promise<ReadBack> {
  const { ahead, version } = options;
  if (ahead !== null && ahead.size <= version.size) {
    const found = await readBehind(options, ahead);
    if (found !== null) return found;
  } else {
    ahead?.abort();
  }
  return readWhole(options);
}

async function readWhole({ vault, pool, version, partSize, signal }: ReadBackOptions): Promise<ReadBack> {
  const digest = pool.open(sealSelection(partSize));
  try {
    await feed(digest, vault, version, { start: 0, end: version.size }, signal);
    return await digest.finish();
  } finally {
    digest.abort();
  }
}

/**
 * Completes a digest that ran ahead and proves that it digested this version.
 *
 * What ran ahead was read from the staged parts before the object existed, so by itself it says nothing about the version: bytes may have
 * been changed in between by anyone with access to the medium. So the version is read in full, once, for the SHA-256 of each part - several
 * times cheaper than SM3, and spread over threads while SM3 catches up. The digest that ran ahead has computed the SHA-256 of each part of
 * what it was fed, too. If all of them are equal, both read the same bytes, unless somebody has found a SHA-256 collision; then its SHA-256,
 * SM3 and tree are the version's. If one differs the digest is worthless, the answer is null, and the version has to be digested afresh.
 *
 * The vault is asked for what is on its medium: of bytes written a moment ago the operating system's memory would tell the same whether or
 * not the disk has them.
 */
async function readBehind(options: ReadBackOptions, ahead: SealDigest): Promise<ReadBack | null> {
  const { vault, version, partSize, pool } = options;
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  const ranges = rangesOf(version.size, partSize, version.size - ahead.size);
  const digests = ranges.map(() => pool.open({ sha256: false, sm3: false, partSize, tree: false }));
  const guarded = async <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      failed.abort(error);
      throw error;
    });
  try {
    const [whole, ...checks] = await Promise.all([
      guarded(finishAhead(ahead, vault, version, signal)),
      ...digests.map(async (digest, at) => {
        await guarded(feed(digest, vault, version, ranges[at] ?? { start: 0, end: 0 }, signal));
        return digest.finish();
      }),
    ]);
    const parts = checks.flatMap((check) => check.parts);
    const same = parts.length === whole.parts.length && parts.every((sha256, at) => sha256 === whole.parts[at]);
    return same ? whole : null;
  } finally {
    failed.abort();
    ahead.abort();
    for (const digest of digests) digest.abort();
  }
}

async function finishAhead(ahead: SealDigest, vault: Vault, version: ObjectVersion, signal: AbortSignal) {
  await feed(ahead, vault, version, { start: ahead.size, end: version.size }, signal);
  return ahead.finish();
}

const mib = 1024 * 1024;

/**
 * One reader while SM3 still has as much to do anyway: a second would only take a core from it. Otherwise two, each with half the parts.
 */
function rangesOf(size: number, partSize: number, backlog: number): readonly ByteRange[] {
  const parts = Math.ceil(size / partSize);
  if (parts < 2 || size < 256 * mib || backlog * SM3_COST >= size) return [{ start: 0, end: size }];
  const middle = Math.floor(parts / 2) * partSize;
  return [
    { start: 0, end: middle },
    { start: middle, end: size },
  ];
}

async function feed(
  digest: Pick<ContentDigest, 'update'>,
  vault: Vault,
  version: ObjectVersion,
  range: ByteRange,
  signal: AbortSignal,
): Promise<void> {
  if (range.start === range.end) return;
  let read = 0;
  for await (const chunk of vault.read(version, range, { fromMedium: true })) {
    signal.throwIfAborted();
    await digest.update(chunk);
    read += chunk.length;
    giveBack(chunk);
  }
  if (read !== range.end - range.start) {
    throw new WorkerError('object_incomplete', `${read} of ${range.end - range.start} bytes from ${range.start}`);
  }
}
