import { closedInput, inputName } from '../command.ts';
import { MediaError } from '../errors.ts';
import type { ToolBench } from '../process/bench.ts';
import { runTool } from '../process/run.ts';

/** What ffprobe said, its fields still untrusted. */
export interface FfprobeAnswer {
  /** `format` and `streams` exactly as printed, without the packets that were asked for besides. */
  readonly raw: { readonly format?: unknown; readonly streams?: unknown; readonly error?: unknown };
  readonly format: JsonObject;
  readonly streams: readonly JsonObject[];
  /** Timestamps of the first packets, in file order. */
  readonly packets: readonly ProbePacket[];
  readonly opened: boolean;
  readonly stderrTail: string;
}

export interface ProbePacket {
  readonly stream: number;
  readonly ptsSeconds: number | null;
  readonly dtsSeconds: number | null;
  readonly keyframe: boolean;
}

export type JsonObject = { readonly [key: string]: unknown };

/**
 * Enough to see a variable frame rate and the distance of keyframes, little enough to read in milliseconds. Counted in packets, not in
 * seconds, because a crafted file can have any number of them in one.
 */
const sampledPackets = 1_200;
const maxAnswerBytes = 32 * 1024 * 1024;

/**
 * Asks ffprobe for format, streams and the times of the first packets (some 15 s of film), in one run.
 * A file that ffprobe cannot open is an answer (`opened: false`), not an error.
 * @throws MediaError no_progress, timed_out, aborted, io, ffmpeg_failed (its answer was not JSON)
 */
export async function askFfprobe(
  bench: ToolBench,
  path: string,
  options: { readonly demuxer?: string | undefined; readonly signal?: AbortSignal | undefined },
): Promise<FfprobeAnswer> {
  const args = [
    ...['-hide_banner', '-loglevel', 'error', '-max_alloc', String(1024 ** 3), ...closedInput],
    ...(options.demuxer ? ['-f', options.demuxer] : []),
    ...['-of', 'json=compact=1', '-show_error', '-show_format', '-show_streams'],
    ...['-read_intervals', `%+#${sampledPackets}`, '-show_entries', 'packet=stream_index,pts_time,dts_time,flags'],
    inputName(path),
  ];
  return await runTool(
    {
      program: bench.tools.ffprobePath,
      args,
      launcher: bench.launcher,
      priority: 'waited-for',
      scratchDir: bench.scratchDir,
      signal: options.signal,
      noProgressMs: bench.limits.probeTimeMs,
      wallTimeMs: bench.limits.probeTimeMs,
      maxOutputBytes: maxAnswerBytes,
    },
    async (stdout, ended) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of stdout) chunks.push(chunk);
      const { stderrTail } = await ended();
      return parseAnswer(Buffer.concat(chunks).toString('utf8'), stderrTail);
    },
  );
}

function parseAnswer(text: string, stderrTail: string): FfprobeAnswer {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new MediaError('ffmpeg_failed', 'ffprobe ended without a readable answer; see its last words.', {
      cause,
      stderrTail,
    });
  }
  const { packets, ...raw } = objectOf(json);
  const streams = listOf(raw.streams).map(objectOf);
  return {
    raw,
    format: objectOf(raw.format),
    streams,
    packets: listOf(packets).map(objectOf).map(packetOf),
    opened: raw.error === undefined && streams.length > 0,
    stderrTail,
  };
}

function packetOf(packet: JsonObject): ProbePacket {
  return {
    stream: numberField(packet, 'stream_index') ?? -1,
    ptsSeconds: numberField(packet, 'pts_time'),
    dtsSeconds: numberField(packet, 'dts_time'),
    keyframe: (textField(packet, 'flags') ?? '').includes('K'),
  };
}

export const objectOf = (value: unknown): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export function textField(object: JsonObject, name: string): string | null {
  const value = object[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

/** ffprobe prints some numbers as strings; `N/A` and the like become null. */
export function numberField(object: JsonObject, name: string): number | null {
  const value = object[name];
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}
