import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isTimed, lengthAfterCuts, type RedactionMark, type TimedMark } from '@fengcun/contracts';
import { type CopyShape, copyShapeOf } from '../burn/copy-shape.ts';
import { findFont } from '../burn/find-font.ts';
import { MediaError } from '../errors.ts';
import { probeFile } from '../probe/probe.ts';
import type { AudioStream, ProbeResult, VideoStream } from '../probe/types.ts';
import { playedAudio } from '../probe/verdict.ts';
import type { ToolBench } from '../process/bench.ts';
import { assertSucceeded, writeFile } from '../process/ffmpeg.ts';
import type { MediaInput } from '../proxy/make-proxy.ts';
import { constantRate, encodeAudio, encodeVideo, fit, type ProxyProfile } from '../proxy/plan.ts';
import { scratchOf } from '../still/make-still.ts';
import { checkResult } from './check-result.ts';
import { coverFilters, coversOf, joinFilters, keptSpans, type MarkedFrame, soundFilters } from './filter-graph.ts';
import { type Label, labelFilter, labelOf } from './label.ts';
import { redactStill } from './redact-still.ts';

/** A redacted version, on this machine's disk until `use` has ended. */
export interface RedactedFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly durationMs: number;
  readonly mediaType: CopyShape['mediaType'];
  /** where the line is: in every picture, in the file's tags, or nowhere */
  readonly mark: 'picture' | 'metadata' | 'none';
  readonly probe: ProbeResult;
}

export interface RedactOptions<Used> {
  /** without faults for this recording or picture */
  readonly marks: readonly RedactionMark[];
  /** a short line in a corner of every picture, such as the number of an event; null: none */
  readonly line: string | null;
  /** what is to be done with the file; it is gone afterwards */
  readonly use: (file: RedactedFile) => Promise<Used>;
  readonly signal?: AbortSignal | undefined;
  /** 0..1 over making and checking */
  readonly onProgress?: ((fraction: number) => void) | undefined;
}

/** What is published should still show what it is there to show. */
const profile: ProxyProfile = { longSide: 1920, shortSide: 1080, fps: 30, crf: 21, preset: 'veryfast' };
/** of the progress that is reported; the rest is looking at the result */
const makingShare = 0.85;

/**
 * Makes a new file of a recording - MP4 with H.264 and AAC, or M4A - in which what is marked cannot be seen or heard. Everything is decoded and
 * encoded anew; of the original's tags, chapters, further streams and messages inside of pictures (place, device, clock, captions) nothing goes
 * over. The result is looked at before it is handed on: decodable, as long as it must be, without tags, and covered where it must be. Of a still
 * picture, a JPEG: see `redactStill`.
 * @throws MediaError not_media, font_missing, result_wrong, ffmpeg_failed, no_progress, timed_out, output_too_large, aborted, io
 * @throws whatever `use` throws
 */
export async function makeRedacted<Used>(
  bench: ToolBench,
  input: MediaInput,
  options: RedactOptions<Used>,
): Promise<Used> {
  const shape = copyShapeOf(input.probe);
  if (!shape) throw new MediaError('not_media', 'The file has no picture and no sound that could be redacted.');
  const marks = options.marks.filter(isTimed);
  if (shape.extension === 'jpg') {
    const areas = options.marks.filter((mark) => mark.kind === 'area');
    if (marks.length > 0) throw unfit();
    return redactStill(bench, input, areas, options);
  }
  if (marks.length < options.marks.length) throw unfit();
  const video = input.probe.streams.find((stream) => stream.type === 'video') ?? null;
  const audio = playedAudio(input.probe.streams);
  const frame = video && { ...fit(video, profile), fps: constantRate(video, profile.fps)[0] };
  const label =
    frame && options.line !== null
      ? labelOf(options.line, await findFont(bench.tools.ffmpegPath, bench.cjkFont), frame)
      : null;
  const directory = await scratchOf(bench, 'redact-');
  try {
    const path = join(directory, `redacted.${shape.extension}`);
    const graph = graphOf(marks, { video, audio, frame, label }, input.probe.durationMs);
    await render(bench, input, marks, options, path, [
      ...graph.arguments,
      ...(audio ? encodeAudio(audio.channels, audio.sampleRate) : []),
      ...nothingElse,
      ...(video || options.line === null ? [] : ['-metadata', `comment=${clean(options.line)}`]),
      ...['-f', 'mp4', '-movflags', '+faststart', '-max_muxing_queue_size', '4096'],
    ]);
    const { size } = await stat(path).catch(() => ({ size: 0 }));
    if (size === 0) throw new MediaError('not_media', 'Not one picture or sound in the file could be read.');
    if (size >= bench.limits.proxyBytes) {
      throw new MediaError('output_too_large', `The file would have more than ${bench.limits.proxyBytes} bytes.`);
    }
    const probe = await probeFile(bench, path, { signal: options.signal });
    const expected = {
      marks,
      frame,
      label,
      hasSound: audio !== null,
      comment: video || options.line === null ? null : clean(options.line),
      sourceMs: input.probe.durationMs,
      // A recording that was cut off promises more than it has.
      durationMs:
        input.probe.durationMs === null || input.probe.truncated
          ? null
          : lengthAfterCuts(marks, input.probe.durationMs),
    };
    await checkResult(bench, { path, probe }, expected, options.signal);
    options.onProgress?.(1);
    return await options.use({
      path,
      sizeBytes: size,
      durationMs: probe.durationMs ?? 0,
      mediaType: shape.mediaType,
      mark: options.line === null ? 'none' : shape.mark,
      probe,
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** The contract refuses such a plan; it is never guessed what was meant. */
const unfit = () => new MediaError('result_wrong', 'Marks with a time are for recordings, areas for still pictures.');

/** No tags, chapters, subtitles, data or attachments; no encoder's name; and of H.264 no supplemental messages (ITU-T H.264, annex D). */
const nothingElse = [...['-map_metadata', '-1', '-map_chapters', '-1', '-sn', '-dn'], ...['-fflags', '+bitexact']];
const noMessages = ['-a53cc', '0', '-bsf:v', 'filter_units=remove_types=6'];

interface Streams {
  readonly video: VideoStream | null;
  readonly audio: AudioStream | null;
  readonly frame: MarkedFrame | null;
  readonly label: Label | null;
}

/** The filter graph with its `-map`s: pictures are covered first, in the recording's own time, then spans are left out, then the line is written. */
function graphOf(
  marks: readonly TimedMark[],
  { video, audio, frame, label }: Streams,
  durationMs: number | null,
): { readonly arguments: string[] } {
  const encoding = video ? encodeVideo(video, profile) : null;
  const kept = keptSpans(marks, durationMs);
  const steps: string[] = [];
  if (video && encoding && frame) {
    steps.push(`[0:${video.index}]${[...encoding.filters, 'sidedata=mode=delete'].join(',')}[shown]`);
    steps.push(coverFilters(coversOf(marks, frame), 'shown', 'covered'));
  }
  if (audio) {
    const sound = {
      sampleRate: audio.sampleRate === 44_100 ? 44_100 : 48_000,
      channels: audio.channels === 1 ? 1 : 2,
    } as const;
    steps.push(soundFilters(marks, sound, `0:${audio.index}`, 'heard'));
  }
  const from = { video: video ? 'covered' : null, audio: audio ? 'heard' : null };
  const joined = { video: 'kept', audio: 'kepta' };
  if (kept) steps.push(joinFilters(kept, from, joined));
  const at = kept ? joined : from;
  if (video) steps.push(`[${at.video}]${label ? labelFilter(label) : 'null'},format=yuv420p[v]`);
  if (audio) steps.push(`[${at.audio}]anull[a]`);
  return {
    arguments: [
      ...['-filter_complex', steps.join(';')],
      ...(encoding ? ['-map', '[v]', ...encoding.options, ...noMessages] : ['-vn']),
      ...(audio ? ['-map', '[a]'] : ['-an']),
    ],
  };
}

async function render<Used>(
  bench: ToolBench,
  input: MediaInput,
  marks: readonly TimedMark[],
  options: RedactOptions<Used>,
  path: string,
  output: readonly string[],
): Promise<void> {
  const { durationMs } = input.probe;
  const length = durationMs === null ? null : Math.max(1, lengthAfterCuts(marks, durationMs));
  const ended = await writeFile(
    bench,
    {
      inputs: [{ from: 'recording', path: input.path, options: ['-fflags', '+discardcorrupt'] }],
      output: [...output, '-fs', String(bench.limits.proxyBytes)],
      outputName: path,
    },
    {
      signal: options.signal,
      onProgress: ({ outTimeMs }) => {
        if (outTimeMs !== null && length) options.onProgress?.(Math.min(1, outTimeMs / length) * makingShare);
      },
    },
  );
  assertSucceeded(ended);
}

const clean = (line: string): string => line.toWellFormed().replaceAll(/\p{C}/gu, ' ').trim().slice(0, 120);
