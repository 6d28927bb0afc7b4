import { MediaError } from '../errors.ts';
import type { VideoStream } from '../probe/types.ts';
import type { ToolBench } from '../process/bench.ts';
import { collectOutput } from '../process/collect.ts';
import type { MediaInput } from '../proxy/make-proxy.ts';
import { jpegOutput, type Picture, pictureSize, videoOf } from './poster.ts';

/** A sheet of small pictures along the recording, and where on the sheet each one is. */
export interface Thumbnails {
  readonly sprite: Picture;
  /** In time order; a tile stands for the time from its `startMs` to the next one's. */
  readonly tiles: readonly ThumbnailTile[];
}

export interface ThumbnailTile {
  readonly startMs: number;
  /** Pixels on the sprite. */
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

const tileWidth = 160;
const mostTiles = 80;
const columns = 10;
const shortestStepSeconds = 1;
const maxSpriteBytes = 16 * 1024 * 1024;
/** Reading on through this many keyframes is about as fast as opening the file anew for each of the tiles. */
const mostKeyframesInOnePass = 400;
const seeksAtOnce = 2;

/**
 * A timeline sprite of at most 80 tiles, made from keyframes only. A recording with few keyframes is read once from end to end; of a long
 * one only the places that become tiles are read.
 * @throws MediaError not_media, ffmpeg_failed, no_progress, timed_out, output_too_large, aborted, io
 */
export async function makeThumbnails(
  bench: ToolBench,
  input: MediaInput,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<Thumbnails> {
  const video = videoOf(input);
  const durationSeconds = Math.max(0, (input.probe.durationMs ?? 0) / 1000);
  const step = Math.max(shortestStepSeconds, durationSeconds / mostTiles);
  const keyframes = durationSeconds / Math.max(0.04, (video.keyframeIntervalMs ?? 1000) / 1000);
  const frames =
    keyframes <= mostKeyframesInOnePass
      ? await readThrough(bench, input, video, step, options.signal)
      : await seekThrough(bench, input, video, step, durationSeconds, options.signal);
  if (frames.length === 0) throw new MediaError('not_media', 'Not one keyframe of the video could be decoded.');
  const tiles = frames.slice(0, mostTiles);
  const size = pictureSize(video, tileWidth);
  return {
    sprite: await layOut(bench, tiles, size, options.signal),
    tiles: tiles.map(({ startMs }, at) => ({
      startMs,
      x: (at % columns) * size.width,
      y: Math.floor(at / columns) * size.height,
      w: size.width,
      h: size.height,
    })),
  };
}

interface Frame {
  readonly startMs: number;
  readonly jpeg: Buffer;
}

function tileShape(video: VideoStream): string[] {
  const size = pictureSize(video, tileWidth);
  return [`scale=${size.width}:${size.height}:flags=bilinear:out_range=pc`, 'setsar=1', 'format=yuvj420p'];
}

/** One pass over all keyframes, put on a regular grid: a slot has the last keyframe at or before its time. */
async function readThrough(
  bench: ToolBench,
  input: MediaInput,
  video: VideoStream,
  step: number,
  signal: AbortSignal | undefined,
): Promise<Frame[]> {
  const jpegs = await collectOutput(
    bench,
    {
      inputs: [{ from: 'recording', path: input.path, options: ['-skip_frame', 'nokey'] }],
      videoFilters: [`fps=fps=1/${step.toFixed(6)}:start_time=0:round=up`, ...tileShape(video)],
      output: ['-map', `0:${video.index}`, '-an', '-sn', '-dn', '-frames:v', String(mostTiles), ...jpegOutput],
    },
    { maxBytes: maxSpriteBytes, signal },
  );
  return splitJpegs(jpegs).map((jpeg, at) => ({ startMs: Math.round(at * step * 1000), jpeg }));
}

/** One short run for each tile; the demuxer jumps by its index, so the length of the recording does not matter. */
async function seekThrough(
  bench: ToolBench,
  input: MediaInput,
  video: VideoStream,
  step: number,
  durationSeconds: number,
  signal: AbortSignal | undefined,
): Promise<Frame[]> {
  const starts = Array.from({ length: Math.min(mostTiles, Math.ceil(durationSeconds / step)) }, (_, at) => at * step);
  const frames: Frame[] = [];
  const waiting = [...starts];
  const worker = async () => {
    for (let start = waiting.shift(); start !== undefined; start = waiting.shift()) {
      const seek = ['-skip_frame', 'nokey', '-noaccurate_seek', '-ss', start.toFixed(3)];
      const jpeg = await collectOutput(
        bench,
        {
          inputs: [{ from: 'recording', path: input.path, options: seek }],
          videoFilters: tileShape(video),
          output: ['-map', `0:${video.index}`, '-an', '-sn', '-dn', '-frames:v', '1', ...jpegOutput],
        },
        { maxBytes: maxSpriteBytes, signal },
      );
      // Nothing there: past the end of a truncated recording.
      if (jpeg.length > 0) frames.push({ startMs: Math.round(start * 1000), jpeg });
    }
  };
  await Promise.all(Array.from({ length: seeksAtOnce }, worker));
  return frames.sort((a, b) => a.startMs - b.startMs);
}

async function layOut(
  bench: ToolBench,
  frames: readonly Frame[],
  size: { readonly width: number; readonly height: number },
  signal: AbortSignal | undefined,
): Promise<Picture> {
  const across = Math.min(columns, frames.length);
  const down = Math.ceil(frames.length / columns);
  const bytes = await collectOutput(
    bench,
    {
      inputs: [{ from: 'stdin', options: ['-f', 'mjpeg', '-framerate', '1'] }],
      videoFilters: [`tile=${across}x${down}`],
      output: ['-frames:v', '1', ...jpegOutput],
    },
    { maxBytes: maxSpriteBytes, signal, input: Buffer.concat(frames.map((frame) => frame.jpeg)) },
  );
  return { mediaType: 'image/jpeg', width: across * size.width, height: down * size.height, bytes };
}

/** ffmpeg's JPEGs hold no other JPEG, and entropy-coded data never has FF D9 in it (ITU-T T.81, section B.1.1.2). */
function splitJpegs(bytes: Buffer): Buffer[] {
  const endOfImage = Buffer.from([0xff, 0xd9]);
  const jpegs: Buffer[] = [];
  let start = 0;
  for (let end = bytes.indexOf(endOfImage); end >= 0; end = bytes.indexOf(endOfImage, start)) {
    jpegs.push(bytes.subarray(start, end + 2));
    start = end + 2;
  }
  return jpegs;
}
