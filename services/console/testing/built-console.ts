import { createHash, randomUUID } from 'node:crypto';
import { glob, mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * The console as `vite build` makes it from the sources as they are now; built once for each state of them, whoever asks first.
 * @returns the folder with index.html
 */
export async function builtConsole(): Promise<string> {
  const dir = join(tmpdir(), 'fengcun-console-builds');
  const outDir = join(dir, (await sourcesDigest()).slice(0, 24));
  if (await exists(outDir)) return outDir;
  await mkdir(dir, { recursive: true });
  const own = join(dir, `making-${randomUUID()}`);
  // Test runners set this for themselves; the console is built as it is shipped.
  const before = process.env.NODE_ENV;
  process.env.NODE_ENV = 'production';
  try {
    await build({
      root,
      mode: 'production',
      configFile: join(root, 'vite.config.ts'),
      logLevel: 'warn',
      build: { outDir: own, emptyOutDir: true },
    });
  } finally {
    if (before === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = before;
  }
  // Two test files may build at once; the first to finish is kept.
  await rename(own, outDir).catch(() => rm(own, { recursive: true, force: true }));
  return outDir;
}

async function sourcesDigest(): Promise<string> {
  const hash = createHash('sha256');
  const patterns = ['src/**/*.{ts,tsx,css}', 'public/*', 'index.html', 'vite.config.ts', 'package.json'];
  const contracts = fileURLToPath(new URL('../../../packages/contracts/src', import.meta.url));
  const files: string[] = [];
  for await (const file of glob(patterns, { cwd: root })) files.push(join(root, file));
  for await (const file of glob('**/*.ts', { cwd: contracts })) files.push(join(contracts, file));
  for (const file of files.filter((name) => !name.endsWith('.test.ts')).sort())
    hash.update(file).update(await readFile(file));
  return hash.digest('hex');
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
