import { open } from 'node:fs/promises';
import { DigestError, DigestPool } from '@fengcun/digest';
import { VerifierError, type VerifierErrorCode } from '../errors.ts';
import { parseKeyList } from '../keys/key-list.ts';
import { MAX_RECEIPT_BYTES } from '../receipt/receipt.ts';
import type { Text } from '../report/report.ts';
import type { Content } from '../verify/content-legs.ts';

const CHUNK_BYTES = 4 * 1024 * 1024;
const MAX_KEYS_BYTES = 1024 * 1024;

/** The receipt's bytes. Throws `receipt_missing` or `receipt_unreadable`, also for what is too large to be a receipt. */
export async function readReceipt(path: string): Promise<Uint8Array> {
  return readSmall(path, MAX_RECEIPT_BYTES, 'receipt_missing', 'receipt_unreadable', {
    zh: '太大，不像回执；是否把文件和回执的次序写反了？',
    en: 'too large for a receipt; were FILE and RECEIPT given in the wrong order?',
  });
}

/** The trusted vkeys of all keys files together. Throws `keys_missing` or `keys_malformed`. */
export async function readKeys(paths: readonly string[]): Promise<string[]> {
  const lists = paths.map(async (path) => {
    const tooLarge = { zh: '太大，不是公钥文件。', en: 'too large for a keys file.' };
    return parseKeyList(
      new TextDecoder().decode(await readSmall(path, MAX_KEYS_BYTES, 'keys_missing', 'keys_malformed', tooLarge)),
    );
  });
  return (await Promise.all(lists)).flat();
}

/**
 * Reads a file once, whatever its size, in bounded memory, and digests it on other threads. `onProgress` gets the bytes read so far and
 * the size the file had when opened. Throws `file_missing` or `file_unreadable`.
 */
export async function readContent(path: string, onProgress: (read: number, size: number) => void): Promise<Content> {
  await using pool = closing(new DigestPool());
  const digest = openDigest(pool.value);
  try {
    await using file = await open(path);
    const { size } = await file.stat();
    // Two buffers: the disk fills one while the digest takes the other.
    const buffers = [new Uint8Array(CHUNK_BYTES), new Uint8Array(CHUNK_BYTES)] as const;
    let read = 0;
    let pending = file.read(buffers[0]);
    for (let turn = 1; ; turn++) {
      const { bytesRead, buffer } = await pending;
      if (bytesRead === 0) break;
      pending = file.read(buffers[turn % 2 === 0 ? 0 : 1]);
      pending.catch(() => undefined);
      await digest.update(buffer.subarray(0, bytesRead));
      read += bytesRead;
      onProgress(read, size);
    }
    const { sha256, sm3, tree, size: digested } = await digest.finish();
    return { size: digested, sha256, sm3, tree: tree && { leafSize: tree.leafSize, root: tree.root } };
  } catch (cause) {
    digest.abort();
    throw readError(cause, path, 'file_missing', 'file_unreadable');
  }
}

/** Some builds of OpenSSL leave SM3 out; then it is reported as not checked, and everything else still is. */
function openDigest(pool: DigestPool) {
  const selection = { sha256: true, sm3: true as boolean, partSize: null, tree: true } as const;
  try {
    return pool.open(selection);
  } catch (error) {
    if (error instanceof DigestError && error.code === 'unsupported') return pool.open({ ...selection, sm3: false });
    throw error;
  }
}

function closing(pool: DigestPool): AsyncDisposable & { readonly value: DigestPool } {
  return { value: pool, [Symbol.asyncDispose]: () => pool.close() };
}

async function readSmall(
  path: string,
  limit: number,
  missing: VerifierErrorCode,
  unreadable: VerifierErrorCode,
  tooLarge: Text,
): Promise<Uint8Array> {
  try {
    await using file = await open(path);
    const buffer = new Uint8Array(limit + 1);
    let length = 0;
    for (;;) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    if (length > limit)
      throw new VerifierError(unreadable, { zh: `${path} ${tooLarge.zh}`, en: `${path} is ${tooLarge.en}` });
    return buffer.subarray(0, length);
  } catch (cause) {
    if (cause instanceof VerifierError) throw cause;
    throw readError(cause, path, missing, unreadable);
  }
}

function readError(
  cause: unknown,
  path: string,
  missing: VerifierErrorCode,
  unreadable: VerifierErrorCode,
): VerifierError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new VerifierError(
      missing,
      { zh: `找不到 ${path}；请检查路径。`, en: `${path} does not exist; check the path.` },
      { cause },
    );
  }
  if (code === 'EISDIR') {
    return new VerifierError(
      unreadable,
      { zh: `${path} 是目录，需要的是文件。`, en: `${path} is a directory; a file is needed.` },
      { cause },
    );
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new VerifierError(
      unreadable,
      { zh: `没有读取 ${path} 的权限。`, en: `You may not read ${path}.` },
      { cause },
    );
  }
  const why = cause instanceof Error ? cause.message : String(cause);
  return new VerifierError(
    unreadable,
    { zh: `读取 ${path} 时出错：${why}`, en: `Reading ${path} failed: ${why}` },
    { cause },
  );
}
