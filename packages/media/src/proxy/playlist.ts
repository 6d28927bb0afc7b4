import { segmentIv } from './encryption.ts';
import type { ProxyIndex } from './types.ts';

/** Where a player finds the pieces. Relative or absolute URIs; a quote or a line break in one is refused. */
export interface PlaylistUris {
  readonly keyUri: string;
  readonly initUri: string;
  readonly segmentUri: (n: number) => string;
}

/**
 * The media playlist of a proxy (RFC 8216). Version 6 is the lowest that allows `EXT-X-MAP` outside I-frame playlists (section 7).
 * `EXT-X-MAP` stands before the first `EXT-X-KEY`, so the initialization segment is read in the clear (section 4.3.2.4).
 * @throws TypeError a URI that would break out of its line
 */
export function renderPlaylist(index: ProxyIndex, uris: PlaylistUris): string {
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:6',
    `#EXT-X-TARGETDURATION:${index.targetDuration}`,
    '#EXT-X-MEDIA-SEQUENCE:0',
  ];
  lines.push('#EXT-X-PLAYLIST-TYPE:VOD');
  if (index.independentSegments) lines.push('#EXT-X-INDEPENDENT-SEGMENTS');
  lines.push(`#EXT-X-MAP:URI="${safe(uris.initUri)}"`);
  for (const [n, segment] of index.segments.entries()) {
    const iv = segmentIv(index.encryption.baseIv, n).toString('hex');
    lines.push(`#EXT-X-KEY:METHOD=${index.encryption.method},URI="${safe(uris.keyUri)}",IV=0x${iv}`);
    lines.push(`#EXTINF:${(segment.durationMs / 1000).toFixed(3)},`, safe(uris.segmentUri(n)));
  }
  lines.push('#EXT-X-ENDLIST', '');
  return lines.join('\n');
}

function safe(uri: string): string {
  if (uri === '' || uri.startsWith('#') || /["\r\n]/.test(uri)) {
    throw new TypeError(
      'A playlist URI must not be empty, begin with # or hold quotes or line breaks: percent-encode it.',
    );
  }
  return uri;
}
