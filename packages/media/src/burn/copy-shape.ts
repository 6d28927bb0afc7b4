import type { ProbeResult } from '../probe/types.ts';

/** What a burnt copy of a recording is: where its mark is, and what kind of file. */
export interface CopyShape {
  /** `picture`: in every frame. `metadata`: sound has no picture, so only in the file's tags. */
  readonly mark: 'picture' | 'metadata';
  readonly mediaType: 'video/mp4' | 'audio/mp4' | 'image/jpeg';
  readonly extension: 'mp4' | 'm4a' | 'jpg';
}

/** A still picture that can be decoded here. */
export const isStill = (probe: ProbeResult): boolean => copyShapeOf(probe)?.extension === 'jpg';

/** The shape of a recording's burnt copy; null when there is nothing to burn into: documents, broken files, pictures nothing here decodes. */
export function copyShapeOf(probe: ProbeResult): CopyShape | null {
  const hasVideo = probe.streams.some((stream) => stream.type === 'video' && stream.width > 0 && stream.height > 0);
  if (probe.kind === 'image') {
    return hasVideo && probe.container ? { mark: 'picture', mediaType: 'image/jpeg', extension: 'jpg' } : null;
  }
  if (probe.playable.state === 'nothing-to-play') return null;
  return hasVideo
    ? { mark: 'picture', mediaType: 'video/mp4', extension: 'mp4' }
    : { mark: 'metadata', mediaType: 'audio/mp4', extension: 'm4a' };
}
