import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, readdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const { NODE_COMPILE_CACHE: _, ...environment } = process.env;

let clone: string;
let cache: string;
beforeEach(async () => {
  clone = await mkdtemp(join(tmpdir(), 'fengcun-clone-'));
  cache = join(clone, '.tools/compile-cache');
  await mkdir(join(clone, 'scripts/lib'), { recursive: true });
  await mkdir(join(clone, '.tools'));
  await copyFile(new URL('toolchain.sh', import.meta.url), join(clone, 'scripts/lib/toolchain.sh'));
});
afterEach(() => rm(clone, { recursive: true, force: true }));

/** What a program started by a script of the clone says. */
async function start(...command: string[]): Promise<string> {
  const script = `. "${join(clone, 'scripts/lib/toolchain.sh')}"; use_compile_cache; "$@"`;
  const { stdout } = await run('bash', ['-euc', script, 'start', ...command], { env: environment });
  return stdout;
}
const cacheOfStart = () => start('sh', '-c', 'printenv NODE_COMPILE_CACHE || echo none');

describe('the compile cache', () => {
  it('is made for its owner alone, and used again', async () => {
    expect(await cacheOfStart()).toBe(`${cache}\n`);
    expect((await stat(cache)).mode & 0o777).toBe(0o700);
    expect(await cacheOfStart()).toBe(`${cache}\n`);
  });

  it('is left alone where others can write, and says so', async () => {
    await mkdir(cache);
    await chmod(cache, 0o777);
    expect(await cacheOfStart()).toMatch(/compile-cache can be written by others[\s\S]*\nnone\n$/);
  });

  it('is not followed to somewhere else', async () => {
    await mkdir(join(clone, 'elsewhere'), { mode: 0o700 });
    await symlink(join(clone, 'elsewhere'), cache);
    expect(await cacheOfStart()).toMatch(/\nnone\n$/);
  });

  it('is done without where it cannot be made', async () => {
    await writeFile(cache, 'a file');
    expect(await cacheOfStart()).toBe('none\n');
  });

  it('never runs what is damaged, swapped or older than its source', async () => {
    const [one, two] = [join(clone, 'one.ts'), join(clone, 'two.ts')];
    await writeFile(one, "const said: string = 'one';\nconsole.log(said);\n");
    await writeFile(two, "const said: string = 'two';\nconsole.log(said);\n");
    expect([await start('node', one), await start('node', two)]).toEqual(['one\n', 'two\n']);

    const entries = async () =>
      (await readdir(cache, { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name));
    const [first, second, ...rest] = await entries();
    if (first === undefined || second === undefined) throw new Error('nothing was cached');
    await rename(first, `${first}.kept`);
    await rename(second, first);
    await rename(`${first}.kept`, second);
    expect([await start('node', one), await start('node', two)]).toEqual(['one\n', 'two\n']);

    for (const entry of [first, second, ...rest]) await writeFile(entry, 'neither code nor types');
    expect([await start('node', one), await start('node', two)]).toEqual(['one\n', 'two\n']);

    await writeFile(one, "const said: string = 'eno';\nconsole.log(said);\n");
    expect(await start('node', one)).toBe('eno\n');
  });
});
