import { mkdtemp, readdir, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Clips are kept between runs and shared by test files: making them is most of the time a test run takes. */
export const clipDirectory = join(tmpdir(), `fengcun-media-clips-${process.getuid?.() ?? 0}-v1`);

/** A directory that removes itself at the end of the test file. */
export async function temporaryDirectory(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'fengcun-media-test-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Pids of the processes that work inside a directory, also when it is deleted already. Linux only. */
export async function processesIn(directory: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const homes = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => '')));
  return pids.filter((_, at) => homes[at]?.startsWith(`${directory}/`));
}
