import { type EvidenceRecord, findRedactionPlan, type RedactionRecord, watchedOfRender } from '@fengcun/catalog';
import type { Redaction } from '@fengcun/contracts';
import type { Person } from '@fengcun/identity';
import type { Access } from '../access.ts';
import { problem } from '../errors.ts';
import { recordingOf } from './recording.ts';
import { judgeWork, maySee, mayWork } from './who-may.ts';

/** A redacted version as this reader sees it, with what they may do now. */
export async function presentRedaction(
  access: Access,
  person: Person,
  record: EvidenceRecord,
  { summary, makers }: RedactionRecord,
): Promise<Redaction> {
  const { catalog } = access;
  const { render, state } = summary;
  const account = person.account.id;
  const [plan, recording, judgement, watched] = await Promise.all([
    findRedactionPlan(catalog, summary.id, summary.version),
    recordingOf(catalog, record.id),
    judgeWork(access, person, record),
    render?.state === 'ready' ? watchedOfRender(catalog, render.id, account) : null,
  ]);
  if (!plan) throw problem('not_found');
  const redacts = mayWork(judgement, 'redact') && record.state === 'sealed' && record.disposed_at === null;
  const settled = state === 'approved' || state === 'withdrawn';
  const whole = watched !== null && watched.pieces > 0 && watched.served >= watched.pieces;
  const made = makers.includes(account) || render?.requestedBy.id === account;
  const blocker = (): Redaction['reviewBlocker'] => {
    if (state !== 'ready') return null;
    if (made) return 'made_it';
    if (judgement.decide('review_redaction').outcome !== 'allow') return 'denied';
    if (!maySee(judgement)) return 'cannot_see';
    return whole ? null : 'not_watched';
  };
  const reviewBlocker = blocker();
  return {
    ...summary,
    plan,
    recording,
    watched: watched === null || watched.pieces === 0 ? 0 : Math.floor((100 * watched.served) / watched.pieces),
    may: {
      change: redacts && !settled,
      render: redacts && (state === 'draft' || state === 'failed'),
      cancel: redacts && state === 'rendering',
      watch: render?.state === 'ready' && maySee(judgement),
      // Rejecting needs no look at all of it.
      review: state === 'ready' && (reviewBlocker === null || reviewBlocker === 'not_watched'),
      withdraw:
        state !== 'withdrawn' &&
        (['redact', 'review_redaction'] as const).some((work) => judgement.decide(work).outcome === 'allow'),
    },
    reviewBlocker,
  };
}
