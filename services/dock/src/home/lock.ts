import { type FileHandle, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DockError } from '../errors.ts';

/**
 * Keeps a second agent off the same home: two agents would announce the same files twice. The lock of an agent that was killed is
 * recognised by its pid no longer running this program, and taken over.
 */
export async function lockHome(directory: string): Promise<AsyncDisposable> {
  const path = join(directory, 'agent.pid');
  for (let attempt = 0; attempt < 2; attempt++) {
    const file = await open(path, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return undefined;
      throw error;
    });
    if (file) return held(file, path);
    const owner = Number((await readFile(path, 'utf8').catch(() => '')).trim());
    if (await isAgent(owner)) {
      throw new DockError('already_running', {
        zh: `另一个 fengcun-dock（进程 ${owner}）正在使用 ${directory}。请等它结束，或另选 --home。`,
        en: `Another fengcun-dock (pid ${owner}) is using ${directory}. Wait for it, or use another --home.`,
      });
    }
    await rm(path, { force: true });
  }
  throw new DockError('already_running', {
    zh: `另一个 fengcun-dock 刚刚占用了 ${directory}，请再试一次。`,
    en: `Another fengcun-dock took ${directory} at this moment. Try again.`,
  });
}

async function held(file: FileHandle, path: string): Promise<AsyncDisposable> {
  await file.writeFile(`${process.pid}\n`);
  await file.close();
  return { [Symbol.asyncDispose]: () => rm(path, { force: true }) };
}

async function isAgent(pid: number): Promise<boolean> {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined);
  if (commandLine !== undefined) return commandLine.includes('fengcun-dock') || commandLine.includes('dock/src/cli');
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux';
  } catch {
    return false;
  }
}
