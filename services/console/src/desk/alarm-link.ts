import type { Alarm } from '@fengcun/contracts';

/** The page that shows what an alarm is about, or null when there is none. */
export function alarmSubjectLink({ subject }: Alarm): string | null {
  if (!subject) return null;
  if (subject.kind === 'evidence') return `/evidence/${subject.id}`;
  if (subject.kind === 'offload') return `/ingest/offloads/${subject.id}`;
  if (subject.kind === 'device') return `/admin/devices/${subject.id}`;
  return null;
}
