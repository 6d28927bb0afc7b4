import { access, readdir, readFile, readlink, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LocalError, lockDirectory } from '@fengcun/local';
import { layoutOf } from '../data/layout.ts';
import { SiteError } from '../errors.ts';

const patienceMs = 150_000;

/**
 * Stops the site that runs on a data directory and waits until it has ended.
 *
 * @returns whether one was running
 * @throws SiteError `not_ours`, `stop_timeout`
 */
export async function stopSite(dataDir: string): Promise<boolean> {
  const { root } = layoutOf(dataDir);
  if (!(await held(root))) return false;
  const pid = await holderOf(root);
  process.kill(pid, 'SIGTERM');
  const deadline = performance.now() + patienceMs;
  while (await held(root)) {
    if (performance.now() > deadline) {
      throw new SiteError(
        'stop_timeout',
        `进程 ${pid} 尚未停止，请查看 ${join(root, 'log', 'site.log')}。`,
        `Process ${pid} has not ended yet; look at ${join(root, 'log', 'site.log')}.`,
      );
    }
    await delay(100);
  }
  return true;
}

/** Whether a living process holds the directory: asks the kernel, not a file. */
async function held(root: string): Promise<boolean> {
  try {
    await access(join(root, 'lock'));
  } catch {
    return false;
  }
  try {
    await (await lockDirectory(root)).release();
    return false;
  } catch (error) {
    if (error instanceof LocalError && error.code === 'already_running') return true;
    throw error;
  }
}

/** The holder's pid as it wrote it, proved by the lock file being open in that process: a signal never goes to a stranger. */
async function holderOf(root: string): Promise<number> {
  const lock = await realpath(join(root, 'lock'));
  // The holder writes its pid right after taking the lock.
  for (let attempt = 0; attempt < 40; attempt += 1) {
    const pid = Number((await readFile(lock, 'utf8')).trim());
    if (pid > 0 && (await hasOpen(pid, lock))) return pid;
    await delay(50);
  }
  throw new SiteError(
    'not_ours',
    `${root} 正被一个无法识别的进程使用（可能在另一个容器里，或属于另一个用户）。请在那里停止它。`,
    `${root} is held by a process that cannot be identified (in another container, or another user's). Stop it there.`,
  );
}

async function hasOpen(pid: number, path: string): Promise<boolean> {
  const directory = `/proc/${pid}/fd`;
  const names = await readdir(directory).catch(() => []);
  const targets = await Promise.all(names.map((name) => readlink(join(directory, name)).catch(() => '')));
  return targets.includes(path);
}
