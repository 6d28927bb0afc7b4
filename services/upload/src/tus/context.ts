import type { Database, UploadRecord } from '@fengcun/catalog';
import { findUpload } from '@fengcun/catalog';
import { recordDenial, senderOf } from '@fengcun/identity';
import type { Clock } from '@fengcun/runtime';
import type { Vault } from '@fengcun/vault';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { UploadConfig } from '../config.ts';
import type { UploadMetrics } from '../metrics.ts';
import { problem } from '../problems.ts';
import type { UploadSessions } from '../upload-session/upload-sessions.ts';
import { senderKey } from '../uploads/begin-upload.ts';

/** What every verb works with. */
export interface TusContext {
  readonly config: UploadConfig;
  readonly catalog: Database;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly sessions: UploadSessions;
  readonly metrics: UploadMetrics;
}

export type TusHandler = (context: TusContext, request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

/** Where uploads are created. */
export const filesPath = '/files';

/** An upload's address: a path without an origin, so that it holds behind any proxy. */
export const locationOf = (id: string) => `${filesPath}/${id}`;

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * The sender's own upload that the request names. Somebody else's is answered like one that does not exist, and goes on record.
 * Throws `upload_unknown`.
 */
export async function ownUpload({ catalog }: TusContext, request: FastifyRequest): Promise<UploadRecord> {
  const { id = '' } = request.params as { id?: string };
  if (!uuid.test(id)) throw problem('upload_unknown');
  const upload = await findUpload(catalog, id);
  if (!upload) throw problem('upload_unknown');
  const sender = senderKey(senderOf(request));
  if (upload.sender.kind !== sender.kind || upload.sender.id !== sender.id) {
    await recordDenial(request, { code: 'upload_foreign', subject: { kind: 'evidence', id } });
    throw problem('upload_unknown');
  }
  return upload;
}

/** "The value of the Upload-Expires header MUST be in RFC 9110 datetime format." (Expiration); only unfinished uploads expire. */
export function withExpiry(reply: FastifyReply, expiresAt: Date): FastifyReply {
  return reply.header('upload-expires', expiresAt.toUTCString());
}
