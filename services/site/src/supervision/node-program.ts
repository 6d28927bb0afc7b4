import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type StopStep, spawnManaged } from '@fengcun/local';
import type { Logger } from '@fengcun/runtime';
import { type ChildMessage, settingsVariable } from '../children/channel.ts';
import { SiteError } from '../errors.ts';
import type { Running } from './keep-running.ts';

export interface NodeProgram {
  readonly name: string;
  /** Path of the program. */
  readonly entry: string;
  /** Handed to the program; JSON. */
  readonly settings: unknown;
  /** Its working directory, by which a later start recognises an orphan. */
  readonly directory: string;
  readonly logFile: string;
  /** Asked until it answers true, after the program itself has said that it is ready. */
  readonly answers?: () => Promise<boolean>;
  readonly startTimeoutMs?: number;
}

/** SIGTERM: finish what is under way, within the program's own deadline of 20 s. */
const programShutdown: readonly StopStep[] = [
  { signal: 'SIGTERM', waitMs: 25_000 },
  { signal: 'SIGKILL', waitMs: 5_000 },
];

/**
 * What passes through our programs are short-lived buffers outside V8's heap, freed when the young generation is collected: a large one lets
 * some 50 MiB more of them stand than a small one.
 */
const memoryOptions = ['--max-semi-space-size=2'];

/**
 * glibc gives freed memory back to the kernel at once, and asks for it again with the next buffer: receiving a gigabyte then costs
 * 48,000 page faults instead of 12,000, a third of the processor time. It keeps up to 128 MiB instead (mallopt(3)).
 */
const memoryEnvironment = {
  MALLOC_TRIM_THRESHOLD_: String(128 * 1024 * 1024),
  MALLOC_TOP_PAD_: String(16 * 1024 * 1024),
  MALLOC_MMAP_THRESHOLD_: String(64 * 1024 * 1024),
};

/** A program whose event loop has stood still this long is not coming back by itself. */
const silenceMs = 90_000;

/**
 * Starts one of our own programs and waits until it is ready. It ends by itself when we are gone (its channel closes), and is ended when it
 * has not said anything for a minute and a half.
 *
 * @throws SiteError `program_failed`
 */
export async function startNodeProgram(program: NodeProgram, logger: Logger): Promise<Running> {
  await mkdir(program.directory, { recursive: true, mode: 0o700 });
  let ready = false;
  let heardAt = performance.now();
  const child = await spawnManaged({
    command: process.execPath,
    args: [...memoryOptions, program.entry],
    cwd: program.directory,
    env: { ...process.env, ...memoryEnvironment, [settingsVariable]: JSON.stringify(program.settings) },
    logFile: program.logFile,
    onMessage: (message) => {
      heardAt = performance.now();
      if (isReady(message)) ready = true;
    },
  });

  const deadline = performance.now() + (program.startTimeoutMs ?? 180_000);
  while (!ready || !((await program.answers?.()) ?? true)) {
    if (child.exit() !== undefined) throw failed(program, await child.logTail());
    if (performance.now() > deadline) {
      await child.stop(programShutdown);
      throw failed(program, await child.logTail());
    }
    await delay(30);
  }

  const watchdog = setInterval(() => {
    if (performance.now() - heardAt < silenceMs) return;
    logger.error({ part: program.name, process: child.pid, silenceMs }, 'does not respond; ending it');
    // Not child.stop(): this is an end nobody asked for, and it has to count as one.
    process.kill(child.pid, 'SIGKILL');
    clearInterval(watchdog);
  }, 5_000);
  watchdog.unref();
  void child.exited.then(() => clearInterval(watchdog));
  return { pid: child.pid, exited: child.exited, stop: () => child.stop(programShutdown) };
}

function isReady(message: unknown): boolean {
  return typeof message === 'object' && message !== null && (message as Partial<ChildMessage>).kind === 'ready';
}

function failed(program: NodeProgram, log: string): SiteError {
  const said = log.trim().split('\n').slice(-12).join('\n');
  return new SiteError(
    'program_failed',
    `${program.name} 未能启动，日志在 ${program.logFile}：\n${said}`,
    `${program.name} did not start; its log is ${program.logFile}.`,
  );
}

/** Where the log files of the parts are. */
export const logFileOf = (directory: string, name: string): string => join(directory, `${name}.log`);
