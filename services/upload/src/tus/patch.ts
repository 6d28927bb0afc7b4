import { senderOf } from '@fengcun/identity';
import { problem } from '../problems.ts';
import { senderKey } from '../uploads/begin-upload.ts';
import { ownUpload, type TusContext, type TusHandler, withExpiry } from './context.ts';
import { byteCount, carriesBytes, checksumOf, contentLength } from './headers.ts';
import { limitActive } from './limit-active.ts';
import { receiveBody } from './receive-body.ts';

/**
 * "The Server SHOULD accept PATCH requests against any upload URL and apply the bytes contained in the message at the given offset
 * specified by the Upload-Offset header." (PATCH)
 */
export const handlePatch: TusHandler = async (context, request, reply) => {
  const { headers } = request;
  // "All PATCH requests MUST use Content-Type: application/offset+octet-stream, otherwise the server SHOULD return a 415 Unsupported
  // Media Type status."
  if (!carriesBytes(headers)) throw problem('content_type_unsupported');
  const offset = byteCount(headers, 'upload-offset');
  if (offset === undefined) throw problem('header_invalid', { detail: 'Send the header Upload-Offset.' });
  const length = byteCount(headers, 'upload-length');
  if (length !== undefined && length > context.config.maxSize) throw problem('too_large');
  const checksum = checksumOf(headers);
  const upload = await ownUpload(context, request);
  const sender = senderKey(senderOf(request));
  limitActive(context, sender, upload.id);

  const outcome = await context.sessions.write(upload.id, sender, async (session) => {
    requireOffset(offset, session.offset);
    // "If the length was deferred ..., the Client MUST set the Upload-Length header in the next PATCH request, once the length is known.
    // Once set the length MUST NOT be changed." (Creation)
    if (length !== undefined) await session.declareLength(length);
    await receiveBody(context, request, session, checksum);
    return { offset: session.offset, complete: session.complete };
  });
  const end =
    outcome.kind === 'done'
      ? outcome.result
      : retriedAfterCompletion(outcome.upload.durableOffset, request.headers, offset);
  // "The Server MUST acknowledge successful PATCH requests with the 204 No Content status. It MUST include the Upload-Offset header
  // containing the new offset."
  reply.code(204).header('upload-offset', String(end.offset));
  // "This header MUST be included in every PATCH response if the upload is going to expire." (Upload-Expires)
  if (!end.complete) withExpiry(reply, expiryFrom(context));
  return reply.send();
};

/** "If the offsets do not match, the Server MUST respond with the 409 Conflict status without modifying the upload resource." */
function requireOffset(sent: number, present: number): void {
  if (sent === present) return;
  throw problem('wrong_offset', {
    detail: `The upload stands at ${present}, not ${sent}. Go on from there.`,
    headers: { 'upload-offset': String(present) },
  });
}

/** The last answer was lost and the client asks again: the upload is complete, and an empty request at its end says so once more. */
function retriedAfterCompletion(size: number, headers: Parameters<typeof contentLength>[0], offset: number) {
  requireOffset(offset, size);
  const announced = contentLength(headers);
  if (announced !== undefined ? announced > 0 : headers['transfer-encoding'] !== undefined) {
    throw problem('length_exceeded', { headers: { 'upload-offset': String(size) } });
  }
  return { offset: size, complete: true };
}

const expiryFrom = ({ clock, config }: TusContext) => new Date(clock.now().getTime() + config.expiryHours * 3_600_000);
