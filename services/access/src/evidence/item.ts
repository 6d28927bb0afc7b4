import { CatalogError, type EvidenceRecord, findEvidence, recordView } from '@fengcun/catalog';
import { actorOf, type Person, personOf, recordDenial } from '@fengcun/identity';
import type { Action, Decision } from '@fengcun/policy';
import type { FastifyRequest } from 'fastify';
import type { Access } from '../access.ts';
import { problem } from '../errors.ts';
import { type Asked, type DecidedItem, judge } from './circumstances.ts';

/** An item's record as decisions take it. */
export const itemOf = (record: EvidenceRecord): DecidedItem => ({ id: record.id, unitPath: record.unit_path });

/** What the policy says about a person and an item now: the matrix in force and live grants counted in. */
export async function decideFor(
  access: Pick<Access, 'catalog' | 'clock'>,
  person: Person,
  action: Action,
  item: DecidedItem,
  asked: Asked = {},
): Promise<Decision> {
  return (await judge(access, person, item, asked.inUse)).decide(action, asked);
}

/**
 * The item, for a reader whose units or live grants reach it; for anybody else there is no such item, and that they asked is on record.
 * Throws `not_found`.
 */
export async function findVisible(access: Access, request: FastifyRequest, id: string): Promise<EvidenceRecord> {
  const record = await findEvidence(access.catalog, id);
  if (!record) throw problem('not_found');
  const decision = await decideFor(access, personOf(request), 'see', itemOf(record));
  if (decision.outcome === 'allow') return record;
  await recordDenial(request, { code: 'not_found', rule: decision.rule, subject: { kind: 'evidence', id } });
  throw problem('not_found');
}

/** Like `findVisible`, and puts the look on record first, once for each session and item. Throws `not_recorded` too. */
export async function openItem(access: Access, request: FastifyRequest, id: string): Promise<EvidenceRecord> {
  const record = await findVisible(access, request, id);
  const person = personOf(request);
  const view = { session: person.session, evidence: id, actor: actorOf(person) };
  await onRecord(recordView(access.catalog, view, access.clock));
  return record;
}

/**
 * Throws `denied`, `approval_required` or, where a purpose would do, `purpose_required`, on record, unless the policy allows it. Answers the
 * decision that allowed: its rule and authorisation go into the event of what is done.
 */
export async function requireAllowed(
  access: Access,
  request: FastifyRequest,
  action: Action,
  record: EvidenceRecord,
  asked: Asked = {},
): Promise<Extract<Decision, { outcome: 'allow' }>> {
  const judgement = await judge(access, personOf(request), itemOf(record), asked.inUse);
  const decision = judgement.decide(action, asked);
  if (decision.outcome === 'allow') return decision;
  const purposes = asked.purpose ? [] : judgement.purposesFor(action);
  const code = decision.outcome === 'deny' ? 'denied' : purposes.length > 0 ? 'purpose_required' : 'approval_required';
  await recordDenial(request, { code, rule: decision.rule, subject: { kind: 'evidence', id: record.id } });
  throw problem(code, {
    extensions: {
      rule: decision.rule,
      ...(decision.outcome === 'needApproval' ? { approvers: decision.by, purposes } : {}),
    },
  });
}

/** No record, no byte: when what is to be recorded first cannot be, nothing else happens either. */
export async function onRecord<T>(recording: Promise<T>): Promise<T> {
  try {
    return await recording;
  } catch (cause) {
    if (cause instanceof CatalogError && cause.code === 'grant_over') throw problem('grant_over', { cause });
    throw problem('not_recorded', { cause });
  }
}
