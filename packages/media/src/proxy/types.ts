/** How to find, decrypt and list the pieces of one proxy inside its one stored object. Plain JSON: it is kept in the catalogue. */
export interface ProxyIndex {
  readonly version: 1;
  /** `remux`: nothing was encoded again; what plays is bit for bit what the camera's encoder wrote. */
  readonly method: 'remux' | 'transcode';
  readonly video: 'copied' | 'encoded' | 'none';
  readonly audio: 'copied' | 'encoded' | 'none';
  /** RFC 6381, such as `avc1.64001f,mp4a.40.2`. */
  readonly codecs: string;
  /** Pixels as shown; null without video. */
  readonly width: number | null;
  readonly height: number | null;
  readonly durationMs: number;
  /** Seconds, as `EXT-X-TARGETDURATION` wants it. */
  readonly targetDuration: number;
  /** Every segment begins with a keyframe, so any of them can be the first one played. */
  readonly independentSegments: boolean;
  readonly encryption: { readonly method: 'AES-128'; readonly baseIv: string };
  /** `ftyp` and `moov`, in the clear: codec parameters and no footage. */
  readonly initSegment: ByteSpan;
  readonly segments: readonly ProxySegment[];
  readonly totalBytes: number;
  /** Streams of the original that the proxy does not carry. */
  readonly dropped: readonly DroppedStream[];
}

export interface ByteSpan {
  readonly offset: number;
  readonly length: number;
}

/** One encrypted `moof` + `mdat`. `length` counts the padding. */
export interface ProxySegment extends ByteSpan {
  readonly durationMs: number;
}

export interface DroppedStream {
  readonly index: number;
  readonly what: 'video' | 'audio' | 'cover' | 'subtitle' | 'data' | 'attachment' | 'unknown';
  readonly codec: string;
  readonly why: 'another-track-was-kept' | 'not-playable-in-a-proxy';
}
