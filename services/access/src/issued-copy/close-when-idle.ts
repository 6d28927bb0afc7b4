import type { FastifyReply } from 'fastify';

/** A reader that takes nothing keeps a file open for ever. Closing its connection ends the stream, and that the file. */
export function closeWhenIdle(reply: FastifyReply, idleMs: number): void {
  const { raw } = reply;
  raw.setTimeout(idleMs, () => raw.destroy());
}
