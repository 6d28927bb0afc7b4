import { readdir, readFile, readlink, realpath } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LocalError } from '../errors.ts';
import type { StopStep } from './managed-child.ts';

/** Processes running `program` whose working directory is `directory`: what a killed owner left behind. Linux; elsewhere none are seen. */
export async function findProcesses(program: string, directory: string): Promise<number[]> {
  let real: string;
  let entries: string[];
  try {
    real = await realpath(directory);
    entries = await readdir('/proc');
  } catch {
    return [];
  }
  const pids = entries.filter((entry) => /^\d+$/.test(entry)).map(Number);
  const ours = await Promise.all(pids.map(async (pid) => ((await runsIn(pid, program, real)) ? pid : undefined)));
  return ours.filter((pid) => pid !== undefined);
}

/**
 * Ends what a killed owner left running on `directory`. Call it only while holding the directory's lock: then every such process is an
 * orphan. Servers such as PostgreSQL have many processes; `leader` picks the one that is told to stop, the others follow it.
 *
 * Each process is identified by program and working directory again right before it is signalled, so a recycled pid is never hit.
 */
export async function endOrphans(
  program: string,
  directory: string,
  steps: readonly StopStep[],
  leader: (pids: readonly number[]) => Promise<readonly number[]> = async (pids) => pids,
): Promise<number> {
  const found = await findProcesses(program, directory);
  if (found.length === 0) return 0;
  for (const step of steps) {
    const alive = await findProcesses(program, directory);
    const targets = await leader(alive);
    // A leader that is gone leaves followers that end by themselves, or not: then they are told directly.
    for (const pid of targets.length > 0 ? targets : alive) signal(pid, step.signal);
    if (await gone(program, directory, step.waitMs)) return found.length;
  }
  const rest = await findProcesses(program, directory);
  throw new LocalError(
    'already_running',
    `${program} is still running on ${directory} (process ${rest.join(', ')}) and does not end. End it by hand, then start again.`,
  );
}

async function gone(program: string, directory: string, waitMs: number): Promise<boolean> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    if ((await findProcesses(program, directory)).length === 0) return true;
    if (performance.now() > deadline) return false;
    await delay(50);
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended between the look and the signal, which is what we wanted; if it may not be signalled, the wait finds it alive.
  }
}

async function runsIn(pid: number, program: string, directory: string): Promise<boolean> {
  try {
    if ((await readlink(`/proc/${pid}/cwd`)) !== directory) return false;
    const name = basename(await readlink(`/proc/${pid}/exe`)).replace(/ \(deleted\)$/, '');
    if (name === program || name.startsWith(program)) return true;
    const [first] = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0');
    return first !== undefined && basename(first) === program;
  } catch {
    return false;
  }
}
