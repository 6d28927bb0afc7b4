import { type alarmKinds, type Finding, storeFindings } from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';
import { notifyChange } from '../change/notify.ts';
import type { Executor } from '../database/connect.ts';
import { newId } from '../id/id.ts';
import { appendEvent } from '../ledger/append-event.ts';

export interface AlarmDraft {
  readonly kind: (typeof alarmKinds)[number];
  /** null: the whole site's */
  readonly unit: string | null;
  readonly subject: {
    readonly kind: 'evidence' | 'offload' | 'dock' | 'device' | 'log' | 'request' | 'object';
    readonly id: string;
  } | null;
  /** what was found, said one after the other */
  readonly findings: readonly Finding[];
  /** the service that raises it */
  readonly by: string;
}

/** Raises an alarm with its ledger event, in the caller's transaction. Answers the alarm's id. */
export async function raiseAlarm(db: Executor, draft: AlarmDraft, clock: Clock): Promise<string> {
  const id = newId();
  await db
    .insertInto('alarm')
    .values({
      id,
      kind: draft.kind,
      unit_id: draft.unit,
      subject_kind: draft.subject?.kind ?? null,
      subject_id: draft.subject?.id ?? null,
      detail: storeFindings(draft.findings),
      raised_at: clock.now(),
    })
    .execute();
  await appendEvent(
    db,
    {
      type: 'alarm.raised',
      actor: { kind: 'system', id: draft.by, name: null },
      subject: { kind: 'alarm', id },
      data: { kind: draft.kind, about: draft.subject },
    },
    clock,
  );
  await notifyChange(db, { kind: 'alarm', id, unit: draft.unit });
  return id;
}

/**
 * Raises an alarm unless one of its kind about its subject waits for somebody to acknowledge it: one open alarm is enough. In the caller's
 * transaction.
 */
export async function raiseAlarmOnce(
  db: Executor,
  draft: AlarmDraft & { readonly subject: NonNullable<AlarmDraft['subject']> },
  clock: Clock,
): Promise<void> {
  const { kind, subject } = draft;
  const open = await db
    .selectFrom('alarm')
    .select('id')
    .where('kind', '=', kind)
    .where('subject_kind', '=', subject.kind)
    .where('subject_id', '=', subject.id)
    .where('acknowledged_at', 'is', null)
    .executeTakeFirst();
  if (!open) await raiseAlarm(db, draft, clock);
}
