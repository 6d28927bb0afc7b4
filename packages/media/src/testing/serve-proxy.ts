import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { renderPlaylist } from '../proxy/playlist.ts';
import type { ByteSpan, ProxyIndex } from '../proxy/types.ts';

/** A proxy as `makeProxy` gave it, with the bytes its sink got. */
export interface HeldProxy {
  readonly index: ProxyIndex;
  readonly bytes: Uint8Array;
  readonly key: Uint8Array;
}

/** Serves one proxy on loopback, each segment as a range of the one object, for players in tests. */
export async function serveProxy(proxy: HeldProxy): Promise<{ readonly playlistUrl: string; close(): Promise<void> }> {
  const span = ({ offset, length }: ByteSpan) => proxy.bytes.subarray(offset, offset + length);
  const playlist = renderPlaylist(proxy.index, { keyUri: 'key', initUri: 'init.mp4', segmentUri: (n) => `${n}.m4s` });
  const bodies = new Map<string, readonly [type: string, body: Uint8Array | string]>([
    ['/index.m3u8', ['application/vnd.apple.mpegurl', playlist]],
    ['/key', ['application/octet-stream', proxy.key]],
    ['/init.mp4', ['video/mp4', span(proxy.index.initSegment)]],
    ...proxy.index.segments.map((segment, n) => [`/${n}.m4s`, ['video/iso.segment', span(segment)]] as const),
  ]);
  const server = createServer((request, response) => {
    const [type, body] = bodies.get(request.url ?? '') ?? ['text/plain', ''];
    response.writeHead(body === '' ? 404 : 200, { 'content-type': type, 'access-control-allow-origin': '*' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    playlistUrl: `http://127.0.0.1:${port}/index.m3u8`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
