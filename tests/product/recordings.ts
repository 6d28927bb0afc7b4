import { execFile } from 'node:child_process';
import { createCipheriv, createHash } from 'node:crypto';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type ClipKind, makeClip } from '@fengcun/media/testing';

const execute = promisify(execFile);

/** Clips are kept between runs: making them is most of what a run would wait for. */
const clips = join(tmpdir(), `fengcun-system-clips-${process.getuid?.() ?? 0}-v1`);

/** Puts a clip of that kind at `path`. */
export async function placeClip(kind: ClipKind, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await copyFile(await makeClip(kind, clips), path);
}

/** Bytes that look like a recording's: they do not repeat, and the same seed gives the same. */
export function bytesOf(size: number, seed: string | number): Buffer {
  const key = createHash('sha256').update(String(seed)).digest();
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size));
}

export async function placeBytes(path: string, size: number, seed: string | number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytesOf(size, seed));
}

export interface Digests {
  readonly sha256: string;
  readonly sm3: string;
}

/** What another implementation says of a file. */
export async function opensslDigests(path: string): Promise<Digests> {
  const digest = async (algorithm: string) => {
    const { stdout } = await execute('openssl', ['dgst', `-${algorithm}`, '-r', path]);
    return stdout.split(' ')[0] ?? '';
  };
  const [sha256, sm3] = await Promise.all([digest('sha256'), digest('sm3')]);
  return { sha256, sm3 };
}

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
