import { type EvidenceRecord, findLastPlayGrant } from '@fengcun/catalog';
import { type Person, personOf, recordDenial } from '@fengcun/identity';
import type { FastifyRequest } from 'fastify';
import type { Access } from '../access.ts';
import { problem } from '../errors.ts';
import { type Judgement, judge } from '../evidence/circumstances.ts';
import { itemOf } from '../evidence/item.ts';

export type RedactionWork = 'redact' | 'review_redaction';

/**
 * What the policy says about a person and an item. Who has begun to watch under a grant may go on working on what they have seen although its
 * last use is gone, for as long as it lives.
 */
export async function judgeWork(
  access: Pick<Access, 'catalog' | 'clock'>,
  person: Person,
  record: EvidenceRecord,
): Promise<Judgement> {
  const seen = { account: person.account.id, evidence: record.id };
  return judge(access, person, itemOf(record), await findLastPlayGrant(access.catalog, seen));
}

/** Whether they may watch the recording, at once or as soon as they say what for. */
export const maySee = (judgement: Judgement): boolean =>
  judgement.decide('play').outcome === 'allow' || judgement.purposesFor('play').length > 0;

/** Whether they may do this work: the policy allows it, and allows them to watch the recording. */
export const mayWork = (judgement: Judgement, work: RedactionWork): boolean =>
  judgement.decide(work).outcome === 'allow' && maySee(judgement);

/** Throws `denied` or `cannot_see`, on record, unless the person may do this work. Answers rule and grant for the event. */
export async function requireWork(
  access: Access,
  request: FastifyRequest,
  work: RedactionWork,
  record: EvidenceRecord,
): Promise<{ readonly rule: string; readonly authorisation: string | null }> {
  const judgement = await judgeWork(access, personOf(request), record);
  const subject = { kind: 'evidence', id: record.id } as const;
  const decision = judgement.decide(work);
  if (decision.outcome !== 'allow') {
    await recordDenial(request, { code: 'denied', rule: decision.rule, subject });
    throw problem('denied', { extensions: { rule: decision.rule } });
  }
  const play = judgement.decide('play');
  if (!maySee(judgement)) {
    await recordDenial(request, { code: 'cannot_see', rule: play.rule, subject });
    throw problem('cannot_see', { extensions: { rule: play.rule } });
  }
  return { rule: decision.rule, authorisation: play.outcome === 'allow' ? (play.authorisation ?? null) : null };
}

/** Throws `denied`, on record, unless the person may make or review redacted versions of the item. Taking one back needs no look at it. */
export async function requireWithdrawal(
  access: Access,
  request: FastifyRequest,
  record: EvidenceRecord,
): Promise<{ readonly rule: string; readonly authorisation: null }> {
  const judgement = await judgeWork(access, personOf(request), record);
  const decisions = [judgement.decide('review_redaction'), judgement.decide('redact')];
  const allowing = decisions.find(({ outcome }) => outcome === 'allow');
  if (allowing) return { rule: allowing.rule, authorisation: null };
  const rule = decisions[0]?.rule ?? null;
  await recordDenial(request, {
    code: 'denied',
    ...(rule === null ? {} : { rule }),
    subject: { kind: 'evidence', id: record.id },
  });
  throw problem('denied', { extensions: { rule } });
}
