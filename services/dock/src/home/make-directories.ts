import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/**
 * Makes a directory (mode 0700) with what is missing above it. Node's own recursive `mkdir` never ends below a directory that exists and in which
 * nothing can be made for "no such file", as on procfs: it makes the parent, is told the same, and begins anew. Here each is tried twice at most.
 */
export async function makeDirectories(directory: string): Promise<void> {
  const path = resolve(directory);
  try {
    await makeDirectory(path);
  } catch (error) {
    const parent = dirname(path);
    if (!isMissing(error) || parent === path) throw error;
    await makeDirectories(parent);
    await makeDirectory(path);
  }
}

async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    // Which error an existing directory is answered with depends on the system; a missing parent is the caller's matter.
    if (isMissing(error) || !(await isDirectory(path))) throw error;
  }
}

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';

const isDirectory = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
