import type { FastifyReply, FastifyRequest } from 'fastify';
import { isWaiting } from './expect-continue.ts';

/** Bytes of a refused body that are read and thrown away, so that the client gets to read the answer on its connection. */
const toleratedBytes = 16 * 1024 * 1024;
const toleratedMs = 2_000;

/**
 * Deals with a body that was not read to its end: closing at once would reset the connection and the client could lose the answer, but
 * whoever was refused does not get to send gigabytes into nothing. A little is discarded; then the connection is cut.
 */
export function discardRest(request: FastifyRequest, reply: FastifyReply): void {
  const { raw } = request;
  if (raw.complete || raw.destroyed) return;
  // RFC 9110, 10.1.1: with a final answer instead of 100, the client may or may not send the body; only closing is unambiguous.
  if (isWaiting(raw)) {
    reply.header('connection', 'close');
    return;
  }
  let discarded = 0;
  const cut = () => raw.destroy();
  const discard = (chunk: Buffer) => {
    discarded += chunk.length;
    if (discarded > toleratedBytes) cut();
  };
  raw.on('error', () => undefined);
  raw.on('data', discard);
  raw.resume();
  reply.raw.once('finish', () => {
    if (raw.complete) return;
    const timer = setTimeout(cut, toleratedMs);
    raw.once('close', () => clearTimeout(timer));
    raw.once('end', () => clearTimeout(timer));
  });
}
