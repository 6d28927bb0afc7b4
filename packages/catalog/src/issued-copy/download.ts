import type { ActorDraft } from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';
import { sql } from 'kysely';
import type { Database, Executor } from '../database/connect.ts';
import { CatalogError } from '../errors.ts';
import { consumeGrant } from '../grant/live-grants.ts';
import { newId } from '../id/id.ts';
import { appendEvent } from '../ledger/append-event.ts';

export interface NewDownload {
  readonly copy: string;
  readonly account: string;
  readonly session: string;
  readonly actor: ActorDraft;
  readonly rule: string;
  /** the grant that allows it; the copy's first download takes a use of it */
  readonly authorisation: string | null;
}

/**
 * Begins a download: the row, its event and, for the first one of the copy, a use of the grant, committed together when this resolves. No
 * byte may leave before. Answers its id, or undefined when the copy is not to be had any more. Rejects `grant_over`.
 */
export async function beginDownload(db: Database, draft: NewDownload, clock: Clock): Promise<string | undefined> {
  return db.transaction().execute(async (tx) => {
    const now = clock.now();
    // Locked: two first downloads take one use between them, and a cancellation comes before or after.
    const copy = await tx
      .selectFrom('issued_copy')
      .select(['id', 'evidence_id', 'operation', 'sha256', 'size', 'used_at'])
      .where('id', '=', draft.copy)
      .where('state', '=', 'ready')
      .where('expires_at', '>', now)
      .forUpdate()
      .executeTakeFirst();
    if (!copy?.sha256 || copy.size === null) return undefined;
    if (draft.authorisation !== null && copy.used_at === null) {
      const use = { grant: draft.authorisation, evidence: copy.evidence_id, now };
      if (!(await consumeGrant(tx, use))) throw new CatalogError('grant_over');
    }
    if (copy.used_at === null) {
      await tx.updateTable('issued_copy').set({ used_at: now }).where('id', '=', copy.id).execute();
    }
    const id = newId();
    const event = await appendEvent(
      tx,
      {
        type: 'issued_copy.downloaded',
        actor: draft.actor,
        subject: { kind: 'evidence', id: copy.evidence_id },
        ...(draft.authorisation === null ? {} : { authorisation: draft.authorisation }),
        data: {
          copy: copy.id,
          download: id,
          operation: copy.operation,
          rule: draft.rule,
          sha256: copy.sha256.toString('hex'),
          size: copy.size,
        },
      },
      clock,
    );
    await tx
      .insertInto('issued_copy_download')
      .values({
        id,
        copy_id: copy.id,
        account_id: draft.account,
        session_id: draft.session,
        event_id: event,
        rule: draft.rule,
        grant_id: draft.authorisation,
        started_at: now,
        last_at: now,
      })
      .execute();
    return id;
  });
}

/** The download of this copy by this session that is not older than `since`, kept going; undefined when there is none to continue. */
export async function continueDownload(
  db: Executor,
  of: { readonly copy: string; readonly session: string; readonly since: Date; readonly now: Date },
): Promise<string | undefined> {
  const row = await db
    .updateTable('issued_copy_download')
    .set({ last_at: of.now })
    .where('id', '=', (eb) =>
      eb
        .selectFrom('issued_copy_download as d')
        .innerJoin('issued_copy as c', 'c.id', 'd.copy_id')
        .select('d.id')
        .where('d.copy_id', '=', of.copy)
        .where('d.session_id', '=', of.session)
        .where('d.last_at', '>=', of.since)
        .where('c.state', '=', 'ready')
        .where('c.expires_at', '>', of.now)
        .orderBy('d.last_at', 'desc')
        .limit(1),
    )
    .returning('id')
    .executeTakeFirst();
  return row?.id;
}

/** Whether the bytes may go on leaving: the copy is ready, in its time, and its grant was not revoked. */
export async function mayGoOnLeaving(db: Executor, copy: string, now: Date): Promise<boolean> {
  const row = await db
    .selectFrom('issued_copy as c')
    .leftJoin('access_grant as g', 'g.id', 'c.grant_id')
    .select('c.id')
    .where('c.id', '=', copy)
    .where('c.state', '=', 'ready')
    .where('c.expires_at', '>', now)
    .where('g.revoked_at', 'is', null)
    .executeTakeFirst();
  return row !== undefined;
}

/** Notes which bytes were handed to the network. */
export async function noteSent(
  db: Executor,
  sent: { readonly download: string; readonly from: number; readonly to: number; readonly now: Date },
): Promise<void> {
  await db
    .updateTable('issued_copy_download')
    .set({
      last_at: sent.now,
      sent: sql`sent + int8multirange(int8range(${sent.from}::bigint, ${sent.to}::bigint))`,
    })
    .where('id', '=', sent.download)
    .execute();
}
