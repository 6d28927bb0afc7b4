import { createHash, randomBytes } from 'node:crypto';
import { appendFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openHome } from '../home/home.ts';
import { openDigestCache } from './digest-cache.ts';
import { digestFile } from './digest-file.ts';
import { scan } from './scan.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fengcun-dock-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe('scan', () => {
  test('finds recordings in every folder, whatever their names, and leaves out its own notes, hidden files and links', async () => {
    await mkdir(join(directory, '2026 年', '.Trash'), { recursive: true });
    const names = ['2026 年/现场 执法 🚓_0007.MP4', 'a.wav', '票据.pdf', 'noext'];
    for (const name of names) await writeFile(join(directory, name), name);
    await writeFile(join(directory, 'a.wav.receipt.json'), '{}');
    await writeFile(join(directory, '2026 年/.Trash/x.mp4'), 'x');
    await symlink('/etc/passwd', join(directory, 'link.mp4'));
    const files = await scan(directory, /_(\d+)\./u);
    expect(files.map(({ name, kind, sequence }) => [name, kind, sequence])).toEqual([
      ['2026 年/现场 执法 🚓_0007.MP4', 'video', 7],
      ['a.wav', 'audio', undefined],
      ['noext', 'other', undefined],
      ['票据.pdf', 'document', undefined],
    ]);
  });

  test('says what to do when the folder cannot be read', async () => {
    await expect(scan(join(directory, 'missing'))).rejects.toThrow(/Name the folder the device is mounted at/);
  });
});

describe('digestFile', () => {
  test.each([0, 1, 4 * 1024 * 1024, 9 * 1024 * 1024 + 7])(
    'of %i bytes is the SHA-256, and every byte is counted once',
    async (size) => {
      const bytes = randomBytes(size);
      await writeFile(join(directory, 'f'), bytes);
      let counted = 0;
      const digest = await digestFile(join(directory, 'f'), (n) => {
        counted += n;
      });
      expect(digest).toBe(createHash('sha256').update(bytes).digest('hex'));
      expect(counted).toBe(size);
    },
  );
});

describe('digest cache', () => {
  test('survives a restart and a line cut short by a power failure', async () => {
    const home = await openHome(join(directory, 'home'));
    const file = { path: '/media/现场.mp4', size: 5, modifiedAt: new Date(1000) };
    await (await openDigestCache(home)).set(file, 'ab');
    await appendFile(join(home.directory, 'digests.jsonl'), '["5:1000:/med');
    const reopened = await openDigestCache(home);
    expect(reopened.get(file)).toBe('ab');
    expect(reopened.get({ ...file, modifiedAt: new Date(2000) })).toBeUndefined();
    expect(reopened.get({ ...file, size: 6 })).toBeUndefined();
  });
});
