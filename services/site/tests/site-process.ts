import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { onTestFinished } from 'vitest';

export interface Outcome {
  readonly exitCode: number | null;
  readonly output: string;
}

/** Runs `fengcun-site` to its end. `powerless` takes from root its right to ignore file modes. */
export function site(args: readonly string[], { powerless = false } = {}): Promise<Outcome> {
  const prefix = powerless && process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-all', '--inh-caps=-all'] : [];
  const [command = '', ...rest] = [...prefix, process.execPath, join(import.meta.dirname, '../src/main.ts'), ...args];
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve) => {
    child.once('close', (exitCode) => resolve({ exitCode, output: Buffer.concat(chunks).toString() }));
  });
}

/** A data directory that goes away with the test, and whatever runs on it before. */
export async function dataDirectory(): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), 'fengcun 站点 '));
  const dataDir = join(parent, 'data');
  onTestFinished(async () => {
    await site(['stop', '--data', dataDir]);
    await rm(parent, { recursive: true, force: true, maxRetries: 5 });
  });
  return dataDir;
}

/** Starts a site in the background on any free port; answers its address. */
export async function startedSite(
  dataDir: string,
  demo = '--no-demo',
  ...flags: readonly string[]
): Promise<{ url: string; supervisor: number }> {
  const outcome = await site(['start', '--data', dataDir, '--port', '0', demo, '--detach', ...flags]);
  if (outcome.exitCode !== 0) throw new Error(outcome.output);
  const { url, pid } = JSON.parse(await readFile(join(dataDir, 'site.json'), 'utf8'));
  return { url, supervisor: pid };
}

export interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly program: string;
  readonly directory: string;
  readonly session: number;
}

/** Processes of this machine that we may look at. */
export async function processes(): Promise<Process[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const all = await Promise.all(pids.map(inspect));
  return all.filter((each) => each !== undefined);
}

async function inspect(pid: string): Promise<Process | undefined> {
  try {
    // pid (comm) state ppid pgrp session ...
    const fields = /^(\d+) \((.*)\) (\S) (\d+) \d+ (\d+)/s.exec(await readFile(`/proc/${pid}/stat`, 'utf8'));
    if (fields === null || fields[3] === 'Z') return undefined;
    return {
      pid: Number(fields[1]),
      program: fields[2] ?? '',
      parent: Number(fields[4]),
      session: Number(fields[5]),
      directory: await readlink(`/proc/${pid}/cwd`),
    };
  } catch {
    return undefined;
  }
}

/** Our own programs and servers that work in a data directory. */
export async function processesIn(dataDir: string): Promise<Process[]> {
  return (await processes()).filter(({ directory }) => directory.startsWith(`${dataDir}/`));
}

export async function childrenOf(parent: number): Promise<Process[]> {
  return (await processes()).filter((each) => each.parent === parent);
}

/** Ends a site by SIGKILL of everything at once: its supervisor stands still first, so that it answers no child's end with another's. */
export async function killSite(supervisor: number): Promise<void> {
  process.kill(supervisor, 'SIGSTOP');
  for (const { pid } of await childrenOf(supervisor)) process.kill(pid, 'SIGKILL');
  process.kill(supervisor, 'SIGKILL');
}

export async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await delay(50);
}

export async function isReady(url: string): Promise<boolean> {
  return fetch(`${url}/health/ready`).then(
    ({ ok }) => ok,
    () => false,
  );
}
