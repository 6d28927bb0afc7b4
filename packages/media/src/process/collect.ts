import { type CommandPlan, commandLine } from '../command.ts';
import { MediaError } from '../errors.ts';
import type { ToolBench } from './bench.ts';
import { runTool } from './run.ts';

/** Runs an ffmpeg whose whole output is small, such as a picture, and returns it; empty when ffmpeg found nothing to write. */
export async function collectOutput(
  bench: ToolBench,
  plan: Omit<CommandPlan, 'threads'>,
  options: {
    readonly maxBytes: number;
    readonly signal?: AbortSignal | undefined;
    readonly input?: Uint8Array;
  },
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  await streamOutput(bench, plan, options, (chunk) => chunks.push(chunk));
  return Buffer.concat(chunks);
}

/** Runs ffmpeg and hands over each chunk of its output as it comes. */
export async function streamOutput(
  bench: ToolBench,
  plan: Omit<CommandPlan, 'threads'>,
  options: {
    readonly maxBytes: number;
    readonly signal?: AbortSignal | undefined;
    readonly input?: Uint8Array;
  },
  take: (chunk: Uint8Array) => void,
): Promise<void> {
  const { threads, noProgressMs, wallTimeMs } = bench.limits;
  await runTool(
    {
      program: bench.tools.ffmpegPath,
      args: commandLine({ ...plan, threads }),
      launcher: bench.launcher,
      scratchDir: bench.scratchDir,
      signal: options.signal,
      noProgressMs,
      wallTimeMs,
      maxOutputBytes: options.maxBytes,
      ...(options.input ? { input: options.input } : {}),
    },
    async (stdout, ended) => {
      for await (const chunk of stdout) take(chunk);
      const { exitCode, stderrTail } = await ended();
      if (exitCode !== 0) {
        throw new MediaError('ffmpeg_failed', `ffmpeg gave up with exit code ${exitCode}; see its last words.`, {
          stderrTail,
        });
      }
    },
  );
}
