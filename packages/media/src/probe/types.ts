/** What one recording is, as far as its first bytes, its boxes and ffprobe can tell. Nothing here was decoded except a few headers. */
export interface ProbeResult {
  readonly kind: MediaKind;
  /** Demuxer names as ffprobe gives them, such as `mov,mp4,m4a,3gp,3g2,mj2`; null when there is no container. */
  readonly container: string | null;
  readonly sizeBytes: number;
  readonly durationMs: number | null;
  readonly bitsPerSecond: number | null;
  /** As the recorder wrote it (ISO 8601, UTC); a claim of the device's clock, not a fact. */
  readonly creationTime: string | null;
  readonly streams: readonly MediaStream[];
  /** The file ends before its own headers say it should (a battery pull, a cut transfer). It may still play up to there. */
  readonly truncated: boolean;
  readonly playable: Playable;
  /** ffprobe's JSON (`format`, `streams`, `error`), untouched; null when ffprobe had nothing to read. Untrusted text. */
  readonly raw: unknown;
}

export type MediaKind = 'video' | 'audio' | 'image' | 'document' | 'unknown';

export type Playable =
  /** Remuxing is enough: every current browser plays the codecs as they are. */
  | { readonly state: 'ready-as-is' }
  /** Something has to be encoded again; `why` lists every cause. */
  | { readonly state: 'needs-transcode'; readonly why: readonly TranscodeCause[] }
  /** There is nothing a player could show; `detail` is a sentence, `format` what a document or a picture is (PDF, JPEG). */
  | {
      readonly state: 'nothing-to-play';
      readonly reason: NothingToPlay;
      readonly detail: string;
      readonly format?: string;
    };

export type NothingToPlay =
  | 'empty-file'
  | 'not-media'
  /** An MP4 whose index was never written: the recorder lost power before it could close the file. */
  | 'no-moov'
  /** The file ends before the first picture or sound. */
  | 'truncated'
  | 'document'
  | 'image'
  | 'corrupt';

export type TranscodeCause =
  | 'video-codec'
  | 'video-profile'
  | 'video-pixel-format'
  | 'variable-frame-rate'
  | 'rotated'
  | 'interlaced'
  | 'changing-geometry'
  | 'sparse-keyframes'
  | 'audio-codec'
  | 'container';

export type MediaStream = VideoStream | AudioStream | OtherStream;

export interface VideoStream {
  readonly type: 'video';
  readonly index: number;
  readonly codec: string;
  readonly profile: string | null;
  /** ffprobe's number for the codec level, such as 41 for H.264 level 4.1. */
  readonly level: number | null;
  /** Display size: after rotation and pixel aspect ratio. */
  readonly width: number;
  readonly height: number;
  /** Clockwise turn that makes the picture upright. */
  readonly rotation: 0 | 90 | 180 | 270;
  readonly pixelFormat: string | null;
  readonly bitDepth: number | null;
  readonly interlaced: boolean;
  /** Frames per second: mean over the stream, and the rate the timestamps are based on. */
  readonly averageFps: number | null;
  readonly nominalFps: number | null;
  readonly variableFrameRate: boolean;
  /** Longest distance between keyframes seen at the start of the stream; null when fewer than two were seen. */
  readonly keyframeIntervalMs: number | null;
  readonly bitsPerSecond: number | null;
  readonly language: string | null;
}

export interface AudioStream {
  readonly type: 'audio';
  readonly index: number;
  readonly codec: string;
  readonly profile: string | null;
  readonly channels: number;
  readonly sampleRate: number;
  readonly bitsPerSecond: number | null;
  readonly language: string | null;
  readonly isDefault: boolean;
}

/** Subtitles, GPS and telemetry tracks, timecode, cover pictures. */
export interface OtherStream {
  readonly type: 'other';
  readonly index: number;
  readonly codec: string;
  readonly what: 'cover' | 'subtitle' | 'data' | 'attachment' | 'unknown';
}
