import * as fs from 'node:fs/promises';
import { VaultError, type VaultErrorCode } from '../errors.ts';

/** The calls this driver makes, so that tests can stop it between any two of them. */
export type FileSystem = Pick<
  typeof fs,
  'open' | 'link' | 'unlink' | 'rmdir' | 'mkdir' | 'readdir' | 'stat' | 'statfs' | 'chmod'
>;

export const localFileSystem: FileSystem = fs;

const CODES: Readonly<Record<string, VaultErrorCode>> = {
  ENOENT: 'not_found',
  ENOSPC: 'no_space',
  EDQUOT: 'no_space',
  EFBIG: 'no_space',
  EROFS: 'read_only',
  EACCES: 'read_only',
  EPERM: 'read_only',
};

const ADVICE: Partial<Record<VaultErrorCode, string>> = {
  not_found: 'it does not exist, or no longer',
  no_space: 'the disk is full; free space or enlarge it, then send the bytes again',
  read_only: 'this process may not write there; check the mount and the permissions of the vault directory',
};

/** Runs file system calls; what they fail with becomes a `VaultError` that says what was being done. */
export async function attempt<T>(action: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asVaultError(error, action);
  }
}

export function asVaultError(error: unknown, action: string): VaultError {
  if (error instanceof VaultError) return error;
  const errno = errnoOf(error);
  const code = (errno === null ? undefined : CODES[errno]) ?? 'unavailable';
  const advice = ADVICE[code] ?? 'the file system reported an error; look at the system log, then retry';
  return new VaultError(code, `${action} failed (${errno ?? 'unknown error'}): ${advice}.`, { cause: error });
}

export function errnoOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

/** Resolves with `fallback` when the work fails with `errno`. */
export async function except<T, F>(errno: string, fallback: F, work: Promise<T>): Promise<T | F> {
  try {
    return await work;
  } catch (error) {
    if (errnoOf(error) === errno) return fallback;
    throw error;
  }
}

/** Makes the entries of a directory durable: a file that is fsynced but not in its directory is lost with the power. */
export async function syncDirectory(fileSystem: FileSystem, path: string): Promise<void> {
  const handle = await fileSystem.open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
