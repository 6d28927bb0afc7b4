import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { VaultError } from '../errors.ts';
import { asVaultError, errnoOf, except, type FileSystem, syncDirectory } from './filesystem.ts';
import type { Layout } from './layout.ts';

const FORMAT = 'fengcun-disk-vault';
const FORMAT_VERSION = 1;
const TEMPORARY = '.fengcun-vault-';

/**
 * Makes `root` a vault, or checks that it is one and can be written. Rejects `read_only`, `invalid` (a directory with other
 * things in it, or another format), `no_space`, `unavailable`. Two processes may do this at the same time.
 */
export async function openRoot(fileSystem: FileSystem, root: string, layout: Layout): Promise<void> {
  try {
    await fileSystem.mkdir(root, { recursive: true, mode: 0o750 });
    if ((await except('ENOENT', null, fileSystem.stat(layout.marker))) === null) {
      await mark(fileSystem, root, layout);
    }
    await checkMarker(fileSystem, root, layout);
    for (const directory of [layout.staging, layout.objects, layout.locks]) {
      await except('EEXIST', undefined, fileSystem.mkdir(directory, 0o750));
    }
    await syncDirectory(fileSystem, root);
    for (const directory of [layout.staging, layout.objects, layout.locks]) await tryWriting(fileSystem, directory);
  } catch (error) {
    if (error instanceof VaultError) throw error;
    const errno = errnoOf(error);
    if (errno === 'EROFS' || errno === 'EACCES' || errno === 'EPERM') {
      throw new VaultError(
        'read_only',
        `The vault directory ${root} cannot be written by this process (${errno}); mount it read-write and give it to the user the service runs as.`,
        { cause: error },
      );
    }
    throw asVaultError(error, `Opening the vault directory ${root}`);
  }
}

async function mark(fileSystem: FileSystem, root: string, layout: Layout): Promise<void> {
  const strangers = (await fileSystem.readdir(root)).filter(
    (name) => name !== 'lost+found' && name !== 'vault.json' && !name.startsWith(TEMPORARY),
  );
  // Another process may have marked the directory since we looked, and gone on.
  if (strangers.length > 0 && (await except('ENOENT', null, fileSystem.stat(layout.marker))) === null) {
    throw new VaultError(
      'invalid',
      `${root} is not empty and no vault (it holds ${strangers.slice(0, 3).join(', ')}); name an empty directory.`,
    );
  }
  const temporary = join(root, `${TEMPORARY}${randomUUID()}`);
  const handle = await fileSystem.open(temporary, 'wx', 0o440);
  try {
    await handle.writeFile(`${JSON.stringify({ format: FORMAT, version: FORMAT_VERSION })}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await except('EEXIST', undefined, fileSystem.link(temporary, layout.marker));
  await fileSystem.unlink(temporary);
}

async function checkMarker(fileSystem: FileSystem, root: string, layout: Layout): Promise<void> {
  const handle = await fileSystem.open(layout.marker, 'r');
  const text = await handle.readFile('utf8').finally(() => handle.close());
  const marker = parseJson(text);
  const known =
    typeof marker === 'object' &&
    marker !== null &&
    'format' in marker &&
    marker.format === FORMAT &&
    'version' in marker &&
    marker.version === FORMAT_VERSION;
  if (!known) {
    throw new VaultError(
      'invalid',
      `${root} holds a vault of a format this version does not know: ${text.slice(0, 100)}`,
    );
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function tryWriting(fileSystem: FileSystem, directory: string): Promise<void> {
  const path = join(directory, `${TEMPORARY}${randomUUID()}`);
  await (await fileSystem.open(path, 'wx', 0o600)).close();
  await fileSystem.unlink(path);
}
