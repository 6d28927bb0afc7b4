import { type EvidenceRecord, findEvidence, recordView } from '@fengcun/catalog';
import { actorOf, type Person, personOf, recordDenial } from '@fengcun/identity';
import { type Action, type Actor, type Decision, decide, ordinary } from '@fengcun/policy';
import type { FastifyRequest } from 'fastify';
import type { Access } from '../access.ts';
import { problem } from '../errors.ts';

/** A person as the policy knows them. */
export const asActor = (person: Person): Actor => ({ kind: 'person', id: person.account.id, roles: person.roles });

/** What the policy says about a person and an item. */
export function decideFor(person: Person, action: Action, unitPath: readonly string[]): Decision {
  return decide(asActor(person), action, { unitPath }, ordinary);
}

/**
 * The item, for a reader whose units reach it; for anybody else there is no such item, and that they asked is on record. Throws
 * `not_found`.
 */
export async function findVisible({ catalog }: Access, request: FastifyRequest, id: string): Promise<EvidenceRecord> {
  const record = await findEvidence(catalog, id);
  if (!record) throw problem('not_found');
  const decision = decideFor(personOf(request), 'see', record.unit_path);
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

/** Throws `denied` or `approval_required`, on record, unless the policy allows it. Answers the decision that allowed. */
export async function requireAllowed(
  request: FastifyRequest,
  action: Action,
  record: EvidenceRecord,
): Promise<Extract<Decision, { outcome: 'allow' }>> {
  const decision = decideFor(personOf(request), action, record.unit_path);
  if (decision.outcome === 'allow') return decision;
  const code = decision.outcome === 'deny' ? 'denied' : 'approval_required';
  await recordDenial(request, { code, rule: decision.rule, subject: { kind: 'evidence', id: record.id } });
  throw problem(code, {
    extensions: { rule: decision.rule, ...(decision.outcome === 'needApproval' ? { approvers: decision.by } : {}) },
  });
}

/** No record, no byte: when what is to be recorded first cannot be, nothing else happens either. */
export async function onRecord<T>(recording: Promise<T>): Promise<T> {
  try {
    return await recording;
  } catch (cause) {
    throw problem('not_recorded', { cause });
  }
}
