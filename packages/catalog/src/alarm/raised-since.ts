import type { Executor } from '../database/connect.ts';
import type { AlarmDraft } from './raise.ts';

/** Whether an alarm of this kind about this subject was raised since, acknowledged or not: who has been told need not be told again. */
export async function raisedSince(
  db: Executor,
  {
    kind,
    subject,
    since,
  }: Pick<AlarmDraft, 'kind'> & { readonly subject: { kind: string; id: string }; readonly since: Date },
): Promise<boolean> {
  const row = await db
    .selectFrom('alarm')
    .select('id')
    .where('kind', '=', kind)
    .where('subject_kind', '=', subject.kind)
    .where('subject_id', '=', subject.id)
    .where('raised_at', '>=', since)
    .executeTakeFirst();
  return row !== undefined;
}
