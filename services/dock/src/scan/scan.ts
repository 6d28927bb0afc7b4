import { readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { MediaKind } from '@fengcun/contracts';
import { DockError } from '../errors.ts';
import { isAgentsOwn } from '../receipt/receipt-file.ts';
import { mediaKindOf } from './media-kind.ts';

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

/** All regular files below `directory` in name order; the agent's own notes, hidden files and links are left out. */
export async function scan(directory: string, sequencePattern?: RegExp): Promise<readonly FoundFile[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(
    (cause: NodeJS.ErrnoException) => {
      throw new DockError(
        'usage',
        {
          zh: `无法读取 ${directory}（${cause.code}）。请给出设备挂载的文件夹。`,
          en: `Cannot read ${directory} (${cause.code}). Name the folder the device is mounted at.`,
        },
        { cause },
      );
    },
  );
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !isLeftOut(relative(directory, path)))
    .sort();
  const files: FoundFile[] = [];
  for (const path of paths) {
    const { size, mtime } = await stat(path);
    const name = relative(directory, path).split(sep).join('/');
    files.push({
      path,
      name,
      size,
      modifiedAt: mtime,
      kind: mediaKindOf(name),
      sequence: sequenceOf(name, sequencePattern),
    });
  }
  return files;
}

const isLeftOut = (name: string) => isAgentsOwn(name) || name.split(sep).some((part) => part.startsWith('.'));

function sequenceOf(name: string, pattern: RegExp | undefined): number | undefined {
  const digits = pattern?.exec(name)?.[1];
  const number = digits === undefined ? Number.NaN : Number(digits);
  return Number.isSafeInteger(number) && number >= 0 && number <= 2_147_483_647 ? number : undefined;
}
