import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MediaError } from '../errors.ts';
import { probeFile } from '../probe/probe.ts';
import type { ToolBench } from '../process/bench.ts';
import { writeFile } from '../process/ffmpeg.ts';
import type { MediaInput } from '../proxy/make-proxy.ts';

/** A still picture as it is looked at: the right way up, opaque, 8 bit, PNG, of a size that a screen and a page can take. */
export interface UprightPicture {
  readonly path: string;
  readonly width: number;
  readonly height: number;
}

/** pixels; what is larger is brought down to this */
const longestSide = 3840;
/** pixels; smaller than this nothing can be covered of a picture */
const shortestSide = 16;

/**
 * Decodes a still picture into a directory of the caller's. ffmpeg turns it as its EXIF orientation says. What is transparent lies on white:
 * a page would show it so, and colours that nobody sees under full transparency must not come to light in a copy. Of pictures that move,
 * the first one.
 * @throws MediaError not_media, ffmpeg_failed, no_progress, timed_out, aborted, io
 */
export async function makeUpright(
  bench: ToolBench,
  { path, probe }: MediaInput,
  directory: string,
  signal: AbortSignal | undefined,
): Promise<UprightPicture> {
  const video = probe.streams.find((stream) => stream.type === 'video');
  if (!video || !probe.container)
    throw new MediaError('not_media', 'The file has no picture that can be decoded here.');
  const part = `min(1,${longestSide}/max(iw,ih))`;
  const filters = [
    `scale=w='max(1,trunc(iw*${part}))':h='max(1,trunc(ih*${part}))':flags=bicubic`,
    'setsar=1',
    // Over white, without a second picture: 1 - (1 - colour) * opacity.
    'format=gbrap,negate,premultiply=inplace=1,format=gbrp,negate,format=rgb24',
  ];
  const upright = join(directory, 'upright.png');
  const plan = {
    inputs: [{ from: 'recording', path, demuxer: probe.container, options: ['-fflags', '+discardcorrupt'] }],
    output: [
      ...['-filter_complex', `[0:${video.index}]${filters.join(',')}[out]`, '-map', '[out]', '-frames:v', '1'],
      ...['-c:v', 'png', '-compression_level', '1', '-f', 'image2pipe', '-map_metadata', '-1', '-y'],
    ],
    outputName: upright,
  } as const;
  const { exitCode, stderrTail } = await writeFile(bench, plan, { signal });
  const { size } = await stat(upright).catch(() => ({ size: 0 }));
  if (exitCode !== 0 || size === 0) throw new MediaError('not_media', 'The picture cannot be decoded.', { stderrTail });
  const made = (await probeFile(bench, upright, { signal })).streams.find((stream) => stream.type === 'video');
  if (!made || Math.min(made.width, made.height) < shortestSide)
    throw new MediaError('not_media', `The picture is smaller than ${shortestSide} pixels.`);
  return { path: upright, width: made.width, height: made.height };
}
