import type { ToolBench } from './bench.ts';
import { assertSucceeded, type FfmpegPlan, ffmpegRun } from './ffmpeg.ts';
import { runTool } from './run.ts';

interface OutputOptions {
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
  readonly input?: Uint8Array;
}

/** Runs an ffmpeg whose whole output is small, such as a picture, and returns it; empty when ffmpeg found nothing to write. */
export async function collectOutput(bench: ToolBench, plan: FfmpegPlan, options: OutputOptions): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  await streamOutput(bench, plan, options, (chunk) => chunks.push(chunk));
  return Buffer.concat(chunks);
}

/** Runs ffmpeg and hands over each chunk of its output as it comes. */
export async function streamOutput(
  bench: ToolBench,
  plan: FfmpegPlan,
  { maxBytes, ...options }: OutputOptions,
  take: (chunk: Uint8Array) => void,
): Promise<void> {
  await runTool(ffmpegRun(bench, plan, { ...options, maxOutputBytes: maxBytes }), async (stdout, ended) => {
    for await (const chunk of stdout) take(chunk);
    assertSucceeded(await ended());
  });
}
