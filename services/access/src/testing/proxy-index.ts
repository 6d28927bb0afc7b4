import type { ProxyIndex } from '@fengcun/media';

/** The index of a playable version in an object of so many bytes, of which 100 begin it and three pieces of a thousand are its segments. */
export const proxyIndexOf = (totalBytes: number): ProxyIndex => ({
  version: 1,
  method: 'remux',
  video: 'copied',
  audio: 'copied',
  codecs: 'avc1.64001f,mp4a.40.2',
  width: 1280,
  height: 720,
  durationMs: 18_000,
  targetDuration: 6,
  independentSegments: true,
  encryption: { method: 'AES-128', baseIv: '00'.repeat(16) },
  initSegment: { offset: 0, length: 100 },
  segments: [0, 1, 2].map((n) => ({ offset: 100 + n * 1000, length: 1000, durationMs: 6000 })),
  totalBytes,
  dropped: [],
});
