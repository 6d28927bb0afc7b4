import { type ActorDraft, personal, type Role } from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';
import type { Executor } from '../database/connect.ts';
import { CatalogError } from '../errors.ts';
import { newId } from '../id/id.ts';
import { appendEvent } from '../ledger/append-event.ts';
import { closeSessionsOf } from '../session/session.ts';

interface Change {
  readonly account: string;
  readonly actor: ActorDraft;
}

/**
 * Locks accounts until the transaction ends, in one order for everybody, so that two administrators who act on each other take turns. Call
 * first, then look at what the actor may.
 */
export async function lockAccounts(db: Executor, ids: readonly string[]): Promise<void> {
  await db
    .selectFrom('account')
    .select('id')
    .where('id', 'in', [...ids])
    .orderBy('id')
    .forUpdate()
    .execute();
}

/** Units in which an account holds one of these roles, unless it is disabled. */
export async function unitsHeldAs(db: Executor, account: string, roles: readonly Role[]): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('account_role as r')
    .innerJoin('account as a', 'a.id', 'r.account_id')
    .select('r.unit_id')
    .distinct()
    .where('r.account_id', '=', account)
    .where('r.role', 'in', [...roles])
    .where('a.disabled_at', 'is', null)
    .execute();
  return rows.map((row) => row.unit_id);
}

export interface NewAccount {
  readonly login: string;
  readonly name: string;
  readonly officerNumber: string | null;
  readonly unit: string;
  readonly roles: readonly { readonly unit: string; readonly role: Role }[];
  readonly oneTimePassword: { readonly hash: string; readonly expiresAt: Date } | null;
  readonly actor: ActorDraft;
}

/** Inserts an account with its roles and event. Rejects `login_taken`, `officer_number_taken`, `unit_closed`, `two_administrators`. */
export async function insertAccount(db: Executor, draft: NewAccount, clock: Clock): Promise<string> {
  const id = newId();
  await refusing(() =>
    db
      .insertInto('account')
      .values({
        id,
        login: draft.login,
        name: draft.name,
        officer_number: draft.officerNumber,
        unit_id: draft.unit,
        password_hash: draft.oneTimePassword?.hash ?? null,
        must_change_password: draft.oneTimePassword !== null,
        password_expires_at: draft.oneTimePassword?.expiresAt ?? null,
        locked_until: null,
        disabled_at: null,
        created_at: clock.now(),
      })
      .execute(),
  );
  for (const { unit, role } of draft.roles) {
    await refusing(() =>
      db
        .insertInto('account_role')
        .values({ account_id: id, unit_id: unit, role })
        .onConflict((conflict) => conflict.doNothing())
        .execute(),
    );
  }
  await appendEvent(
    db,
    {
      type: 'account.created',
      actor: draft.actor,
      subject: { kind: 'account', id },
      data: { login: personal(draft.login), unit: draft.unit, roles: draft.roles },
    },
    clock,
  );
  return id;
}

export interface AccountFields {
  readonly login?: string;
  readonly name?: string;
  readonly officerNumber?: string | null;
  readonly unit?: string;
}

/** Changes what an account says of its person, with the event. Rejects like `insertAccount`. */
export async function updateAccount(db: Executor, change: Change & AccountFields, clock: Clock): Promise<void> {
  const { account, actor, login, name, officerNumber, unit } = change;
  await refusing(() =>
    db
      .updateTable('account')
      .set({
        ...(login === undefined ? {} : { login }),
        ...(name === undefined ? {} : { name }),
        ...(officerNumber === undefined ? {} : { officer_number: officerNumber }),
        ...(unit === undefined ? {} : { unit_id: unit }),
      })
      .where('id', '=', account)
      .execute(),
  );
  await appendEvent(
    db,
    {
      type: 'account.changed',
      actor,
      subject: { kind: 'account', id: account },
      data: {
        ...(login === undefined ? {} : { login: personal(login) }),
        ...(name === undefined ? {} : { name: personal(name) }),
        ...(officerNumber === undefined
          ? {}
          : { officerNumber: officerNumber === null ? null : personal(officerNumber) }),
        ...(unit === undefined ? {} : { unit }),
      },
    },
    clock,
  );
}

/** Disables an account and ends its sessions and tokens. False where it was disabled. */
export async function disableAccount(
  db: Executor,
  change: Change & { readonly reason: string },
  clock: Clock,
): Promise<boolean> {
  const { account, actor, reason } = change;
  const row = await db
    .updateTable('account')
    .set({ disabled_at: clock.now(), disabled_reason: reason })
    .where('id', '=', account)
    .where('disabled_at', 'is', null)
    .returning('id')
    .executeTakeFirst();
  if (!row) return false;
  const data = { reason: personal(reason) };
  await appendEvent(db, { type: 'account.disabled', actor, subject: { kind: 'account', id: account }, data }, clock);
  await closeSessionsOf(db, { account, actor, cause: 'revoked' }, clock);
  return true;
}

/** False where it was not disabled. */
export async function enableAccount(
  db: Executor,
  change: Change & { readonly reason: string },
  clock: Clock,
): Promise<boolean> {
  const { account, actor, reason } = change;
  const row = await db
    .updateTable('account')
    .set({ disabled_at: null, disabled_reason: null, failed_logins: 0, locked_until: null })
    .where('id', '=', account)
    .where('disabled_at', 'is not', null)
    .returning('id')
    .executeTakeFirst();
  if (!row) return false;
  const data = { reason: personal(reason) };
  await appendEvent(db, { type: 'account.enabled', actor, subject: { kind: 'account', id: account }, data }, clock);
  return true;
}

interface RoleChange extends Change {
  readonly unit: string;
  readonly role: Role;
}

/** False where it was held. Rejects `unit_closed`, `two_administrators`. */
export async function giveRole(db: Executor, change: RoleChange, clock: Clock): Promise<boolean> {
  const { account, actor, unit, role } = change;
  const row = await refusing(() =>
    db
      .insertInto('account_role')
      .values({ account_id: account, unit_id: unit, role })
      .onConflict((conflict) => conflict.doNothing())
      .returning('role')
      .executeTakeFirst(),
  );
  if (!row) return false;
  const data = { unit, role };
  await appendEvent(db, { type: 'role.given', actor, subject: { kind: 'account', id: account }, data }, clock);
  return true;
}

/** False where it was not held. */
export async function takeRole(db: Executor, change: RoleChange, clock: Clock): Promise<boolean> {
  const { account, actor, unit, role } = change;
  const row = await db
    .deleteFrom('account_role')
    .where('account_id', '=', account)
    .where('unit_id', '=', unit)
    .where('role', '=', role)
    .returning('role')
    .executeTakeFirst();
  if (!row) return false;
  const data = { unit, role };
  await appendEvent(db, { type: 'role.taken', actor, subject: { kind: 'account', id: account }, data }, clock);
  return true;
}

/** Replaces the password by a one-time one, ends every session and token, with the events. */
export async function resetPassword(
  db: Executor,
  change: Change & { readonly reason: string; readonly hash: string; readonly expiresAt: Date },
  clock: Clock,
): Promise<void> {
  const { account, actor, reason, hash, expiresAt } = change;
  await db
    .updateTable('account')
    .set({
      password_hash: hash,
      must_change_password: true,
      password_expires_at: expiresAt,
      failed_logins: 0,
      locked_until: null,
    })
    .where('id', '=', account)
    .execute();
  const data = { reason: personal(reason) };
  await appendEvent(db, { type: 'password.reset', actor, subject: { kind: 'account', id: account }, data }, clock);
  await closeSessionsOf(db, { account, actor, cause: 'revoked' }, clock);
}

/** What is needed to change one's own password. */
export async function findPassword(
  db: Executor,
  account: string,
): Promise<{ readonly hash: string | null; readonly login: string; readonly name: string }> {
  const row = await db
    .selectFrom('account')
    .select(['password_hash', 'login', 'name'])
    .where('id', '=', account)
    .executeTakeFirstOrThrow();
  return { hash: row.password_hash, login: row.login, name: row.name };
}

/** Sets a password of one's own choosing; every other session and every token ends, with the events. */
export async function changePassword(
  db: Executor,
  change: Change & { readonly hash: string; readonly session: string },
  clock: Clock,
): Promise<void> {
  const { account, actor, hash, session } = change;
  await db
    .updateTable('account')
    .set({
      password_hash: hash,
      must_change_password: false,
      password_expires_at: null,
      failed_logins: 0,
      locked_until: null,
    })
    .where('id', '=', account)
    .execute();
  await appendEvent(
    db,
    { type: 'password.changed', actor, subject: { kind: 'account', id: account }, data: {} },
    clock,
  );
  await closeSessionsOf(db, { account, but: session, actor, cause: 'revoked' }, clock);
}

const refusals: Readonly<
  Record<string, 'login_taken' | 'officer_number_taken' | 'unit_closed' | 'two_administrators'>
> = {
  account_login_key: 'login_taken',
  account_login_folded: 'login_taken',
  account_officer_number_key: 'officer_number_taken',
  unit_open: 'unit_closed',
  two_administrators: 'two_administrators',
};

/** Runs a statement; what a constraint of the database refuses comes out as its `CatalogError`. */
async function refusing<T>(statement: () => Promise<T>): Promise<T> {
  try {
    return await statement();
  } catch (error) {
    const constraint = error instanceof Error && 'constraint' in error ? String(error.constraint) : '';
    const code = refusals[constraint];
    if (code === undefined) throw error;
    throw new CatalogError(code, undefined, { cause: error });
  }
}
