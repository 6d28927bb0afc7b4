export { type CopyShape, copyShapeOf, isStill } from './burn/copy-shape.ts';
export type { BurnOptions, BurntCopy } from './burn/make-burnt-copy.ts';
export type { Mark } from './burn/mark-filter.ts';
export { MediaError, type MediaErrorCode } from './errors.ts';
export { type Media, type MediaOptions, openMedia } from './media.ts';
export type { Picture } from './pictures/poster.ts';
export type { Thumbnails, ThumbnailTile } from './pictures/thumbnails.ts';
export type {
  AudioStream,
  MediaKind,
  MediaStream,
  NothingToPlay,
  OtherStream,
  Playable,
  ProbeResult,
  TranscodeCause,
  VideoStream,
} from './probe/types.ts';
export { defaultLimits, type MediaLimits } from './process/limits.ts';
export type { MediaInput, ProxyOptions, ProxyProgress } from './proxy/make-proxy.ts';
export type { ProxyProfile } from './proxy/plan.ts';
export { type PlaylistUris, renderPlaylist } from './proxy/playlist.ts';
export type { ByteSpan, DroppedStream, ProxyIndex, ProxySegment } from './proxy/types.ts';
export type { RedactedFile, RedactOptions } from './redact/make-redacted.ts';
export type { Waveform } from './sound/waveform.ts';
export type { StillIndex, StillOptions } from './still/make-still.ts';
export type { MediaTools } from './tools.ts';
