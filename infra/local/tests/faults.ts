import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { onTestFinished } from 'vitest';

/** A directory that goes away with the test. Its name has what people's directories have: spaces, quotes, Chinese. */
export async function scratchDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "fengcun 目录 it's "));
  onTestFinished(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));
  return directory;
}

export type OwnerReport = { pid: number; url: string } | { code: string; message: string };

export interface Owner {
  readonly pid: number;
  readonly report: OwnerReport;
  /** SIGKILL: to the owner alone, or to its watchdogs first, so that nothing looks after the server any more. */
  kill(how: 'with watchdogs' | 'alone'): Promise<void>;
}

/**
 * Starts a server from another process. `powerless` takes root's right to ignore file modes away from it, so that a read-only directory is
 * read-only for the tests of root as well.
 */
export async function startOwner(
  kind: 'postgres' | 'redis' | 'rgw',
  options: object,
  { powerless = false, path = process.env.PATH }: { powerless?: boolean; path?: string | undefined } = {},
): Promise<Owner> {
  const prefix = powerless && process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-all', '--inh-caps=-all'] : [];
  const [command = '', ...args] = [
    ...prefix,
    process.execPath,
    join(import.meta.dirname, 'owner.ts'),
    kind,
    JSON.stringify(options),
  ];
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, PATH: path } });
  onTestFinished(() => void child.kill('SIGKILL'));
  const report = await firstLine(child);
  const pid = child.pid ?? 0;
  return {
    pid,
    report,
    async kill(how) {
      if (how === 'with watchdogs') {
        for (const watchdog of await childrenOf(pid, 'sh')) process.kill(watchdog, 'SIGKILL');
      }
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
    },
  };
}

async function firstLine(child: ChildProcess): Promise<OwnerReport> {
  if (child.stdout === null) throw new Error('no output to read');
  for await (const line of createInterface({ input: child.stdout })) return JSON.parse(line);
  throw new Error('the owner said nothing');
}

async function childrenOf(parent: number, program: string): Promise<number[]> {
  const found: number[] = [];
  for (const entry of await readdir('/proc')) {
    const stat = /^\d+$/.test(entry) ? await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '') : '';
    // pid (comm) state ppid ...
    const fields = /^(\d+) \((.*)\) \S (\d+)/s.exec(stat);
    if (fields?.[2] === program && Number(fields[3]) === parent) found.push(Number(fields[1]));
  }
  return found;
}

/** Waits until no process has this pid; one that nobody reaps is dead too. */
export async function processGone(pid: number): Promise<void> {
  for (;;) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    if (stat === '' || / Z /.test(stat.slice(stat.lastIndexOf(')')))) return;
    await delay(20);
  }
}

export async function occupyPort(): Promise<number> {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Makes a directory read-only for the time of the test. */
export async function readOnly(directory: string): Promise<void> {
  await chmod(directory, 0o500);
  onTestFinished(() => chmod(directory, 0o700));
}
