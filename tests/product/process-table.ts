import { readdir, readFile, readlink } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly program: string;
  readonly directory: string;
}

/** Processes of this machine that we may look at. */
export async function processTable(): Promise<readonly ProcessEntry[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  return (await Promise.all(pids.map(inspect))).filter((each) => each !== undefined);
}

async function inspect(pid: string): Promise<ProcessEntry | undefined> {
  try {
    // pid (comm) state ppid ...: proc(5)
    const fields = /^(\d+) \((.*)\) (\S) (\d+) /s.exec(await readFile(`/proc/${pid}/stat`, 'utf8'));
    if (fields === null || fields[3] === 'Z') return undefined;
    return {
      pid: Number(fields[1]),
      program: fields[2] ?? '',
      parent: Number(fields[4]),
      directory: await readlink(`/proc/${pid}/cwd`),
    };
  } catch {
    return undefined;
  }
}

/** Ends what still works in a data directory: by pid, and only what has its working directory there. */
export async function endEverythingIn(dataDir: string): Promise<void> {
  for (;;) {
    const left = (await processTable()).filter(({ directory }) => directory.startsWith(`${dataDir}/`));
    if (left.length === 0) return;
    for (const { pid } of left) kill(pid);
    await delay(50);
  }
}

/** SIGKILL; a process that is gone already is fine. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
