/** What ffprobe's JSON says that a person wants to know. Every field of it is text from outside and may be missing or of another type. */
export interface ProbeSummary {
  readonly container: string | null;
  readonly durationMs: number | null;
  readonly bitsPerSecond: number | null;
  readonly created: string | null;
  readonly location: string | null;
  readonly streams: readonly StreamSummary[];
}

export type StreamSummary =
  | {
      readonly type: 'video';
      readonly codec: string;
      readonly profile: string | null;
      readonly width: number | null;
      readonly height: number | null;
      readonly fps: number | null;
      readonly rotation: number;
    }
  | {
      readonly type: 'audio';
      readonly codec: string;
      readonly sampleRate: number | null;
      readonly channels: number | null;
    };

type Json = { readonly [key: string]: unknown };

/** Reads ffprobe's JSON (`format`, `streams`), also when it is wrapped as `raw`. Null when there is nothing to read. */
export function summarizeProbe(probe: unknown): ProbeSummary | null {
  const root = objectOf(probe);
  const json = root && objectOf(root.raw) ? objectOf(root.raw) : root;
  if (!json) return null;
  const format = objectOf(json.format);
  const streams = Array.isArray(json.streams) ? json.streams : [];
  if (!format && streams.length === 0) return null;
  const tags = objectOf(format?.tags) ?? {};
  const seconds = numberOf(format?.duration);
  return {
    container: textOf(format?.format_long_name) ?? textOf(format?.format_name),
    durationMs: seconds === null ? null : Math.round(seconds * 1000),
    bitsPerSecond: numberOf(format?.bit_rate),
    created: textOf(tags.creation_time),
    location: textOf(tags.location),
    streams: streams.flatMap((stream) => streamOf(objectOf(stream))),
  };
}

function streamOf(stream: Json | null): StreamSummary[] {
  const codec = textOf(stream?.codec_name);
  if (!stream || !codec) return [];
  if (stream.codec_type === 'video') {
    return [
      {
        type: 'video',
        codec,
        profile: textOf(stream.profile),
        width: numberOf(stream.width),
        height: numberOf(stream.height),
        fps: rateOf(stream.avg_frame_rate),
        rotation: rotationOf(stream),
      },
    ];
  }
  if (stream.codec_type === 'audio') {
    return [{ type: 'audio', codec, sampleRate: numberOf(stream.sample_rate), channels: numberOf(stream.channels) }];
  }
  return [];
}

function rotationOf(stream: Json): number {
  const sides = Array.isArray(stream.side_data_list) ? stream.side_data_list : [];
  for (const side of sides) {
    const rotation = numberOf(objectOf(side)?.rotation);
    if (rotation !== null && rotation !== 0) return ((-rotation % 360) + 360) % 360;
  }
  return 0;
}

function rateOf(value: unknown): number | null {
  const [top, bottom = '1'] = (textOf(value) ?? '').split('/');
  const rate = Number(top) / Number(bottom);
  return Number.isFinite(rate) && rate > 0 ? rate : null;
}

const objectOf = (value: unknown): Json | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null;
const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
function numberOf(value: unknown): number | null {
  const number =
    typeof value === 'number' ? value : typeof value === 'string' && value !== '' ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : null;
}
