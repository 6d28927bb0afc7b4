import { recordDenial, senderOf } from '@fengcun/identity';
import { Problem } from '@fengcun/runtime';
import type { FastifyRequest } from 'fastify';
import { problem, problemOf } from '../problems.ts';
import { beginUpload, senderKey } from '../uploads/begin-upload.ts';
import { describeFile } from '../uploads/file-description.ts';
import { locationOf, type TusContext, type TusHandler, withExpiry } from './context.ts';
import { byteCount, carriesBytes, checksumOf, contentLength, single } from './headers.ts';
import { limitActive } from './limit-active.ts';
import { parseMetadata } from './metadata.ts';
import { receiveBody } from './receive-body.ts';

/** Refusals by a rule of access, which go on record; the others are mistakes. */
const onRecord: readonly string[] = ['offload_unknown', 'offload_foreign', 'metadata_invalid'];

/**
 * "The Client MUST send a POST request against a known upload creation URL to request a new upload resource." (Creation) "The Client MAY
 * include either the entirety or a chunk of the upload data in the body of the POST request." (Creation With Upload)
 *
 * An announced file whose upload exists is answered with that upload: a client that lost the first answer goes on where it was.
 */
export const handlePost: TusHandler = async (context, request, reply) => {
  const { headers } = request;
  if (headers['upload-concat'] !== undefined) throw problem('extension_unsupported');
  const size = announcedSize(request);
  const checksum = checksumOf(headers);
  const sender = senderOf(request);
  const withBytes = carriesBytes(headers) && (contentLength(headers) ?? 1) > 0;
  if (withBytes) limitActive(context, senderKey(sender), '');
  const { upload } = await begin(context, request, size);

  // "The Server MUST acknowledge a successful upload creation with the 201 Created status. The Server MUST set the Location header to the
  // URL of the created resource. This URL MAY be absolute or relative."
  const location = locationOf(upload.id);
  let end = { offset: upload.durableOffset, complete: upload.state !== 'receiving' || upload.size === 0 };
  // Bytes of a repeated creation belong at the start; an upload that is past it takes none of them and says where it stands.
  if (withBytes && !end.complete && end.offset === 0) {
    try {
      const outcome = await context.sessions.write(upload.id, senderKey(sender), async (session) => {
        if (session.offset === 0) await receiveBody(context, request, session, checksum);
        return { offset: session.offset, complete: session.complete };
      });
      end = outcome.kind === 'done' ? outcome.result : { offset: outcome.upload.durableOffset, complete: true };
    } catch (error) {
      // The upload exists all the same: the client can go on with it.
      throw withLocation(problemOf(error), location);
    }
  }
  reply.code(201).header('location', location);
  // "The Server ... MUST include the Upload-Offset header in the response and MUST set its value to the offset of the upload after
  // applying the accepted bytes." (Creation With Upload)
  if (withBytes) reply.header('upload-offset', String(end.offset));
  // "If the expiration is known at the creation, the Upload-Expires header MUST be included in the response to the initial POST request."
  if (!end.complete) withExpiry(reply, upload.expiresAt);
  return reply.send();
};

/**
 * "The request MUST include one of the following headers: a) Upload-Length ... b) Upload-Defer-Length: 1 if upload size is not known at
 * the time. If the Upload-Defer-Length header contains any other value than 1 the server should return a 400 Bad Request status."
 */
function announcedSize({ headers }: FastifyRequest): number | null {
  const size = byteCount(headers, 'upload-length');
  const deferred = single(headers, 'upload-defer-length');
  if (deferred !== undefined && deferred !== '1') throw problem('length_required');
  if ((size === undefined) === (deferred === undefined)) throw problem('length_required');
  return size ?? null;
}

async function begin(context: TusContext, request: FastifyRequest, size: number | null) {
  try {
    const metadataHeader = single(request.headers, 'upload-metadata');
    const metadata = parseMetadata(metadataHeader);
    return await beginUpload(context, {
      sender: senderOf(request),
      size,
      file: describeFile(metadata),
      metadata,
      metadataHeader: metadataHeader ?? '',
    });
  } catch (error) {
    if (error instanceof Problem && onRecord.includes(error.code)) await recordDenial(request, { code: error.code });
    throw error;
  }
}

function withLocation(error: unknown, location: string): unknown {
  if (!(error instanceof Problem)) return error;
  const { status, code, title, detail, extensions } = error;
  return new Problem({
    status,
    code,
    title,
    detail,
    extensions,
    cause: error,
    headers: { ...error.headers, location },
  });
}
