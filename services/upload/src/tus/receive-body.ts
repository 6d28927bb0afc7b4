import type { FastifyRequest } from 'fastify';
import { problem } from '../problems.ts';
import { BodyReader } from '../upload-session/body-reader.ts';
import { UploadError } from '../upload-session/errors.ts';
import type { ReceiveOutcome, UploadSession } from '../upload-session/upload-session.ts';
import { type Checksum, checkOf } from './checksum.ts';
import type { TusContext } from './context.ts';
import { readyForBody } from './expect-continue.ts';
import { contentLength } from './headers.ts';

/**
 * Feeds a request's body to the session. Throws what keeps the request from succeeding; with a completed upload nothing does, however
 * the body ended: every byte is here.
 *
 * A body that announces itself to be longer than the rest of the upload is refused unread, with nothing changed. One that only turns out
 * to be longer loses the part in which it did: an upload must not be completed by a sender that is wrong about its own file.
 */
export async function receiveBody(
  { config, metrics }: TusContext,
  request: FastifyRequest,
  session: UploadSession,
  checksum: Checksum | undefined,
): Promise<void> {
  const end = session.size ?? config.maxSize;
  const announced = contentLength(request.headers);
  if (announced !== undefined && session.offset + announced > end) throw tooLong(session);
  const stopTimer = metrics.patchSeconds.startTimer();
  let outcome: ReceiveOutcome['kind'] | 'failed' = 'failed';
  try {
    readyForBody(request.raw);
    const reader = new BodyReader(request.raw, { idleMs: config.idleSeconds * 1000 });
    const result = await session.receive(reader, { limit: config.maxSize, check: checksum && checkOf(checksum) });
    outcome = result.kind;
    if (!session.complete) refuse(result, session);
  } finally {
    stopTimer({ outcome });
  }
}

function refuse(result: ReceiveOutcome, session: UploadSession): void {
  const headers = { 'upload-offset': String(session.offset) };
  switch (result.kind) {
    case 'taken':
      return;
    case 'checksum_differs':
      throw problem('checksum_mismatch', { headers });
    case 'too_long':
      throw tooLong(session);
    case 'idle':
      // "A timeout SHOULD be handled by closing the underlying connection." (PATCH)
      throw problem('idle', { headers: { ...headers, connection: 'close' } });
    case 'connection_lost':
      throw problem('connection_lost', { headers });
    case 'cut':
      throw new UploadError(result.reason);
  }
}

function tooLong(session: UploadSession) {
  return problem(session.size === null ? 'too_large' : 'length_exceeded', {
    headers: { 'upload-offset': String(session.offset) },
  });
}
