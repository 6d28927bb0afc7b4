import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** An S3 engine as one whose disk or network changes bytes would be: everything passes, reads of originals may come back with a bit flipped. */
export interface LyingEngine extends AsyncDisposable {
  readonly endpoint: string;
  /** From now on the byte at this offset of whatever original is read differs; undefined: the truth again. */
  lieAt(offset: number | undefined): void;
  /** replies changed so far */
  readonly lies: number;
}

/** Stands before a real engine. Signatures stay valid: the client's `Host` is passed on, and what it signed is not touched. */
export async function openLyingEngine(engine: string): Promise<LyingEngine> {
  const { hostname, port } = new URL(engine);
  let offset: number | undefined;
  let lies = 0;

  const server = createServer((incoming, outgoing) => {
    const { method, url: path = '/', headers } = incoming;
    const onward = request({ hostname, port, method, path, headers, agent: false }, (reply) => {
      outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
      const isOriginal = method === 'GET' && /^\/[^/?]+\/originals\/[^?.]+(\?|$)/.test(path);
      const from = Number(/^bytes (\d+)-/.exec(reply.headers['content-range'] ?? '')?.[1] ?? 0);
      const steps = isOriginal && offset !== undefined ? [flip(offset - from, () => (lies += 1))] : [];
      pipeline([reply, ...steps, outgoing]).catch(() => outgoing.destroy());
    });
    onward.on('error', () => outgoing.destroy());
    pipeline(incoming, onward).catch(() => onward.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lieAt(at) {
      offset = at;
    },
    get lies() {
      return lies;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Flips one bit of the byte at `offset` of what passes, if it is there. */
function flip(offset: number, onFlip: () => void): Transform {
  let passed = 0;
  return new Transform({
    transform(chunk: Buffer, _, done) {
      const at = offset - passed;
      passed += chunk.length;
      if (at >= 0 && at < chunk.length) {
        chunk[at] = (chunk[at] ?? 0) ^ 0x10;
        onFlip();
      }
      done(null, chunk);
    },
  });
}
