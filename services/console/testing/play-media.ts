import type { ServerResponse } from 'node:http';
import type { Api } from '@fengcun/contracts';
import { type Clip, playlistOf } from './clip.ts';
import { uuidOf } from './people.ts';

/** Answers the routes of a play that are not JSON. */
export function mediaReply(
  response: ServerResponse,
  clip: Clip,
  route: keyof Api,
  params: Record<string, string>,
): void {
  if (route === 'readAttachment') {
    sendScan(response, clip, params.evidence);
    return;
  }
  const found = pieceOf(clip, route, params);
  if (found) response.writeHead(200, { 'content-type': found.type }).end(found.body);
  else response.writeHead(404).end();
}

/** A letter of one page. */
const letter = `%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 420]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>endobj
4 0 obj<</Length 44>>stream
BT /F1 24 Tf 40 340 Td (Letter No. 42) Tj ET
endstream endobj
5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj
trailer<</Root 1 0 R>>`;

/** The scans of the fake requests, with the headers that the real server sends. */
function sendScan(response: ServerResponse, clip: Clip, scan: string | undefined): void {
  const [type, body, how] =
    scan === uuidOf('scan letter')
      ? ['application/pdf', letter, 'inline']
      : scan === uuidOf('scan identity')
        ? ['image/jpeg', clip.poster, 'inline']
        : ['application/octet-stream', 'PK', 'attachment'];
  response
    .writeHead(200, {
      'content-type': String(type),
      'content-disposition': String(how),
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'",
      'x-frame-options': 'SAMEORIGIN',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    })
    .end(body);
}

interface Piece {
  readonly type: string;
  readonly body: string | Buffer;
}

function pieceOf(clip: Clip, route: keyof Api, params: Record<string, string>): Piece | null {
  if (route === 'getPlaylist') return { type: 'application/vnd.apple.mpegurl', body: playlistOf(clip) };
  if (route === 'getPlayKey') return { type: 'application/octet-stream', body: clip.key };
  if (route === 'getSegment') {
    const body = params.segment === 'init.mp4' ? clip.init : clip.segments[Number.parseInt(params.segment ?? '', 10)];
    return body ? { type: 'video/mp4', body } : null;
  }
  if (params.picture === 'waveform') return { type: 'application/json', body: JSON.stringify(waveform()) };
  return { type: 'image/jpeg', body: params.picture === 'thumbnails' ? clip.sprite : clip.poster };
}

function waveform(): object {
  const loudness = (at: number) =>
    Math.abs(Math.sin(at / 37) * Math.sin(at / 5.3)) * (0.4 + 0.6 * Math.abs(Math.sin(at / 210)));
  return {
    version: 1,
    durationMs: 12_000,
    pointMs: 12,
    peaks: Array.from({ length: 1000 }, (_, at) => Math.round(255 * loudness(at))),
  };
}
