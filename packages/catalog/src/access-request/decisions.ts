import { type ActorDraft, type ApproverRole, personal } from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';
import type { Executor } from '../database/connect.ts';
import type { AccessDecisionTable } from '../database/schema-access.ts';
import { newId } from '../id/id.ts';
import { appendEvent } from '../ledger/append-event.ts';
import type { DecisionRecord } from './request-record.ts';

export interface NewDecision {
  readonly request: string;
  readonly account: string;
  readonly actor: ActorDraft;
  readonly role: ApproverRole;
  readonly verdict: 'approved' | 'refused';
  readonly reason: string | null;
  readonly holdAcknowledged: boolean;
  /** decisions still open after this one */
  readonly open: readonly ApproverRole[];
}

/** Writes a decision with its event, in the transaction that holds the request. Answers its id. */
export async function insertDecision(trx: Executor, decision: NewDecision, clock: Clock): Promise<string> {
  const id = newId();
  const { request, account, role, verdict, reason, holdAcknowledged } = decision;
  await trx
    .insertInto('access_decision')
    .values({
      id,
      request_id: request,
      account_id: account,
      role,
      verdict,
      reason,
      hold_acknowledged: holdAcknowledged,
      decided_at: clock.now(),
      voided_at: null,
      void_reason: null,
    })
    .execute();
  await appendEvent(
    trx,
    {
      type: 'request.decided',
      actor: decision.actor,
      subject: { kind: 'request', id: request },
      data: {
        decision: id,
        role,
        verdict,
        reason: reason === null ? null : personal(reason),
        holdAcknowledged,
        open: [...decision.open],
      },
    },
    clock,
  );
  return id;
}

/** An approval counts no more. */
export async function voidDecision(
  trx: Executor,
  decision: DecisionRecord,
  more: { readonly actor: ActorDraft; readonly reason: NonNullable<AccessDecisionTable['void_reason']> },
  clock: Clock,
): Promise<void> {
  await trx
    .updateTable('access_decision')
    .set({ voided_at: clock.now(), void_reason: more.reason })
    .where('id', '=', decision.id)
    .where('voided_at', 'is', null)
    .execute();
  await appendEvent(
    trx,
    {
      type: 'request.decision_voided',
      actor: more.actor,
      subject: { kind: 'request', id: decision.request_id },
      data: { decision: decision.id, by: decision.account_id, role: decision.role, reason: more.reason },
    },
    clock,
  );
}
