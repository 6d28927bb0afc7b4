import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from '../home/durable-file.ts';
import type { Home } from '../home/home.ts';

/** What identifies an unchanged file without reading it. */
export interface FileStamp {
  readonly path: string;
  readonly size: number;
  readonly modifiedAt: Date;
}

/** Digests of files already read, so that an agent restarted in the middle of 100 GB need not read them again. */
export interface DigestCache {
  get(file: FileStamp): string | undefined;
  set(file: FileStamp, sha256: string): Promise<void>;
}

const maxLines = 200_000;

/** Loads the cache from the agent's home; a damaged line (power cut in mid-append) is skipped. */
export async function openDigestCache(home: Home): Promise<DigestCache> {
  const path = join(home.directory, 'digests.jsonl');
  const known = new Map<string, string>();
  const lines = (await readFile(path, 'utf8').catch(() => '')).split('\n');
  for (const line of lines) {
    const record = parseLine(line);
    if (record) known.set(record[0], record[1]);
  }
  if (lines.length > maxLines) {
    await writeDurably(
      path,
      [...known]
        .slice(-maxLines / 2)
        .map((record) => `${JSON.stringify(record)}\n`)
        .join(''),
    );
  }
  return {
    get: (file) => known.get(keyOf(file)),
    async set(file, sha256) {
      known.set(keyOf(file), sha256);
      await appendFile(path, `${JSON.stringify([keyOf(file), sha256])}\n`, { mode: 0o600 });
    },
  };
}

const keyOf = ({ path, size, modifiedAt }: FileStamp) => `${size}:${modifiedAt.getTime()}:${path}`;

function parseLine(line: string): [string, string] | undefined {
  try {
    const value: unknown = JSON.parse(line);
    const [key, sha256] = Array.isArray(value) ? value : [];
    return typeof key === 'string' && typeof sha256 === 'string' ? [key, sha256] : undefined;
  } catch {
    return undefined;
  }
}
