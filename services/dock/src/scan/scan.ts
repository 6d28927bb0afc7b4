import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { MediaKind } from '@fengcun/contracts';
import { DockError } from '../errors.ts';
import { isAgentsOwn } from '../receipt/receipt-file.ts';
import { mediaKindOf } from './media-kind.ts';
import { unreadable } from './unreadable.ts';

/** A file found on a device. */
export interface FoundFile {
  readonly path: string;
  /** path below the scanned directory, with `/` */
  readonly name: string;
  /** bytes */
  readonly size: number;
  readonly modifiedAt: Date;
  readonly kind: MediaKind;
  /** the device's running number, where `sequencePattern` finds one in the name */
  readonly sequence: number | undefined;
}

/** A file or folder that a device does not give. */
export interface UnreadableEntry {
  readonly name: string;
  readonly error: DockError;
}

export interface Scan {
  /** in order of their paths */
  readonly files: readonly FoundFile[];
  readonly unreadable: readonly UnreadableEntry[];
}

/**
 * All regular files below `directory`; the agent's own notes, hidden files and links are left out. A folder below it that cannot be read
 * keeps no other from being found. Rejects `usage` when `directory` itself cannot be read.
 */
export async function scan(directory: string, sequencePattern?: RegExp): Promise<Scan> {
  const files: FoundFile[] = [];
  const unreadables: UnreadableEntry[] = [];
  const enter = async (folder: string, entries: readonly Dirent[]): Promise<void> => {
    for (const entry of entries) {
      if (entry.name.startsWith('.')) continue;
      const path = join(folder, entry.name);
      const name = relative(directory, path).split(sep).join('/');
      try {
        if (entry.isDirectory()) await enter(path, await readdir(path, { withFileTypes: true }));
        if (!entry.isFile() || isAgentsOwn(name)) continue;
        const { size, mtime } = await stat(path);
        const sequence = sequenceOf(name, sequencePattern);
        files.push({ path, name, size, modifiedAt: mtime, kind: mediaKindOf(name), sequence });
      } catch (cause) {
        const error = cause as NodeJS.ErrnoException;
        // Gone since it was listed: there is nothing to take.
        if (error.code !== 'ENOENT') unreadables.push({ name, error: unreadable(path, error) });
      }
    }
  };
  const top = await readdir(directory, { withFileTypes: true }).catch((cause: NodeJS.ErrnoException) => {
    throw new DockError(
      'usage',
      {
        zh: `无法读取 ${directory}（${cause.code}）。请给出设备挂载的文件夹。`,
        en: `Cannot read ${directory} (${cause.code}). Name the folder the device is mounted at.`,
      },
      { cause },
    );
  });
  await enter(directory, top);
  return { files: files.sort((a, b) => (a.path < b.path ? -1 : 1)), unreadable: unreadables };
}

function sequenceOf(name: string, pattern: RegExp | undefined): number | undefined {
  const digits = pattern?.exec(name)?.[1];
  const number = digits === undefined ? Number.NaN : Number(digits);
  return Number.isSafeInteger(number) && number >= 0 && number <= 2_147_483_647 ? number : undefined;
}
