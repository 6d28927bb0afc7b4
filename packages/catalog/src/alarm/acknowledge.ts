import { type ActorDraft, personal } from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';
import { notifyChange } from '../change/notify.ts';
import type { Database } from '../database/connect.ts';
import { appendEvent } from '../ledger/append-event.ts';

/** Acknowledges an open alarm by name, on record. Answers false when somebody else did before. */
export async function acknowledgeAlarm(
  db: Database,
  acknowledgement: {
    readonly alarm: string;
    readonly unit: string | null;
    readonly account: string;
    readonly actor: ActorDraft;
    readonly note: string;
  },
  clock: Clock,
): Promise<boolean> {
  const { alarm, account, actor, note } = acknowledgement;
  return db.transaction().execute(async (tx) => {
    const row = await tx
      .updateTable('alarm')
      .set({ acknowledged_by: account, acknowledged_at: clock.now(), note })
      .where('id', '=', alarm)
      .where('acknowledged_at', 'is', null)
      .returning('id')
      .executeTakeFirst();
    if (!row) return false;
    await appendEvent(
      tx,
      { type: 'alarm.acknowledged', actor, subject: { kind: 'alarm', id: alarm }, data: { note: personal(note) } },
      clock,
    );
    await notifyChange(tx, { kind: 'alarm', id: alarm, unit: acknowledgement.unit });
    return true;
  });
}
