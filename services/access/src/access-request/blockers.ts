import type { AttachmentFacts, RequestRecord } from '@fengcun/catalog';
import type { RequestBlocker } from '@fengcun/contracts';
import { type Assessment, isVisible } from './assess.ts';

/** What keeps a draft from being submitted now; empty when nothing does. */
export function blockersOf(
  request: RequestRecord,
  assessment: Assessment,
  attachments: ReadonlyMap<string, AttachmentFacts>,
  roles: readonly { readonly unit: string }[],
  now: Date,
): readonly RequestBlocker[] {
  const blockers = new Set<RequestBlocker>();
  for (const { evidence_id } of request.attachments) {
    const state = attachments.get(evidence_id)?.state;
    if (state === 'arriving') blockers.add('attachments_not_sealed');
    else if (state !== 'sealed') blockers.add('attachment_refused');
  }
  if (request.applicant_kind !== null) {
    const has = (kind: 'letter' | 'identity') => request.attachments.some((each) => each.kind === kind);
    if (!has('letter')) blockers.add('letter_missing');
    if (!has('identity')) blockers.add('identity_missing');
  }
  if (request.case_id !== null && request.items.length === 0)
    blockers.add(request.case_left === null ? 'case_unknown' : 'case_empty');
  const visible = request.items.map((id) => assessment.facts.get(id)).filter((facts) => isVisible(roles, facts));
  if (visible.some(({ disposed }) => disposed)) blockers.add('item_disposed');
  if (request.window_until <= now) blockers.add('window_over');
  if (assessment.deniedBy !== null) blockers.add('denied');
  else if (assessment.needed.length === 0 && request.items.length > 0) blockers.add('nothing_to_approve');
  return [...blockers];
}
