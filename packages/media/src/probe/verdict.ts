import type { Mp4Skeleton } from './mp4-boxes.ts';
import type { AudioStream, MediaStream, Playable, TranscodeCause, VideoStream } from './types.ts';

/** H.264 profiles that every browser's decoder takes with 4:2:0, 8 bit. */
const browserProfiles = new Set([
  'Baseline',
  'Constrained Baseline',
  'Main',
  'High',
  'Progressive High',
  'Constrained High',
]);
const browserPixels = new Set(['yuv420p', 'yuvj420p']);
/** Profiles of AAC that Media Source Extensions play everywhere. */
const browserAac = new Set(['LC', 'HE-AAC', 'HE-AACv2']);
/** Containers whose timestamps can be trusted to be copied. AVI has none, FLV and MPEG-TS let geometry and clocks jump. */
const remuxable = /^(mov,mp4|matroska)/;
/** Beyond this a segment would be too long to seek in and to hold. */
const longestKeyframeIntervalMs = 12_000;

/** Whether the streams can be shown as they are. `streams` must hold video or audio. */
export function judge(
  container: string | null,
  streams: readonly MediaStream[],
  skeleton: Mp4Skeleton | null,
): Playable {
  const video = streams.find((stream) => stream.type === 'video');
  const audio = playedAudio(streams);
  const why = [
    ...(video ? videoCauses(video, skeleton) : []),
    ...(audio ? audioCauses(audio) : []),
    ...(video && !remuxable.test(container ?? '') ? (['container'] as const) : []),
  ];
  return why.length === 0 ? { state: 'ready-as-is' } : { state: 'needs-transcode', why };
}

/** The one audio track that the proxy carries: the default one, else the first that has channels. */
export function playedAudio(streams: readonly MediaStream[]): AudioStream | null {
  const audible = streams.filter((stream) => stream.type === 'audio').filter((stream) => stream.channels > 0);
  return audible.find((stream) => stream.isDefault) ?? audible[0] ?? null;
}

/** What keeps the picture from being copied. */
export function videoCauses(video: VideoStream, skeleton: Mp4Skeleton | null): TranscodeCause[] {
  const causes: TranscodeCause[] = [];
  if (video.codec !== 'h264') causes.push('video-codec');
  else if (video.profile !== null && !browserProfiles.has(video.profile)) causes.push('video-profile');
  if (video.pixelFormat !== null && !browserPixels.has(video.pixelFormat)) causes.push('video-pixel-format');
  if (video.variableFrameRate) causes.push('variable-frame-rate');
  if (video.rotation !== 0) causes.push('rotated');
  if (video.interlaced) causes.push('interlaced');
  if (skeleton && skeleton.sampleDescriptions > 1) causes.push('changing-geometry');
  if ((video.keyframeIntervalMs ?? 0) > longestKeyframeIntervalMs) causes.push('sparse-keyframes');
  return causes;
}

/** What keeps the sound from being copied. */
export function audioCauses(audio: AudioStream): TranscodeCause[] {
  const copyable =
    audio.codec === 'aac' && (audio.profile === null || browserAac.has(audio.profile)) && audio.channels <= 2;
  return copyable ? [] : ['audio-codec'];
}
