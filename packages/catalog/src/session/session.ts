import { type ActorDraft, personal, type Role } from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';
import { sql } from 'kysely';
import type { Executor } from '../database/connect.ts';
import { newId } from '../id/id.ts';
import { appendEvent } from '../ledger/append-event.ts';

/** A session with the person it stands for, as they are now: roles and a disabled account take effect at the next request. */
export interface SessionRecord {
  readonly id: string;
  readonly lastSeenAt: Date;
  readonly expiresAt: Date;
  readonly closedAt: Date | null;
  readonly account: {
    readonly id: string;
    readonly login: string;
    readonly name: string;
    readonly officerNumber: string | null;
    readonly unitId: string;
    readonly disabledAt: Date | null;
  };
  readonly roles: readonly { readonly unit: string; readonly role: Role }[];
}

/** The session whose token has this SHA-256, whatever its state. One query. */
export async function findSession(db: Executor, tokenHash: Uint8Array): Promise<SessionRecord | undefined> {
  return sessionWhere(db, sql<boolean>`s.token_hash = ${Buffer.from(tokenHash)}`);
}

/** The session of this id, whatever its state. */
export async function getSession(db: Executor, id: string): Promise<SessionRecord | undefined> {
  return sessionWhere(db, sql<boolean>`s.id = ${id}`);
}

async function sessionWhere(
  db: Executor,
  condition: ReturnType<typeof sql<boolean>>,
): Promise<SessionRecord | undefined> {
  const row = await db
    .selectFrom('session as s')
    .innerJoin('account as a', 'a.id', 's.account_id')
    .select([
      's.id',
      's.last_seen_at',
      's.expires_at',
      's.closed_at',
      'a.id as account',
      'a.login',
      'a.name',
      'a.officer_number',
      'a.unit_id',
      'a.disabled_at',
    ])
    .select(
      sql<{ unit: string; role: Role }[]>`coalesce(
        (select jsonb_agg(jsonb_build_object('unit', r.unit_id, 'role', r.role) order by r.unit_id, r.role)
         from account_role r where r.account_id = a.id), '[]')`.as('roles'),
    )
    .where(condition)
    .executeTakeFirst();
  if (!row) return undefined;
  return {
    id: row.id,
    lastSeenAt: row.last_seen_at,
    expiresAt: row.expires_at,
    closedAt: row.closed_at,
    account: {
      id: row.account,
      login: row.login,
      name: row.name,
      officerNumber: row.officer_number,
      unitId: row.unit_id,
      disabledAt: row.disabled_at,
    },
    roles: row.roles,
  };
}

/** Notes that the session was used. */
export async function touchSession(db: Executor, id: string, at: Date): Promise<void> {
  await db
    .updateTable('session')
    .set({ last_seen_at: at })
    .where('id', '=', id)
    .where('last_seen_at', '<', at)
    .execute();
}

export interface NewSession {
  readonly tokenHash: Uint8Array;
  readonly account: { readonly id: string; readonly name: string };
  readonly expiresAt: Date;
  readonly address: string;
  readonly userAgent: string;
}

/** Opens a session with its event, forgets failed logins, all in the caller's transaction. Answers the session's id. */
export async function openSession(db: Executor, draft: NewSession, clock: Clock): Promise<string> {
  const id = newId();
  const now = clock.now();
  await db
    .insertInto('session')
    .values({
      id,
      token_hash: Buffer.from(draft.tokenHash),
      account_id: draft.account.id,
      created_at: now,
      last_seen_at: now,
      expires_at: draft.expiresAt,
      closed_at: null,
      address: draft.address,
      user_agent: draft.userAgent,
    })
    .execute();
  await db
    .updateTable('account')
    .set({ failed_logins: 0, locked_until: null })
    .where('id', '=', draft.account.id)
    .where((eb) => eb.or([eb('failed_logins', '>', 0), eb('locked_until', 'is not', null)]))
    .execute();
  await appendEvent(
    db,
    {
      type: 'session.opened',
      actor: { kind: 'account', id: draft.account.id, name: personal(draft.account.name) },
      subject: { kind: 'session', id },
      data: { session: id },
    },
    clock,
  );
  return id;
}

export type SessionEnd = 'signed_out' | 'expired' | 'revoked';

/** Closes a session once, with its event, in the caller's transaction; closing it again does nothing. */
export async function closeSession(
  db: Executor,
  end: { readonly session: string; readonly actor: ActorDraft; readonly cause: SessionEnd },
  clock: Clock,
): Promise<void> {
  const closed = await db
    .updateTable('session')
    .set({ closed_at: clock.now() })
    .where('id', '=', end.session)
    .where('closed_at', 'is', null)
    .returning('id')
    .executeTakeFirst();
  if (!closed) return;
  await appendEvent(
    db,
    {
      type: 'session.closed',
      actor: end.actor,
      subject: { kind: 'session', id: end.session },
      data: { session: end.session, cause: end.cause },
    },
    clock,
  );
}
