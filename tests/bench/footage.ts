import { randomBytes } from 'node:crypto';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';

const block = 8 * 1024 * 1024;

/** `count` files of `size` bytes in `directory`, incompressible. Answers their paths. */
export async function makeFiles(directory: string, count: number, size: number): Promise<readonly string[]> {
  await mkdir(directory, { recursive: true });
  const bytes = randomBytes(block);
  const paths: string[] = [];
  for (let i = 0; i < count; i++) {
    const path = join(directory, `录像 ${i + 1}.mp4`);
    await using file = await open(path, 'w');
    for (let written = 0; written < size; written += block) {
      bytes.writeBigUInt64LE(BigInt(written), 0);
      await file.write(bytes, 0, Math.min(block, size - written));
    }
    paths.push(path);
  }
  return paths;
}

/** Makes a file another recording by changing a few bytes of it: what was sealed once is not sent again. */
export async function makeNew(path: string): Promise<void> {
  await using file = await open(path, 'r+');
  await file.write(randomBytes(16), 0, 16, 4096);
}
