import { type ActorDraft, type ApproverRole, grantRevokedChannel, type Operation, personal } from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';
import { sql } from 'kysely';
import type { Executor } from '../database/connect.ts';
import { newId } from '../id/id.ts';
import { appendEvent } from '../ledger/append-event.ts';

export interface NewGrant {
  readonly request: string;
  readonly to: { readonly id: string; readonly name: string };
  readonly operations: readonly Operation[];
  readonly items: readonly string[];
  readonly from: Date;
  readonly until: Date;
  /** for each item */
  readonly uses: number;
  readonly urgent: boolean;
  readonly rules: readonly string[];
  readonly matrixVersion: number;
  readonly approvals: readonly { readonly role: ApproverRole; readonly by: string }[];
  /** whose decision gave it; for an urgent one, who took it */
  readonly actor: ActorDraft;
}

/** Gives what was approved, with its event, in the transaction of the last decision: never one without the other. Answers the grant's id. */
export async function giveGrant(trx: Executor, grant: NewGrant, clock: Clock): Promise<string> {
  const id = newId();
  const event = await appendEvent(
    trx,
    {
      type: 'grant.given',
      actor: grant.actor,
      subject: { kind: 'grant', id },
      authorisation: grant.request,
      data: {
        request: grant.request,
        to: grant.to.id,
        name: personal(grant.to.name),
        operations: [...grant.operations],
        items: [...grant.items],
        from: grant.from.toISOString(),
        until: grant.until.toISOString(),
        uses: grant.uses,
        urgent: grant.urgent,
        rules: [...grant.rules],
        matrix: grant.matrixVersion,
        approvals: grant.approvals.map(({ role, by }) => ({ role, by })),
      },
    },
    clock,
  );
  await trx
    .insertInto('access_grant')
    .values({
      id,
      request_id: grant.request,
      account_id: grant.to.id,
      operations: [...grant.operations],
      valid_from: grant.from,
      valid_until: grant.until,
      urgent: grant.urgent,
      event_id: event,
      created_at: clock.now(),
      revoked_at: null,
      revoked_by: null,
      revoke_reason: null,
      ended_at: null,
    })
    .execute();
  await trx
    .insertInto('access_grant_item')
    .values(grant.items.map((evidence) => ({ grant_id: id, evidence_id: evidence, uses_left: grant.uses })))
    .execute();
  return id;
}

export interface Revocation {
  readonly grant: string;
  readonly actor: ActorDraft;
  /** null: the system */
  readonly by: string | null;
  readonly cause: 'approver' | 'holder' | 'denied' | 'violation';
  readonly reason: string;
}

/**
 * Takes a grant back, with its event, in the caller's transaction: what was begun with it ends at its next piece. Answers false when it is over
 * or was taken back before.
 */
export async function revokeGrant(trx: Executor, revocation: Revocation, clock: Clock): Promise<boolean> {
  const now = clock.now();
  const row = await trx
    .updateTable('access_grant')
    .set({ revoked_at: now, revoked_by: revocation.by, revoke_reason: revocation.reason })
    .where('id', '=', revocation.grant)
    .where('revoked_at', 'is', null)
    .where('ended_at', 'is', null)
    .where('valid_until', '>', now)
    .returning('request_id')
    .executeTakeFirst();
  if (!row) return false;
  await appendEvent(
    trx,
    {
      type: 'grant.revoked',
      actor: revocation.actor,
      subject: { kind: 'grant', id: revocation.grant },
      data: { request: row.request_id, cause: revocation.cause, reason: personal(revocation.reason) },
    },
    clock,
  );
  await sql`select pg_notify(${grantRevokedChannel}, ${revocation.grant})`.execute(trx);
  return true;
}

/** Puts the end of grants whose time is over on record, once each. Answers how many. */
export async function endExpiredGrants(trx: Executor, actor: ActorDraft, limit: number, clock: Clock): Promise<number> {
  const now = clock.now();
  const { rows } = await sql<{ id: string; request_id: string }>`
    update access_grant set ended_at = ${now} where id in (
      select id from access_grant where valid_until <= ${now} and revoked_at is null and ended_at is null
      order by valid_until limit ${limit} for update skip locked)
    returning id, request_id`.execute(trx);
  for (const { id, request_id } of rows) {
    await appendEvent(
      trx,
      { type: 'grant.expired', actor, subject: { kind: 'grant', id }, data: { request: request_id } },
      clock,
    );
  }
  return rows.length;
}
