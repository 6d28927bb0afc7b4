import { type CommandPlan, commandLine } from '../command.ts';
import { MediaError } from '../errors.ts';
import type { ToolBench } from './bench.ts';
import { runTool, type ToolOutcome, type ToolRun } from './run.ts';

export type FfmpegPlan = Omit<CommandPlan, 'threads'>;

/** A run of the bench's ffmpeg, within the bench's bounds. */
export function ffmpegRun(
  { tools, limits, launcher, scratchDir }: ToolBench,
  plan: FfmpegPlan,
  options: Pick<ToolRun, 'maxOutputBytes' | 'signal' | 'priority' | 'input' | 'onProgress'>,
): ToolRun {
  const { threads, noProgressMs, wallTimeMs } = limits;
  const args = commandLine({ ...plan, threads });
  return { program: tools.ffmpegPath, args, launcher, scratchDir, noProgressMs, wallTimeMs, ...options };
}

/** Runs an ffmpeg that writes a file and nothing else. How it ended is the caller's to judge. */
export function writeFile(
  bench: ToolBench,
  plan: FfmpegPlan & { readonly outputName: string },
  options: Pick<ToolRun, 'signal' | 'onProgress'>,
): Promise<ToolOutcome> {
  return runTool(ffmpegRun(bench, plan, { ...options, maxOutputBytes: 0 }), (_stdout, ended) => ended());
}

/** @throws MediaError ffmpeg_failed */
export function assertSucceeded({ exitCode, stderrTail }: ToolOutcome): void {
  if (exitCode === 0) return;
  throw new MediaError('ffmpeg_failed', `ffmpeg gave up with exit code ${exitCode}; see its last words.`, {
    stderrTail,
  });
}
