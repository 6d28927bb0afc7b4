import { randomBytes } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemErrorCode } from '../errors.ts';

/**
 * The password kept in `path` (mode 0600), made on first use: 32 random bytes as hex, so that it needs no escaping in URLs or
 * configuration files. It is complete and durable before it appears under its name.
 */
export async function readOrCreateSecret(path: string): Promise<string> {
  try {
    const kept = (await readFile(path, 'utf8')).trim();
    if (kept !== '') return kept;
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error;
  }
  const secret = randomBytes(32).toString('hex');
  await writeFileDurably(path, `${secret}\n`);
  return secret;
}

/** Replaces `path` by `text` in one step that survives power loss. */
export async function writeFileDurably(path: string, text: string): Promise<void> {
  const partial = `${path}.partial`;
  const file = await open(partial, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(partial, path);
  await syncDirectory(dirname(path));
}

export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
