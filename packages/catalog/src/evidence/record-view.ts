import type { ActorDraft } from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';
import type { Database } from '../database/connect.ts';
import { appendEvent } from '../ledger/append-event.ts';

/** Puts on record that somebody looked at an item's page: once for each session and item, however often it is opened. */
export async function recordView(
  db: Database,
  view: { readonly session: string; readonly evidence: string; readonly actor: ActorDraft },
  clock: Clock,
): Promise<void> {
  const known = await db
    .selectFrom('evidence_view')
    .select('session_id')
    .where('session_id', '=', view.session)
    .where('evidence_id', '=', view.evidence)
    .executeTakeFirst();
  if (known) return;
  await db.transaction().execute(async (tx) => {
    const first = await tx
      .insertInto('evidence_view')
      .values({ session_id: view.session, evidence_id: view.evidence })
      .onConflict((conflict) => conflict.doNothing())
      .returning('evidence_id')
      .executeTakeFirst();
    if (!first) return;
    await appendEvent(
      tx,
      {
        type: 'evidence.viewed',
        actor: view.actor,
        subject: { kind: 'evidence', id: view.evidence },
        data: { session: view.session },
      },
      clock,
    );
  });
}
