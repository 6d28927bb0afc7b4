import type { ActorDraft, EventDataOf } from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';
import type { Database } from '../database/connect.ts';
import { appendEvent } from '../ledger/append-event.ts';

export interface AttachmentRead extends EventDataOf<'request.attachment_read'> {
  /** the scan's upload id */
  readonly evidence: string;
  readonly actor: ActorDraft;
}

/**
 * Puts on record that somebody reads a scan of a request: once for each session, request and scan, however often it is opened. The scan is
 * the subject, so that it stands among the events of its custody.
 */
export async function recordAttachmentRead(db: Database, read: AttachmentRead, clock: Clock): Promise<void> {
  const { evidence, actor, ...data } = read;
  const row = { session_id: data.session, request_id: data.request, evidence_id: evidence };
  const known = await db
    .selectFrom('attachment_read')
    .select('session_id')
    .where('session_id', '=', row.session_id)
    .where('request_id', '=', row.request_id)
    .where('evidence_id', '=', row.evidence_id)
    .executeTakeFirst();
  if (known) return;
  await db.transaction().execute(async (tx) => {
    const first = await tx
      .insertInto('attachment_read')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .returning('evidence_id')
      .executeTakeFirst();
    if (!first) return;
    const subject = { kind: 'evidence', id: evidence } as const;
    await appendEvent(tx, { type: 'request.attachment_read', actor, subject, data }, clock);
  });
}
