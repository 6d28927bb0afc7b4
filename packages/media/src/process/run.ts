import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { MediaError } from '../errors.ts';
import type { Launcher, Priority } from './launcher.ts';
import { readProgress, type ToolProgress } from './progress.ts';
import { boundedTail } from './tail.ts';
import { startWatchdog, type Watchdog } from './watchdog.ts';

/** One run of ffmpeg or ffprobe. */
export interface ToolRun {
  readonly program: string;
  readonly args: readonly string[];
  readonly launcher: Launcher;
  /** default `background` */
  readonly priority?: Priority;
  /** Parent of the run's own working directory, which is removed when the run ends, however it ends. */
  readonly scratchDir: string;
  readonly signal?: AbortSignal | undefined;
  readonly noProgressMs: number;
  readonly wallTimeMs: number;
  /** Bytes allowed on standard output. */
  readonly maxOutputBytes: number;
  /** Fed to standard input and closed; without it standard input is /dev/null. */
  readonly input?: Uint8Array;
  /** Called for each `-progress pipe:3` report. */
  readonly onProgress?: (progress: ToolProgress) => void;
}

/** What the end of a run leaves behind. */
export interface ToolOutcome {
  readonly exitCode: number;
  readonly stderrTail: string;
}

const stderrTailBytes = 8 * 1024;

/**
 * Runs a tool and hands its standard output to `consume` as it is written: the pipe is the only buffer, so a slow consumer slows the
 * tool down. The child leads a process group of its own, and the group is killed on abort, on a bound, and when `consume` throws.
 * Resolves only after the child is reaped and its directory removed.
 *
 * `stdout` ends without an error whenever the pipe closes; a consumer that must not mistake a crash for the end awaits `ended`
 * before it commits anything. `directory` is the run's own, where the tool may leave files; it is gone when the run ends.
 * @throws MediaError aborted, no_progress, timed_out, output_too_large, io
 */
export async function runTool<T>(
  run: ToolRun,
  consume: (stdout: AsyncIterable<Uint8Array>, ended: () => Promise<ToolOutcome>, directory: string) => Promise<T>,
): Promise<T> {
  if (run.signal?.aborted) throw abortError(run.signal);
  const directory = await mkdtemp(join(run.scratchDir, 'media-')).catch((cause: unknown) => {
    throw new MediaError('io', `The scratch directory ${run.scratchDir} cannot be written: make it writable.`, {
      cause,
    });
  });
  try {
    return await runIn(directory, run, consume);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function runIn<T>(
  directory: string,
  run: ToolRun,
  consume: (stdout: AsyncIterable<Uint8Array>, ended: () => Promise<ToolOutcome>, directory: string) => Promise<T>,
): Promise<T> {
  const { file, args } = run.launcher.wrap(run.program, run.args, run.priority ?? 'background');
  const child = spawn(file, args, {
    cwd: directory,
    detached: true,
    // Nothing of the service's own environment: it holds passwords, and a tool that reads hostile files needs none of them.
    env: { PATH: process.env.PATH ?? '', LC_ALL: 'C', MALLOC_ARENA_MAX: '2', AV_LOG_FORCE_NOCOLOR: '1' },
    stdio: [run.input ? 'pipe' : 'ignore', 'pipe', 'pipe', 'pipe'],
  });
  const exit = exitOf(child, run.program);
  exit.catch(() => undefined);

  let failure: MediaError | null = null;
  const kill = (why: MediaError) => {
    failure ??= why;
    killGroup(child);
  };
  const watchdog = startWatchdog(run, (code, message) => kill(new MediaError(code, message)));
  const onAbort = () => kill(abortError(run.signal));
  run.signal?.addEventListener('abort', onAbort, { once: true });

  const tail = boundedTail(child.stderr, stderrTailBytes);
  const progressDone = readProgress(child.stdio[3] as Readable, (progress) => {
    watchdog.saw(`${progress.outTimeMs}/${progress.totalBytes}/${progress.frame}`);
    run.onProgress?.(progress);
  });
  // EPIPE here only says that the tool closed its input early; its exit code says whether that mattered.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(run.input);

  const ended = async (): Promise<ToolOutcome> => {
    const { code, signal } = await exit;
    await progressDone;
    if (failure) throw failure;
    const stderrTail = await tail;
    if (signal === 'SIGXCPU' || signal === 'SIGKILL' || code === 128 + 24 || code === 128 + 9) {
      throw new MediaError(
        'timed_out',
        'The tool was stopped by the system after using up its processor time or memory.',
        {
          stderrTail,
        },
      );
    }
    return { exitCode: code ?? 128, stderrTail };
  };

  try {
    const stdout = boundedOutput(child.stdout as Readable, run.maxOutputBytes, watchdog, kill);
    const result = await consume(stdout, ended, directory);
    await ended();
    return result;
  } catch (error) {
    killGroup(child);
    throw failure ?? error;
  } finally {
    killGroup(child);
    child.stdout?.destroy();
    await exit.catch(() => undefined);
    watchdog.stop();
    run.signal?.removeEventListener('abort', onAbort);
  }
}

/** Yields the pipe's chunks; the clock stands still while the consumer holds one, because that wait is not the tool's fault. */
async function* boundedOutput(
  stdout: Readable,
  maxBytes: number,
  watchdog: Watchdog,
  kill: (why: MediaError) => void,
): AsyncGenerator<Uint8Array> {
  let total = 0;
  for await (const chunk of stdout as AsyncIterable<Uint8Array>) {
    total += chunk.byteLength;
    if (total > maxBytes) {
      const error = new MediaError(
        'output_too_large',
        `The tool wrote more than the allowed ${maxBytes} bytes and was stopped.`,
      );
      kill(error);
      throw error;
    }
    watchdog.saw(`out ${total}`);
    watchdog.pause();
    yield chunk;
    watchdog.resume();
  }
}

function exitOf(child: ChildProcess, program: string): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause) =>
      reject(
        new MediaError('tool_missing', `${program} could not be started: install ffmpeg or correct its path.`, {
          cause,
        }),
      ),
    );
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}

/** SIGKILL to the whole group: ffmpeg answers SIGTERM by finishing its file, which a hung decoder never does. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}

function abortError(signal: AbortSignal | undefined): MediaError {
  return new MediaError('aborted', 'The work was cancelled by its caller.', { cause: signal?.reason });
}
