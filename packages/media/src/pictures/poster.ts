import { MediaError } from '../errors.ts';
import type { VideoStream } from '../probe/types.ts';
import type { ToolBench } from '../process/bench.ts';
import { collectOutput } from '../process/collect.ts';
import type { MediaInput } from '../proxy/make-proxy.ts';

/** One JPEG picture. */
export interface Picture {
  readonly mediaType: 'image/jpeg';
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array;
}

const posterWidth = 640;
const maxPictureBytes = 8 * 1024 * 1024;
/** Mean luma below this (limited range, black is 16) is a covered lens or a fade, not a picture to remember a recording by. */
const darkLuma = 28;

/**
 * A still that stands for the recording: upright, about 640 px wide, the most typical of the keyframes near the start that are not
 * dark; if all are dark, then a dark one.
 * @throws MediaError not_media (no video, or not one frame decodes), ffmpeg_failed, no_progress, timed_out, aborted, io
 */
export async function makePoster(
  bench: ToolBench,
  input: MediaInput,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<Picture> {
  const video = videoOf(input);
  const size = pictureSize(video, posterWidth);
  const durationSeconds = (input.probe.durationMs ?? 0) / 1000;
  // Past the first second: cameras open with a dark or a blurred frame while exposure settles.
  const start = Math.min(durationSeconds * 0.1, 10);
  const shape = [`scale=${size.width}:${size.height}:flags=bicubic:out_range=pc`, 'setsar=1', 'format=yuvj420p'];
  const bright = [
    'signalstats',
    `metadata=mode=select:key=lavfi.signalstats.YAVG:value=${darkLuma}:function=greater`,
    'thumbnail=16',
  ];
  const attempts = [
    { seek: start, input: ['-skip_frame', 'nokey', '-t', '30'], filters: [...shape, ...bright] },
    // A single keyframe, or darkness: any frame at all, from the beginning.
    { seek: 0, input: ['-t', '5'], filters: [...shape, 'thumbnail=50'] },
  ];
  for (const attempt of attempts) {
    const bytes = await collectOutput(
      bench,
      {
        inputs: [{ from: 'recording', path: input.path, options: [...attempt.input, '-ss', attempt.seek.toFixed(3)] }],
        videoFilters: attempt.filters,
        output: ['-map', `0:${video.index}`, '-an', '-sn', '-dn', '-frames:v', '1', ...jpegOutput],
      },
      { maxBytes: maxPictureBytes, signal: options.signal },
    );
    if (bytes.length > 0) return { mediaType: 'image/jpeg', ...size, bytes };
  }
  throw new MediaError('not_media', 'Not one frame of the video could be decoded.');
}

export const jpegOutput = [
  '-map_metadata',
  '-1',
  '-fflags',
  '+bitexact',
  '-c:v',
  'mjpeg',
  '-q:v',
  '4',
  '-f',
  'image2pipe',
] as const;

export function videoOf(input: MediaInput): VideoStream {
  const video = input.probe.streams.find((stream) => stream.type === 'video');
  if (!video || input.probe.playable.state === 'nothing-to-play')
    throw new MediaError('not_media', 'The file has no video to take a picture of.');
  return video;
}

/** Upright size, `width` wide at most, both sides even. */
export function pictureSize(video: VideoStream, width: number): { readonly width: number; readonly height: number } {
  const scale = Math.min(1, width / video.width);
  const even = (side: number) => Math.max(2, 2 * Math.round((side * scale) / 2));
  return { width: even(video.width), height: even(video.height) };
}
