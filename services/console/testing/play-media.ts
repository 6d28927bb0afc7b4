import type { ServerResponse } from 'node:http';
import type { Api } from '@fengcun/contracts';
import { type Clip, playlistOf } from './clip.ts';

/** Answers the routes of a play that are not JSON. */
export function mediaReply(
  response: ServerResponse,
  clip: Clip,
  route: keyof Api,
  params: Record<string, string>,
): void {
  const found = pieceOf(clip, route, params);
  if (found) response.writeHead(200, { 'content-type': found.type }).end(found.body);
  else response.writeHead(404).end();
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
  return { type: 'image/jpeg', body: params.picture === 'poster' ? clip.poster : clip.sprite };
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
