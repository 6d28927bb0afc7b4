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
    const { files, unreadable } = await scan(directory, /_(\d+)\./u);
    expect(unreadable).toEqual([]);
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

  test.each([
    ['is not there', 'missing.mp4', 'ENOENT'],
    ['opens and gives no bytes', '.', 'EISDIR'],
  ])('of a file that %s says so, and what to do', async (_, name, code) => {
    const path = join(directory, name);
    const failed = digestFile(path, () => undefined);
    await expect(failed).rejects.toMatchObject({ name: 'DockError', code: 'not_sealed' });
    await expect(failed).rejects.toThrow(`${path} cannot be read (${code}). Check the device`);
  });

  test('ends when it is told to, with the reason it is given', async () => {
    await writeFile(join(directory, 'f'), randomBytes(32 * 1024 * 1024));
    const stop = new AbortController();
    const reason = new Error('enough');
    await expect(digestFile(join(directory, 'f'), () => stop.abort(reason), stop.signal)).rejects.toBe(reason);
  });
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
