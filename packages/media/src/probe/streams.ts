import {
  type FfprobeAnswer,
  type JsonObject,
  listOf,
  numberField,
  objectOf,
  type ProbePacket,
  textField,
} from './ffprobe.ts';
import { keyframeIntervalMs, looksVariable } from './timing.ts';
import type { AudioStream, MediaStream, OtherStream, VideoStream } from './types.ts';

/** Turns ffprobe's streams into ours. */
export function describeStreams(answer: FfprobeAnswer): MediaStream[] {
  return answer.streams.map((stream) => {
    const index = numberField(stream, 'index') ?? 0;
    const type = textField(stream, 'codec_type');
    const cover = numberField(objectOf(stream.disposition), 'attached_pic') === 1;
    if (type === 'video' && !cover) {
      return describeVideo(
        stream,
        index,
        answer.packets.filter((packet) => packet.stream === index),
      );
    }
    if (type === 'audio') return describeAudio(stream, index);
    return describeOther(stream, index, type, cover);
  });
}

function describeVideo(stream: JsonObject, index: number, packets: readonly ProbePacket[]): VideoStream {
  const rotation = rotationOf(stream);
  const [sarNumber, sarBase] = ratio(textField(stream, 'sample_aspect_ratio'), ':') ?? [1, 1];
  const coded = { width: numberField(stream, 'width') ?? 0, height: numberField(stream, 'height') ?? 0 };
  const shown = { width: Math.round((coded.width * sarNumber) / sarBase), height: coded.height };
  const turned = rotation === 90 || rotation === 270;
  const pixelFormat = textField(stream, 'pix_fmt');
  const averageFps = rate(textField(stream, 'avg_frame_rate'));
  const fieldOrder = textField(stream, 'field_order');
  return {
    type: 'video',
    index,
    codec: textField(stream, 'codec_name') ?? 'unknown',
    profile: textField(stream, 'profile'),
    level: numberField(stream, 'level'),
    width: turned ? shown.height : shown.width,
    height: turned ? shown.width : shown.height,
    rotation,
    pixelFormat,
    bitDepth: bitDepthOf(stream, pixelFormat),
    interlaced: fieldOrder !== null && fieldOrder !== 'progressive' && fieldOrder !== 'unknown',
    averageFps,
    nominalFps: rate(textField(stream, 'r_frame_rate')),
    variableFrameRate: looksVariable(packets),
    keyframeIntervalMs: keyframeIntervalMs(packets),
    bitsPerSecond: numberField(stream, 'bit_rate'),
    language: languageOf(stream),
  };
}

function describeAudio(stream: JsonObject, index: number): AudioStream {
  return {
    type: 'audio',
    index,
    codec: textField(stream, 'codec_name') ?? 'unknown',
    profile: textField(stream, 'profile'),
    channels: numberField(stream, 'channels') ?? 0,
    sampleRate: numberField(stream, 'sample_rate') ?? 0,
    bitsPerSecond: numberField(stream, 'bit_rate'),
    language: languageOf(stream),
    isDefault: numberField(objectOf(stream.disposition), 'default') === 1,
  };
}

function describeOther(stream: JsonObject, index: number, type: string | null, cover: boolean): OtherStream {
  const known = type === 'subtitle' || type === 'data' || type === 'attachment' ? type : 'unknown';
  return { type: 'other', index, codec: textField(stream, 'codec_name') ?? 'unknown', what: cover ? 'cover' : known };
}

/** The display matrix counts counter-clockwise (ffmpeg, `av_display_rotation_get`); older files have a `rotate` tag, clockwise. */
function rotationOf(stream: JsonObject): 0 | 90 | 180 | 270 {
  const matrix = listOf(stream.side_data_list)
    .map(objectOf)
    .find((data) => data.rotation !== undefined);
  const clockwise = matrix
    ? -(numberField(matrix, 'rotation') ?? 0)
    : (numberField(objectOf(stream.tags), 'rotate') ?? 0);
  const quarter = ((Math.round(clockwise / 90) % 4) + 4) % 4;
  return ([0, 90, 180, 270] as const)[quarter] ?? 0;
}

function bitDepthOf(stream: JsonObject, pixelFormat: string | null): number | null {
  const declared = numberField(stream, 'bits_per_raw_sample');
  if (declared !== null && declared > 0) return declared;
  if (pixelFormat === null) return null;
  const inName = /p(9|10|12|14|16)(le|be)$/.exec(pixelFormat)?.[1];
  return inName ? Number(inName) : 8;
}

function languageOf(stream: JsonObject): string | null {
  const language = textField(objectOf(stream.tags), 'language');
  return language === 'und' ? null : language;
}

function rate(text: string | null): number | null {
  const parts = ratio(text, '/');
  return parts ? Math.round((parts[0] / parts[1]) * 1000) / 1000 : null;
}

function ratio(text: string | null, separator: string): readonly [number, number] | null {
  const [above, below] = (text ?? '').split(separator).map(Number);
  return above !== undefined && below !== undefined && above > 0 && below > 0 ? [above, below] : null;
}
