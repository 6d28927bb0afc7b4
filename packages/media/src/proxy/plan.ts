import type { ProbeResult, VideoStream } from '../probe/types.ts';
import { audioCauses, playedAudio } from '../probe/verdict.ts';
import type { DroppedStream, ProxyIndex } from './types.ts';

/** How large and how smooth an encoded proxy may be. A remuxed one keeps the original's size and rate. */
export interface ProxyProfile {
  readonly longSide: number;
  readonly shortSide: number;
  readonly fps: number;
  /** x264's constant rate factor: lower is better and larger. */
  readonly crf: number;
  readonly preset: 'ultrafast' | 'superfast' | 'veryfast' | 'faster' | 'fast' | 'medium';
}

export const defaultProfile: ProxyProfile = { longSide: 1280, shortSide: 720, fps: 30, crf: 23, preset: 'veryfast' };

/** What ffmpeg is asked to do with each stream. */
export interface ProxyPlan {
  readonly video: ProxyIndex['video'];
  readonly audio: ProxyIndex['audio'];
  readonly videoFilters: readonly string[];
  readonly audioFilters: readonly string[];
  /** Output options, muxer included. */
  readonly options: readonly string[];
  readonly dropped: readonly DroppedStream[];
}

const segmentSeconds = 4;
/** A cut is forced here even without a keyframe, so that a recording that stops having them cannot grow one segment for ever. */
const longestSegmentSeconds = 16;

/** Rates that recorders use, as ffmpeg writes them. */
const commonRates: readonly (readonly [fps: number, text: string])[] = [
  [5, '5'],
  [10, '10'],
  [12, '12'],
  [12.5, '25/2'],
  [15, '15'],
  [20, '20'],
  [23.976, '24000/1001'],
  [24, '24'],
  [25, '25'],
  [29.97, '30000/1001'],
  [30, '30'],
  [50, '50'],
  [59.94, '60000/1001'],
  [60, '60'],
];

/**
 * Decides copy or encode for each stream. `everything: 'encode'` is for a recording whose copy turned out not to play.
 * `probe` must not say `nothing-to-play`.
 */
export function planProxy(probe: ProbeResult, profile: ProxyProfile, everything: 'as-needed' | 'encode'): ProxyPlan {
  const video = probe.streams.find((stream) => stream.type === 'video') ?? null;
  const audio = playedAudio(probe.streams);
  const why = probe.playable.state === 'needs-transcode' ? probe.playable.why : [];
  const copyVideo = everything === 'as-needed' && why.every((cause) => cause === 'audio-codec');
  const copyAudio =
    everything === 'as-needed' && audio !== null && audioCauses(audio).length === 0 && !why.includes('container');
  const encodedVideo = video && !copyVideo ? encodeVideo(video, profile) : null;
  return {
    video: video === null ? 'none' : encodedVideo ? 'encoded' : 'copied',
    audio: audio === null ? 'none' : copyAudio ? 'copied' : 'encoded',
    videoFilters: encodedVideo?.filters ?? [],
    // Holes in the sound become silence, so that it stays with the picture.
    audioFilters: audio && !copyAudio ? ['aresample=async=1:first_pts=0'] : [],
    options: [
      ...(video ? ['-map', `0:${video.index}`] : []),
      ...(audio ? ['-map', `0:${audio.index}`] : []),
      // Place names, serial numbers and the like stay in the original.
      ...['-map_metadata', '-1', '-map_chapters', '-1', '-sn', '-dn', '-fflags', '+bitexact'],
      ...(video ? (encodedVideo?.options ?? ['-c:v', 'copy']) : []),
      ...(audio ? (copyAudio ? ['-c:a', 'copy'] : encodeAudio(audio.channels, audio.sampleRate)) : []),
      ...muxer(video !== null),
    ],
    dropped: probe.streams.flatMap((stream): DroppedStream[] => {
      if (stream.index === video?.index || stream.index === audio?.index) return [];
      const known = stream.type !== 'other';
      return [
        {
          index: stream.index,
          what: known ? stream.type : stream.what,
          codec: stream.codec,
          why: known ? 'another-track-was-kept' : 'not-playable-in-a-proxy',
        },
      ];
    }),
  };
}

export function encodeVideo(video: VideoStream, profile: ProxyProfile): { filters: string[]; options: string[] } {
  const { width, height } = fit(video, profile);
  const [fps, rate] = constantRate(video, profile.fps);
  const keyframes = String(Math.round(fps * segmentSeconds));
  return {
    filters: [
      ...(video.interlaced ? ['bwdif=mode=send_frame'] : []),
      `fps=${rate}`,
      `scale=${width}:${height}:flags=bicubic:out_range=tv`,
      'setsar=1',
      'format=yuv420p',
    ],
    options: [
      ...['-c:v', 'libx264', '-preset', profile.preset, '-crf', String(profile.crf), '-profile:v', 'high'],
      ...['-g', keyframes, '-keyint_min', keyframes, '-sc_threshold', '0', '-flags:v', '+bitexact'],
    ],
  };
}

/** The display size scaled down into the profile's box, both sides even as 4:2:0 needs; never scaled up. */
export function fit(video: VideoStream, profile: ProxyProfile): { width: number; height: number } {
  const wide = video.width >= video.height;
  const scale = Math.min(
    1,
    (wide ? profile.longSide : profile.shortSide) / video.width,
    (wide ? profile.shortSide : profile.longSide) / video.height,
  );
  const even = (side: number) => Math.max(2, 2 * Math.round((side * scale) / 2));
  return { width: even(video.width), height: even(video.height) };
}

/** The recorder's own rate if it is a common one, else the next common one above the mean; never above the profile's. */
export function constantRate(video: VideoStream, limit: number): readonly [fps: number, text: string] {
  const measured = video.variableFrameRate ? video.averageFps : (video.nominalFps ?? video.averageFps);
  const wanted = Math.min(measured && measured <= 1000 ? measured : limit, limit);
  const rates = commonRates.filter(([fps]) => fps <= limit);
  const near = rates.find(([fps]) => Math.abs(fps - wanted) < fps * 0.002);
  return near ?? rates.find(([fps]) => fps >= wanted) ?? rates.at(-1) ?? [limit, String(limit)];
}

/** 48 kHz, or 44.1 kHz where the original has it; recorders' 8 kHz is not something every browser's AAC decoder takes. */
export function encodeAudio(channels: number, sampleRate: number): string[] {
  const mono = channels === 1;
  const rate = sampleRate === 44_100 ? '44100' : '48000';
  return ['-c:a', 'aac', '-ac', mono ? '1' : '2', '-ar', rate, '-b:a', mono ? '64k' : '128k', '-flags:a', '+bitexact'];
}

/**
 * Fragmented MP4 on a pipe, one fragment for each segment: no scratch file, and back-pressure all the way to the reader of the file.
 * `delay_moov` lets the encoder's delay be written as an edit list, which keeps sound and picture together.
 */
function muxer(hasVideo: boolean): string[] {
  const microseconds = (seconds: number) => String(seconds * 1_000_000);
  return [
    ...['-f', 'mp4', '-movflags', '+frag_keyframe+delay_moov+default_base_moof+skip_trailer'],
    ...(hasVideo ? ['-min_frag_duration', microseconds(segmentSeconds)] : []),
    ...['-frag_duration', microseconds(hasVideo ? longestSegmentSeconds : segmentSeconds)],
    ...['-max_muxing_queue_size', '4096'],
  ];
}
