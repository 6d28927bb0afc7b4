import { ownUpload, type TusHandler, withExpiry } from './context.ts';

/**
 * "The Server MUST always include the Upload-Offset header in the response for a HEAD request, even if the offset is 0, or the upload is
 * already considered completed. If the size of the upload is known, the Server MUST include the Upload-Length header in the response."
 * (HEAD)
 *
 * A request that still writes is cut off and keeps what it has before the offset is read: asking is what a client does whose connection
 * broke, often before this side has noticed, and the offset answered has to be the one its next PATCH will find.
 */
export const handleHead: TusHandler = async (context, request, reply) => {
  const { id } = await ownUpload(context, request);
  const upload = await context.sessions.settled(id);
  // "The Server MUST prevent the client and/or proxies from caching the response by adding the Cache-Control: no-store header."
  reply.code(200).header('cache-control', 'no-store').header('upload-offset', String(upload.durableOffset));
  if (upload.size !== null) reply.header('upload-length', String(upload.size));
  // "As long as the length of the upload is not known, the Server MUST set Upload-Defer-Length: 1 in all responses to HEAD requests."
  else reply.header('upload-defer-length', '1');
  // "If an upload contains additional metadata, responses to HEAD requests MUST include the Upload-Metadata header and its value as
  // specified by the Client during the creation." It was parsed strictly then: no header can be smuggled in it.
  if (upload.metadataHeader !== '') reply.header('upload-metadata', upload.metadataHeader);
  if (upload.state === 'receiving') withExpiry(reply, upload.expiresAt);
  return reply.send();
};
