import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { AreaMark } from '@fengcun/contracts';
import { findFont } from '../burn/find-font.ts';
import { probeFile } from '../probe/probe.ts';
import type { ToolBench } from '../process/bench.ts';
import { assertSucceeded, writeFile } from '../process/ffmpeg.ts';
import type { MediaInput } from '../proxy/make-proxy.ts';
import { scratchOf, stillOutput } from '../still/make-still.ts';
import { makeUpright } from '../still/upright.ts';
import { checkStill } from './check-still.ts';
import { areaCoversOf, coverFilters } from './filter-graph.ts';
import { labelFilter, labelOf } from './label.ts';
import type { RedactedFile, RedactOptions } from './make-redacted.ts';

/**
 * Makes a new JPEG of a still picture in which what is marked cannot be seen. The picture is turned upright first, so that marks lie where they
 * were drawn, and nothing of the original's metadata (EXIF with place, device and thumbnail among it) goes over.
 * @throws MediaError not_media, font_missing, result_wrong, ffmpeg_failed, no_progress, timed_out, output_too_large, aborted, io
 * @throws whatever `use` throws
 */
export async function redactStill<Used>(
  bench: ToolBench,
  input: MediaInput,
  marks: readonly AreaMark[],
  options: Pick<RedactOptions<Used>, 'line' | 'use' | 'signal' | 'onProgress'>,
): Promise<Used> {
  const { line, signal, onProgress } = options;
  const directory = await scratchOf(bench, 'redact-');
  try {
    const upright = await makeUpright(bench, input, directory, signal);
    onProgress?.(0.3);
    const covers = areaCoversOf(marks, upright);
    const label = line === null ? null : labelOf(line, await findFont(bench.tools.ffmpegPath, bench.cjkFont), upright);
    const steps = [
      // `drawbox` writes black for the range of television; a JPEG has the full one.
      '[0:v]scale=flags=bicubic:out_range=tv,format=yuv444p[shown]',
      coverFilters(covers, 'shown', 'covered', 'yuv444'),
      `[covered]${label ? labelFilter(label) : 'null'},scale=in_range=tv:out_range=pc,format=yuvj444p[v]`,
    ];
    const path = join(directory, 'redacted.jpg');
    const plan = {
      inputs: [{ from: 'recording', path: upright.path, demuxer: 'png_pipe' }],
      output: ['-filter_complex', steps.join(';'), '-map', '[v]', ...stillOutput, '-q:v', '2'],
      outputName: path,
    } as const;
    assertSucceeded(await writeFile(bench, plan, { signal }));
    onProgress?.(0.7);
    await checkStill(bench, path, { upright, covers, label }, signal);
    onProgress?.(1);
    const file: RedactedFile = {
      path,
      sizeBytes: (await stat(path)).size,
      durationMs: 0,
      mediaType: 'image/jpeg',
      mark: label === null ? 'none' : 'picture',
      probe: await probeFile(bench, path, { signal }),
    };
    return await options.use(file);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
