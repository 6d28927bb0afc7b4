import { randomBytes } from 'node:crypto';
import { MediaError } from '../errors.ts';
import type { ProbeResult } from '../probe/types.ts';
import type { ToolBench } from '../process/bench.ts';
import { assertSucceeded, ffmpegRun } from '../process/ffmpeg.ts';
import { readAhead } from '../process/read-ahead.ts';
import { runTool } from '../process/run.ts';
import { segmentCipher } from './encryption.ts';
import { readFragment } from './fragment.ts';
import { type InitTrack, readInitSegment } from './init-segment.ts';
import { defaultProfile, type ProxyPlan, type ProxyProfile, planProxy } from './plan.ts';
import { SegmentClock, type SegmentTimes } from './segment-clock.ts';
import { splitMp4 } from './split.ts';
import type { ProxyIndex } from './types.ts';

/** bytes that may wait in memory for the sink */
const encryptedAhead = 4 * 1024 * 1024;

/** A recording on this machine's disk and what `probe` said of it. */
export interface MediaInput {
  readonly path: string;
  readonly probe: ProbeResult;
}

export interface ProxyOptions<Stored> {
  /** 16 bytes, this evidence's own. */
  readonly key: Uint8Array;
  /**
   * Stores the proxy: one stream of bytes, to be read to its end. A chunk is the sink's until it asks for the next one. The stream
   * throws, instead of ending, when ffmpeg fails; whoever stores it must not keep what came before.
   */
  readonly sink: (bytes: AsyncIterable<Uint8Array>) => Promise<Stored>;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: ProxyProgress) => void) | undefined;
  /** `encode` makes even copyable streams anew; for a recording whose remux does not play. */
  readonly streams?: 'as-needed' | 'encode';
  readonly profile?: Partial<ProxyProfile>;
}

export interface ProxyProgress {
  readonly doneMs: number;
  /** 0..1, or null when the recording does not say how long it is. */
  readonly fraction: number | null;
}

/**
 * Makes the proxy a browser plays: HLS, fMP4 segments of about 4 s, AES-128. Streams: a few MiB are held in memory, and
 * nothing is written to disk here.
 * @throws MediaError not_media (nothing to play), ffmpeg_failed, no_progress, timed_out, output_too_large, aborted, io
 * @throws whatever `sink` throws
 */
export async function makeProxy<Stored>(
  bench: ToolBench,
  input: MediaInput,
  options: ProxyOptions<Stored>,
): Promise<{ readonly index: ProxyIndex; readonly stored: Stored }> {
  if (options.key.byteLength !== 16) throw new TypeError('An AES-128 key has 16 bytes.');
  if (input.probe.playable.state === 'nothing-to-play') throw new MediaError('not_media', input.probe.playable.detail);

  const plan = planProxy(input.probe, { ...defaultProfile, ...options.profile }, options.streams ?? 'as-needed');
  const command = {
    // The last packet of a cut recording is half a picture; a browser's parser refuses the whole segment for it.
    inputs: [{ from: 'recording', path: input.path, options: ['-fflags', '+discardcorrupt'] }],
    videoFilters: plan.videoFilters,
    audioFilters: plan.audioFilters,
    output: plan.options,
  } as const;
  const { durationMs } = input.probe;
  return await runTool(
    ffmpegRun(bench, command, {
      priority: plan.video === 'encoded' ? 'background' : 'waited-for',
      signal: options.signal,
      maxOutputBytes: bench.limits.proxyBytes,
      onProgress: ({ outTimeMs }) => {
        if (outTimeMs === null) return;
        options.onProgress?.({ doneMs: outTimeMs, fraction: durationMs ? Math.min(1, outTimeMs / durationMs) : null });
      },
    }),
    async (stdout, ended) => {
      const baseIv = randomBytes(16).toString('hex');
      const made: { index?: ProxyIndex } = {};
      const bytes = encryptSegments(stdout, options.key, baseIv, async (written) => {
        const outcome = await ended();
        assertSucceeded(outcome);
        if (!written)
          throw new MediaError('not_media', 'Not one picture or sound in the file could be read.', {
            stderrTail: outcome.stderrTail,
          });
        made.index = describe(plan, written, baseIv);
      });
      const stored = await options.sink(readAhead(bytes, encryptedAhead));
      if (!made.index)
        throw new MediaError('io', 'The sink stopped before the end of the proxy: it must read all of it.');
      return { index: made.index, stored };
    },
  );
}

interface Written {
  readonly tracks: readonly InitTrack[];
  readonly initBytes: number;
  readonly segments: readonly { readonly offset: number; readonly length: number }[];
  readonly times: SegmentTimes;
  readonly totalBytes: number;
}

/** `finish` runs after the last byte and before the stream ends, so that a failure can still keep it from ending. */
async function* encryptSegments(
  stdout: AsyncIterable<Uint8Array>,
  key: Uint8Array,
  baseIv: string,
  finish: (written: Written | null) => Promise<void>,
): AsyncGenerator<Uint8Array> {
  const segments: { offset: number; length: number }[] = [];
  let tracks: InitTrack[] = [];
  let clock: SegmentClock | null = null;
  let initBytes = 0;
  let offset = 0;
  let segmentStart = 0;
  let cipher = segmentCipher(key, baseIv, 0);

  for await (const piece of splitMp4(stdout)) {
    let out: Buffer;
    if (piece.kind === 'init') {
      tracks = readInitSegment(piece.bytes);
      clock = new SegmentClock(tracks);
      initBytes = piece.bytes.length;
      out = piece.bytes;
    } else if (piece.kind === 'moof') {
      clock?.add(readFragment(piece.bytes.subarray(8), tracks));
      cipher = segmentCipher(key, baseIv, segments.length);
      segmentStart = offset;
      out = cipher.update(piece.bytes);
    } else if (piece.kind === 'data') {
      out = cipher.update(piece.bytes);
    } else {
      out = cipher.final();
      segments.push({ offset: segmentStart, length: offset + out.length - segmentStart });
    }
    offset += out.length;
    if (out.length > 0) yield out;
  }
  const written =
    clock && segments.length > 0 ? { tracks, initBytes, segments, times: clock.finish(), totalBytes: offset } : null;
  await finish(written);
}

function describe(plan: ProxyPlan, written: Written, baseIv: string): ProxyIndex {
  const video = written.tracks.find((track) => track.type === 'video');
  const segments = written.segments.map((span, n) => ({ ...span, durationMs: written.times.durationsMs[n] ?? 0 }));
  const longest = Math.max(...written.times.durationsMs);
  return {
    version: 1,
    method: plan.video === 'encoded' || plan.audio === 'encoded' ? 'transcode' : 'remux',
    video: plan.video,
    audio: plan.audio,
    codecs: written.tracks.map((track) => track.codec).join(','),
    width: video?.width ?? null,
    height: video?.height ?? null,
    durationMs: segments.reduce((sum, segment) => sum + segment.durationMs, 0),
    // Each EXTINF rounded to whole seconds must not exceed it (RFC 8216, section 4.3.3.1).
    targetDuration: Math.max(1, Math.round(longest / 1000)),
    independentSegments: written.times.independent,
    encryption: { method: 'AES-128', baseIv },
    initSegment: { offset: 0, length: written.initBytes },
    segments,
    totalBytes: written.totalBytes,
    dropped: plan.dropped,
  };
}
