import { mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openHome } from './home.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fengcun-dock-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe('openHome', () => {
  test('makes what is missing, for its owner alone, and opens it again', async () => {
    const home = join(directory, 'not', 'there', 'yet');
    await openHome(home);
    const { journalDirectory } = await openHome(home);
    for (const made of [join(directory, 'not'), home, journalDirectory])
      expect((await stat(made)).mode & 0o777).toBe(0o700);
  });

  test('says which place cannot be used and what to do, where a file is in the way', async () => {
    await writeFile(join(directory, 'file'), '');
    await expect(openHome(join(directory, 'file', 'home'))).rejects.toMatchObject({
      code: 'home_unusable',
      message: expect.stringMatching(/file.home \(ENOTDIR\): choose another place with --home/),
    });
  });

  test('or a link that leads nowhere', async () => {
    await symlink(join(directory, 'nowhere'), join(directory, 'link'));
    await expect(openHome(join(directory, 'link'))).rejects.toMatchObject({ code: 'home_unusable' });
  });

  test.runIf(process.platform === 'linux').each(['/proc', '/proc/home', '/proc/self/a/home'])(
    'or a file system that makes no directories (%s)',
    async (place) => {
      await expect(openHome(place)).rejects.toMatchObject({
        code: 'home_unusable',
        text: { zh: `无法使用 ${place}（ENOENT）：请用 --home 或 FENGCUN_DOCK_HOME 另选位置。` },
      });
    },
  );
});
