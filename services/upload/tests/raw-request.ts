import { connect, type Socket } from 'node:net';

/** A request written byte by byte, for what no HTTP client would send. */
export interface RawRequest {
  readonly socket: Socket;
  write(bytes: Uint8Array | string): Promise<void>;
  /** the status line and headers of the next answer on this connection; rejects when the connection ends without one */
  answer(): Promise<{ readonly status: number; readonly head: string; readonly body: string }>;
  destroy(): void;
}

export async function rawRequest(
  port: number,
  startLine: string,
  headers: Record<string, string>,
): Promise<RawRequest> {
  const socket = connect({ port, host: '127.0.0.1' });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  let received = '';
  let ended = false;
  let wake: () => void = () => undefined;
  socket.setEncoding('latin1');
  socket.on('data', (text) => {
    received += String(text);
    wake();
  });
  const end = () => {
    ended = true;
    wake();
  };
  socket.on('error', end);
  socket.on('close', end);
  const request: RawRequest = {
    socket,
    write: (bytes) =>
      new Promise((resolve, reject) => socket.write(bytes, (error) => (error ? reject(error) : resolve()))),
    async answer() {
      for (;;) {
        const blank = received.indexOf('\r\n\r\n');
        if (blank >= 0) {
          const head = received.slice(0, blank);
          const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
          if (received.length >= blank + 4 + length || ended) {
            const body = received.slice(blank + 4, blank + 4 + length);
            received = received.slice(blank + 4 + length);
            return { status: Number(head.split(' ')[1]), head, body };
          }
        } else if (ended) throw new Error('The connection ended without an answer');
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    destroy: () => socket.destroy(),
  };
  const lines = Object.entries({ host: '127.0.0.1', ...headers }).map(([name, value]) => `${name}: ${value}`);
  await request.write(`${[startLine, ...lines].join('\r\n')}\r\n\r\n`);
  return request;
}
