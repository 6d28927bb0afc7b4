import type { Executor } from '../database/connect.ts';
import type { AlarmDraft } from './raise.ts';

/** Whether an alarm of this kind about this subject waits for somebody to acknowledge it. */
export async function alarmIsOpen(
  db: Executor,
  { kind, subject }: Pick<AlarmDraft, 'kind'> & { readonly subject: { readonly kind: string; readonly id: string } },
): Promise<boolean> {
  const row = await db
    .selectFrom('alarm')
    .select('id')
    .where('kind', '=', kind)
    .where('subject_kind', '=', subject.kind)
    .where('subject_id', '=', subject.id)
    .where('acknowledged_at', 'is', null)
    .executeTakeFirst();
  return row !== undefined;
}
