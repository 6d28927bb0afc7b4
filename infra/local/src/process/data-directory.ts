import { chmod, mkdir, open, statfs, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { LocalError, systemErrorCode } from '../errors.ts';

/**
 * Makes `directory` ours alone (mode 0700) and proves that it can be written and has `minFreeBytes` free.
 *
 * @throws LocalError `directory_not_writable`, `disk_full`
 */
export async function prepareDirectory(directory: string, minFreeBytes: number): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await chmod(directory, 0o700);
    const probe = join(directory, `.probe-${process.pid}`);
    const file = await open(probe, 'w', 0o600);
    try {
      await file.write('fengcun');
    } finally {
      await file.close();
      await unlink(probe);
    }
  } catch (error) {
    throw directoryError(directory, error);
  }
  const { bavail, bsize } = await statfs(directory);
  const free = bavail * bsize;
  if (free < minFreeBytes) throw diskFull(directory, free, minFreeBytes);
}

export function diskFull(directory: string, free?: number, wanted?: number): LocalError {
  const figures =
    free === undefined || wanted === undefined ? '' : `: ${mebibytes(free)} free, ${mebibytes(wanted)} needed`;
  return new LocalError(
    'disk_full',
    `The disk that holds ${directory} is full${figures}. Free some space, or use a directory on another disk.`,
  );
}

function directoryError(directory: string, cause: unknown): LocalError {
  const code = systemErrorCode(cause);
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFull(directory);
  return new LocalError(
    'directory_not_writable',
    `${directory} cannot be written (${code ?? String(cause)}). Give this user write permission, or use another directory.`,
    { cause },
  );
}

function mebibytes(bytes: number): string {
  return `${Math.floor(bytes / 1024 / 1024)} MiB`;
}
