import { type ActorDraft, type CopyOperation, formOfOperation, type Purpose, personal } from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';
import type { Database, Executor } from '../database/connect.ts';
import { newId } from '../id/id.ts';
import { appendEvent } from '../ledger/append-event.ts';
import { enqueue } from '../outbox/enqueue.ts';
import { notifyIssuedCopy } from './record.ts';

/** What a worker puts into a burnt copy: lines of text, the same in every frame. */
export interface BurntContent {
  readonly lines: readonly string[];
}

/** What a worker packs beside the original: small files by path in the bag, text in UTF-8. */
export interface BagContent {
  readonly files: Readonly<Record<string, string>>;
}

/** What a worker hands on as it is: the approved rendering of a redacted version. */
export interface RedactedContent {
  readonly render: string;
}

export interface NewIssuedCopy {
  readonly evidence: { readonly id: string; readonly name: string };
  readonly account: string;
  readonly actor: ActorDraft;
  readonly clientId: string | null;
  readonly operation: CopyOperation;
  readonly mark: 'picture' | 'metadata' | 'none';
  readonly rule: string;
  readonly authorisation: string | null;
  readonly purpose: Purpose | null;
  readonly recipient: string | null;
  readonly fileName: string;
  readonly mediaType: string;
  /** what a copy to be published is made of */
  readonly redaction: { readonly redaction: string; readonly render: string; readonly sha256: string } | null;
  /** told the number of the event that is about to be committed, which is in the mark */
  readonly content: (event: number, at: Date) => BurntContent | BagContent | RedactedContent;
}

/**
 * Puts a copy on record and asks for it to be made, in one transaction: the row, its event, the job. Answers its id; rejects with the
 * database's unique violation when the client id was used by a request at the same moment.
 */
export async function requestIssuedCopy(db: Database, draft: NewIssuedCopy, clock: Clock): Promise<string> {
  return db.transaction().execute(async (tx) => {
    const id = newId();
    const now = clock.now();
    const event = await appendEvent(
      tx,
      {
        type: 'issued_copy.requested',
        actor: draft.actor,
        subject: { kind: 'evidence', id: draft.evidence.id },
        ...(draft.authorisation === null ? {} : { authorisation: draft.authorisation }),
        data: {
          copy: id,
          operation: draft.operation,
          rule: draft.rule,
          purpose: draft.purpose,
          recipient: draft.recipient === null ? null : personal(draft.recipient),
          ...(draft.redaction === null ? {} : { redaction: draft.redaction }),
        },
      },
      clock,
    );
    await tx
      .insertInto('issued_copy')
      .values({
        id,
        evidence_id: draft.evidence.id,
        evidence_name: draft.evidence.name,
        account_id: draft.account,
        client_id: draft.clientId,
        operation: draft.operation,
        form: formOfOperation[draft.operation],
        mark: draft.mark,
        recipient: draft.recipient,
        purpose: draft.purpose,
        rule: draft.rule,
        grant_id: draft.authorisation,
        event_id: event,
        file_name: draft.fileName,
        media_type: draft.mediaType,
        render_id: draft.redaction?.render ?? null,
        content: JSON.stringify(draft.content(event, now)),
        created_at: now,
        updated_at: now,
      })
      .execute();
    await enqueue(tx, 'copy', id, { copy: id });
    const change = { id, evidence: draft.evidence.id, account: draft.account };
    await notifyIssuedCopy(tx, { ...change, state: 'pending', percent: 0 });
    return id;
  });
}

/** Gives a copy up, on record, whatever was made of it so far; its bytes are the worker's to remove. Answers false when it was over. */
export async function cancelIssuedCopy(
  tx: Executor,
  cancel: { readonly copy: string; readonly actor: ActorDraft; readonly cause: 'requester' | 'revoked' | 'withdrawn' },
  clock: Clock,
): Promise<boolean> {
  const row = await tx
    .updateTable('issued_copy')
    .set({ state: 'cancelled', updated_at: clock.now() })
    .where('id', '=', cancel.copy)
    .where('state', 'in', ['pending', 'making', 'ready'])
    .returning(['id', 'evidence_id', 'account_id', 'percent'])
    .executeTakeFirst();
  if (!row) return false;
  await appendEvent(
    tx,
    {
      type: 'issued_copy.cancelled',
      actor: cancel.actor,
      subject: { kind: 'evidence', id: row.evidence_id },
      data: { copy: row.id, cause: cancel.cause },
    },
    clock,
  );
  const change = { id: row.id, evidence: row.evidence_id, account: row.account_id };
  await notifyIssuedCopy(tx, { ...change, state: 'cancelled', percent: row.percent });
  return true;
}

/** Copies that are not over although their grant was revoked. */
export async function listRevokedCopies(
  db: Executor,
  filter: { readonly grant?: string },
  limit: number,
): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('issued_copy as c')
    .innerJoin('access_grant as g', 'g.id', 'c.grant_id')
    .select('c.id')
    .where('c.state', 'in', ['pending', 'making', 'ready'])
    .where('g.revoked_at', 'is not', null)
    .$if(filter.grant !== undefined, (query) => query.where('g.id', '=', filter.grant ?? ''))
    .limit(limit)
    .execute();
  return rows.map((row) => row.id);
}
