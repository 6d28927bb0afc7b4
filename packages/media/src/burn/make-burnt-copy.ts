import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MediaError } from '../errors.ts';
import type { VideoStream } from '../probe/types.ts';
import { playedAudio } from '../probe/verdict.ts';
import type { ToolBench } from '../process/bench.ts';
import { assertSucceeded, ffmpegRun } from '../process/ffmpeg.ts';
import { runTool } from '../process/run.ts';
import type { MediaInput, ProxyProgress } from '../proxy/make-proxy.ts';
import { defaultProfile, encodeAudio, encodeVideo, fit, type ProxyProfile } from '../proxy/plan.ts';
import { type CopyShape, copyShapeOf } from './copy-shape.ts';
import { type BurnFont, findFont } from './find-font.ts';
import { type Mark, markFilter } from './mark-filter.ts';

export interface BurnOptions<Stored> {
  readonly mark: Mark;
  /** Stores the finished file: one stream of bytes, to be read to its end. */
  readonly sink: (bytes: AsyncIterable<Uint8Array>, sizeBytes: number) => Promise<Stored>;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: ProxyProgress) => void) | undefined;
  readonly profile?: Partial<ProxyProfile>;
}

export interface BurntCopy<Stored> extends CopyShape {
  readonly stored: Stored;
}

/** The longest side of a burnt picture, pixels. */
const longestPictureSide = 3840;
const outputName = 'copy';

/**
 * Makes a file anybody can open - MP4 with H.264 and AAC, M4A, or JPEG - with a mark that cannot be cut off: in every frame, or, where there
 * is only sound, in the file's tags. The file is written to scratch first, because players of every age want the index before the pictures.
 * @throws MediaError not_media (nothing to burn into), font_missing, ffmpeg_failed, no_progress, timed_out, output_too_large, aborted, io
 * @throws whatever `sink` throws
 */
export async function makeBurntCopy<Stored>(
  bench: ToolBench,
  input: MediaInput,
  options: BurnOptions<Stored>,
): Promise<BurntCopy<Stored>> {
  const shape = copyShapeOf(input.probe);
  if (!shape) throw new MediaError('not_media', 'The file has no picture and no sound to put a mark into.');
  const font = shape.mark === 'picture' ? await findFont(bench.tools.ffmpegPath, bench.cjkFont) : null;
  const { durationMs } = input.probe;
  const profile = { ...defaultProfile, ...options.profile };
  const plan = {
    inputs: [inputOf(input, shape)],
    output: [...contentOf(input, shape, font, options.mark, profile), '-fs', String(bench.limits.proxyBytes)],
    outputName,
  };
  const stored = await runTool(
    ffmpegRun(bench, plan, {
      signal: options.signal,
      maxOutputBytes: 0,
      onProgress: ({ outTimeMs }) => {
        if (outTimeMs === null) return;
        options.onProgress?.({ doneMs: outTimeMs, fraction: durationMs ? Math.min(1, outTimeMs / durationMs) : null });
      },
    }),
    async (_stdout, ended, directory) => {
      const outcome = await ended();
      assertSucceeded(outcome);
      const path = join(directory, outputName);
      const size = await stat(path).then(
        (found) => found.size,
        () => 0,
      );
      if (size === 0) {
        throw new MediaError('not_media', 'Not one picture or sound in the file could be read.', {
          stderrTail: outcome.stderrTail,
        });
      }
      // At its limit ffmpeg stops without a word, and the copy would end in the middle.
      if (size >= bench.limits.proxyBytes) {
        throw new MediaError('output_too_large', `The copy would have more than ${bench.limits.proxyBytes} bytes.`);
      }
      return options.sink(createReadStream(path, { highWaterMark: 1024 * 1024 }), size);
    },
  );
  return { ...shape, stored };
}

function inputOf({ path, probe }: MediaInput, shape: CopyShape) {
  const demuxer = shape.extension === 'jpg' && probe.container ? { demuxer: probe.container } : {};
  return { from: 'recording', path, options: ['-fflags', '+discardcorrupt'], ...demuxer } as const;
}

function contentOf(
  { probe }: MediaInput,
  shape: CopyShape,
  font: BurnFont | null,
  mark: Mark,
  profile: ProxyProfile,
): string[] {
  const video = probe.streams.find((stream) => stream.type === 'video');
  const audio = playedAudio(probe.streams);
  const tags = ['-map_metadata', '-1', '-map_chapters', '-1', '-sn', '-dn', ...tagsOf(mark)];
  if (video && font && shape.extension === 'jpg') {
    const box = { ...profile, longSide: longestPictureSide, shortSide: longestPictureSide };
    const frame = fit(video, box);
    const scale = `scale=${frame.width}:${frame.height}:flags=bicubic:out_range=pc,setsar=1,format=yuv444p`;
    return [
      ...burnt(video, [scale], markFilter(mark, font, frame, 'shown', 'out')),
      ...['-frames:v', '1', '-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p', '-q:v', '2', '-f', 'image2pipe', '-an', ...tags],
    ];
  }
  const sound = audio
    ? [
        '-map',
        `0:${audio.index}`,
        '-af',
        'aresample=async=1:first_pts=0',
        ...encodeAudio(audio.channels, audio.sampleRate),
      ]
    : [];
  const file = ['-f', 'mp4', '-movflags', '+faststart+use_metadata_tags', '-max_muxing_queue_size', '4096'];
  if (!video || !font) return [...sound, '-vn', ...tags, ...file];
  const encoding = encodeVideo(video, profile);
  return [
    ...burnt(video, encoding.filters, markFilter(mark, font, fit(video, profile), 'shown', 'out')),
    ...encoding.options,
    ...sound,
    ...tags,
    ...file,
  ];
}

const burnt = (video: VideoStream, filters: readonly string[], mark: string): string[] => [
  '-filter_complex',
  `[0:${video.index}]${filters.join(',')}[shown];${mark}`,
  ...['-map', '[out]'],
];

/** Tags that players show: whose copy this is. They say nothing of the recording's own metadata, which stays in the original. */
function tagsOf(mark: Mark): string[] {
  const text = mark.lines
    .map((line) => line.toWellFormed().replaceAll(/\p{C}/gu, ' ').trim())
    .filter((line) => line !== '');
  return [
    '-metadata',
    `title=${text[0] ?? ''}`,
    '-metadata',
    `comment=${text.join(' / ')}`,
    '-metadata',
    `copyright=${text.join(' / ')}`,
  ];
}
