import { type ActorDraft, personal, type Role, type SignInStep, type TokenScope } from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';
import { sql } from 'kysely';
import type { Executor } from '../database/connect.ts';
import { newId } from '../id/id.ts';
import { appendEvent } from '../ledger/append-event.ts';

/** A session with the person it stands for, as they are now: roles and a disabled account take effect at the next request. */
export interface SessionRecord {
  readonly id: string;
  readonly kind: 'browser' | 'token';
  readonly via: 'password' | 'oidc' | 'token';
  /** a token's; null: a browser's session is good for everything */
  readonly scopes: readonly TokenScope[] | null;
  /** which one this session has shown */
  readonly secondFactor: 'totp' | 'recovery_code' | 'provider' | null;
  readonly createdAt: Date;
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
    readonly mustChangePassword: boolean;
    /** null: no second factor is enrolled */
    readonly secondFactorAt: Date | null;
  };
  /** the site's, of now */
  readonly secondFactorPolicy: 'off' | 'approvers' | 'everyone';
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
      's.kind',
      's.via',
      's.scopes',
      's.second_factor',
      's.created_at',
      's.last_seen_at',
      's.expires_at',
      's.closed_at',
      'a.id as account',
      'a.login',
      'a.name',
      'a.officer_number',
      'a.unit_id',
      'a.disabled_at',
      'a.must_change_password',
      'a.second_factor_at',
    ])
    .select(sql<'off' | 'approvers' | 'everyone' | null>`(select second_factor from sign_in_policy)`.as('policy'))
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
    kind: row.kind,
    via: row.via,
    // Checked by the table.
    scopes: row.scopes as TokenScope[] | null,
    secondFactor: row.second_factor,
    createdAt: row.created_at,
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
      mustChangePassword: row.must_change_password,
      secondFactorAt: row.second_factor_at,
    },
    // One row always; if somebody removed it, nobody is let off.
    secondFactorPolicy: row.policy ?? 'everyone',
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
  readonly via: 'password' | 'oidc';
  readonly secondFactor: 'totp' | 'recovery_code' | 'provider' | null;
}

/**
 * Opens a session with its event, in the caller's transaction, and answers it. Failed sign-ins are forgotten, unless `pendingOf` says that
 * a second factor is still to come: whoever has the password must not get endless tries at the code.
 */
export async function openSession(
  db: Executor,
  draft: NewSession,
  pendingOf: (session: SessionRecord) => SignInStep | null,
  clock: Clock,
): Promise<SessionRecord> {
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
      via: draft.via,
      second_factor: draft.secondFactor,
    })
    .execute();
  const opened = await getSession(db, id);
  if (!opened) throw new Error('A session just opened is not there');
  const pending = pendingOf(opened);
  if (pending !== 'second_factor') await completeSignIn(db, draft.account.id, now);
  await appendEvent(
    db,
    {
      type: 'session.opened',
      actor: { kind: 'account', id: draft.account.id, name: personal(draft.account.name) },
      subject: { kind: 'session', id },
      data: { session: id, via: draft.via, ...(pending === null ? {} : { pending }) },
    },
    clock,
  );
  return opened;
}

/** Forgets failed sign-ins and notes the good one. */
async function completeSignIn(db: Executor, account: string, at: Date): Promise<void> {
  await db
    .updateTable('account')
    .set({ failed_logins: 0, locked_until: null, last_sign_in_at: at })
    .where('id', '=', account)
    .execute();
}

/** Notes on record that a session has shown its second factor, and gives it a new token. */
export async function confirmSession(
  db: Executor,
  confirmation: {
    readonly session: string;
    readonly account: { readonly id: string; readonly name: string };
    readonly factor: 'totp' | 'recovery_code';
    readonly tokenHash: Uint8Array;
  },
  clock: Clock,
): Promise<void> {
  const { session, account, factor } = confirmation;
  await db
    .updateTable('session')
    .set({ second_factor: factor, token_hash: Buffer.from(confirmation.tokenHash) })
    .where('id', '=', session)
    .execute();
  await completeSignIn(db, account.id, clock.now());
  await appendEvent(
    db,
    {
      type: 'session.confirmed',
      actor: { kind: 'account', id: account.id, name: personal(account.name) },
      subject: { kind: 'session', id: session },
      data: { session, factor },
    },
    clock,
  );
}

/** Closes all open sessions and tokens of an account but one, each on record. */
export async function closeSessionsOf(
  db: Executor,
  end: { readonly account: string; readonly but?: string; readonly actor: ActorDraft; readonly cause: SessionEnd },
  clock: Clock,
): Promise<void> {
  const rows = await db
    .selectFrom('session')
    .select('id')
    .where('account_id', '=', end.account)
    .where('closed_at', 'is', null)
    .execute();
  for (const { id } of rows) {
    if (id !== end.but) await closeSession(db, { session: id, actor: end.actor, cause: end.cause }, clock);
  }
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
