import { type ChildProcess, spawn } from 'node:child_process';
import { type FileHandle, open, rename, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { LocalError } from '../errors.ts';

/** How a server ended. `expected` is true when `stop()` asked for it. */
export interface ServerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly expected: boolean;
}

export interface StopStep {
  readonly signal: NodeJS.Signals;
  /** How long to wait for the end before the next step, in milliseconds. */
  readonly waitMs: number;
}

export interface ManagedChild {
  readonly pid: number;
  /** Resolves, never rejects, when the process has ended. */
  readonly exited: Promise<ServerExit>;
  /** The exit, once there is one. */
  exit(): ServerExit | undefined;
  /** Sends the signals one after the other until the process has ended. Calling it again waits for the same end. */
  stop(steps: readonly StopStep[]): Promise<void>;
  /** What this start of the process has written to its log so far (at most the last 64 KiB). */
  logTail(): Promise<string>;
}

export interface SpawnOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Standard output and error are appended to this file. */
  readonly logFile: string;
  /**
   * Sent to the child when this process is gone without having stopped it. A child that talks to us over a channel (`onMessage`) sees that
   * by itself and needs none.
   */
  readonly orphanSignal?: NodeJS.Signals;
  /** Opens a message channel (Node's IPC) to a child that is a Node program; called for every message from it. */
  readonly onMessage?: (message: unknown) => void;
}

const maxLogBytes = 16 * 1024 * 1024;
const tailBytes = 64 * 1024;

/**
 * Starts a server as a child in a session of its own, so that Ctrl-C on our terminal does not reach it before we have finished with it.
 * A watchdog (one `sh`) ends it should we die without doing so.
 */
export async function spawnManaged(options: SpawnOptions): Promise<ManagedChild> {
  await rotate(options.logFile);
  const log = await open(options.logFile, 'a', 0o600);
  let exit: ServerExit | undefined;
  let stopping: Promise<void> | undefined;
  let standDown: (() => void) | undefined;
  let child: ChildProcess;
  let exited: Promise<ServerExit>;
  let logStart: number;
  try {
    logStart = (await log.stat()).size;
    child = spawn(options.command, options.args, {
      cwd: options.cwd,
      env: options.env,
      detached: true,
      stdio: options.onMessage === undefined ? ['ignore', log.fd, log.fd] : ['ignore', log.fd, log.fd, 'ipc'],
    });
    // Before anything is waited for: a server that cannot start has ended by then.
    if (options.onMessage !== undefined) child.on('message', options.onMessage);
    exited = new Promise<ServerExit>((resolve) => {
      child.once('exit', (code, signal) => {
        standDown?.();
        exit = { code, signal, expected: stopping !== undefined };
        resolve(exit);
      });
    });
    await spawned(child, options.command);
  } finally {
    await log.close();
  }
  const { pid } = child;
  if (pid === undefined) throw new LocalError('start_failed', `${options.command} could not be started.`);
  if (options.orphanSignal !== undefined && exit === undefined) standDown = watch(pid, options.orphanSignal);

  async function escalate(steps: readonly StopStep[]): Promise<void> {
    for (const step of steps) {
      if (exit !== undefined) return;
      child.kill(step.signal);
      const timer = new AbortController();
      await Promise.race([exited, delay(step.waitMs, undefined, { signal: timer.signal }).catch(() => undefined)]);
      timer.abort();
    }
    if (exit === undefined) {
      throw new LocalError(
        'stop_failed',
        `Process ${pid} (${options.command}) did not end; look at ${options.logFile} and end it by hand.`,
      );
    }
  }

  return {
    pid,
    exited,
    exit: () => exit,
    stop(steps) {
      stopping ??= exit === undefined ? escalate(steps) : Promise.resolve();
      return stopping;
    },
    logTail: () => readTail(options.logFile, logStart),
  };
}

function spawned(child: ChildProcess, command: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) =>
      reject(new LocalError('program_missing', `${command} could not be started: ${cause.message}.`, { cause })),
    );
  });
}

/**
 * Holds a pipe to a shell that sleeps in `read`: when we die, by whatever signal, the kernel closes our end and the shell signals the
 * child. Returns the way to call it off. Recycled pids: the shell is called off when the child is reaped, and until then its pid is taken.
 */
function watch(pid: number, signal: NodeJS.Signals): () => void {
  const shell = spawn(
    '/bin/sh',
    ['-c', 'read -r _ || kill -s "$2" "$1"', 'sh', String(pid), signal.replace(/^SIG/, '')],
    {
      cwd: '/',
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    },
  );
  // Without a watchdog a crash of ours leaves the server running; the next start finds and ends it.
  shell.once('error', () => undefined);
  shell.stdin.on('error', () => undefined);
  shell.unref();
  return () => shell.stdin.end('\n');
}

async function rotate(logFile: string): Promise<void> {
  const info = await stat(logFile).catch(() => undefined);
  if (info !== undefined && info.size > maxLogBytes) await rename(logFile, `${logFile}.1`);
}

async function readTail(path: string, from: number): Promise<string> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch {
    return '';
  }
  try {
    const { size } = await file.stat();
    const start = Math.max(from, size - tailBytes);
    const buffer = Buffer.alloc(Math.max(0, size - start));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, start);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}
