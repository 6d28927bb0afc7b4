import { appendEvent, notifyChange, terminateUpload } from '@fengcun/catalog';
import { actorOf, senderOf } from '@fengcun/identity';
import { problem } from '../problems.ts';
import { UploadError } from '../upload-session/errors.ts';
import { clearTransfer } from '../upload-session/expire-uploads.ts';
import type { UploadSession } from '../upload-session/upload-session.ts';
import { senderKey } from '../uploads/begin-upload.ts';
import { ownUpload, type TusContext, type TusHandler } from './context.ts';

/**
 * "When receiving a DELETE request for an existing upload the Server SHOULD free associated resources and MUST respond with the 204 No
 * Content status confirming that the upload was terminated. For all future requests to this URL, the Server SHOULD respond with the 404
 * Not Found or 410 Gone status." (Termination)
 *
 * Only before completion: what has been received whole is evidence.
 */
export const handleDelete: TusHandler = async (context, request, reply) => {
  const { id } = await ownUpload(context, request);
  const sender = senderOf(request);
  const outcome = await context.sessions.write(id, senderKey(sender), (session) =>
    terminate(context, session, actorOf(sender)),
  );
  if (outcome.kind === 'complete') throw problem('upload_complete');
  const { vaultKey, vaultTransfer } = outcome.result;
  // The event is committed; bytes that cannot be removed now are removed by the next round of expiry.
  await clearTransfer(context, { uploadId: id, vaultKey, vaultTransfer }).catch((error: unknown) =>
    request.log.warn({ err: error, upload: id }, 'a terminated upload could not be cleared from the vault'),
  );
  return reply.code(204).send();
};

async function terminate({ catalog, clock }: TusContext, { upload }: UploadSession, actor: ReturnType<typeof actorOf>) {
  const { id, leaseToken, unitId, offloadId, name, durableOffset, size } = upload;
  await catalog.transaction().execute(async (trx) => {
    const ended = await terminateUpload(trx, { uploadId: id, token: leaseToken, now: clock.now() });
    if (!ended) throw new UploadError('superseded');
    const subject = { kind: 'evidence', id } as const;
    await appendEvent(trx, { type: 'upload.terminated', actor, subject, data: { offset: durableOffset } }, clock);
    await notifyChange(trx, {
      kind: 'upload',
      id,
      unit: unitId,
      offload: offloadId,
      name,
      state: 'terminated',
      offset: durableOffset,
      size,
    });
  });
  return upload;
}
