import { createConnection } from 'node:net';

/**
 * Asks a Ceph daemon about itself over its admin socket, as `ceph daemon` does without starting Python. The request is JSON and a NUL, the
 * reply a big-endian length and JSON (src/common/admin_socket.cc). Answers undefined while nobody listens.
 *
 * @param socket relative to the daemon's working directory, through which it is reached: the whole path may be too long for a socket
 */
export function askDaemon(pid: number, socket: string, command: string): Promise<unknown> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const connection = createConnection(`/proc/${pid}/cwd/${socket}`);
    connection.setTimeout(5_000, () => connection.destroy());
    connection.once('connect', () => connection.write(`${JSON.stringify({ prefix: command, format: 'json' })}\0`));
    connection.on('data', (chunk) => chunks.push(chunk));
    connection.on('error', () => undefined);
    connection.once('close', () => resolve(parseReply(Buffer.concat(chunks))));
  });
}

function parseReply(reply: Buffer): unknown {
  if (reply.length < 4 || reply.length < 4 + reply.readUInt32BE(0)) return undefined;
  try {
    return JSON.parse(reply.toString('utf8', 4, 4 + reply.readUInt32BE(0)));
  } catch {
    return undefined;
  }
}
