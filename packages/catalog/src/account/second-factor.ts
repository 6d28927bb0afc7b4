import { type ActorDraft, personal } from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';
import type { Executor } from '../database/connect.ts';
import { appendEvent } from '../ledger/append-event.ts';

export interface TotpRecord {
  /** sealed under the site's key */
  readonly secret: Buffer;
  readonly confirmed: boolean;
}

export async function findTotp(db: Executor, account: string): Promise<TotpRecord | undefined> {
  const row = await db
    .selectFrom('account_totp')
    .select(['secret', 'confirmed_at'])
    .where('account_id', '=', account)
    .executeTakeFirst();
  return row && { secret: row.secret, confirmed: row.confirmed_at !== null };
}

/** Keeps a sealed secret that waits to be confirmed, in place of an earlier one that was not. False where one is confirmed already. */
export async function beginTotp(db: Executor, account: string, secret: Uint8Array): Promise<boolean> {
  const row = await db
    .insertInto('account_totp')
    .values({ account_id: account, secret: Buffer.from(secret), confirmed_at: null })
    .onConflict((conflict) =>
      conflict
        .column('account_id')
        .doUpdateSet({ secret: Buffer.from(secret), last_step: 0 })
        .where('account_totp.confirmed_at', 'is', null),
    )
    .returning('account_id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Takes the code of a time step, once: false when that or a later one was taken before (RFC 6238, 5.2). */
export async function takeTotpStep(db: Executor, account: string, step: number): Promise<boolean> {
  const row = await db
    .updateTable('account_totp')
    .set({ last_step: step })
    .where('account_id', '=', account)
    .where('last_step', '<', step)
    .returning('account_id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Enrols the secret that waited, with its event. False where none waited. */
export async function confirmTotp(
  db: Executor,
  enrolment: { readonly account: string; readonly actor: ActorDraft },
  clock: Clock,
): Promise<boolean> {
  const now = clock.now();
  const row = await db
    .updateTable('account_totp')
    .set({ confirmed_at: now })
    .where('account_id', '=', enrolment.account)
    .where('confirmed_at', 'is', null)
    .returning('account_id')
    .executeTakeFirst();
  if (!row) return false;
  await db.updateTable('account').set({ second_factor_at: now }).where('id', '=', enrolment.account).execute();
  await appendEvent(
    db,
    {
      type: 'second_factor.enrolled',
      actor: enrolment.actor,
      subject: { kind: 'account', id: enrolment.account },
      data: {},
    },
    clock,
  );
  return true;
}

/** Removes secret and recovery codes, with the event. False where there was no second factor. */
export async function removeTotp(
  db: Executor,
  removal: { readonly account: string; readonly actor: ActorDraft; readonly reason: string | null },
  clock: Clock,
): Promise<boolean> {
  const { account, actor, reason } = removal;
  const row = await db
    .updateTable('account')
    .set({ second_factor_at: null })
    .where('id', '=', account)
    .where('second_factor_at', 'is not', null)
    .returning('id')
    .executeTakeFirst();
  await db.deleteFrom('account_totp').where('account_id', '=', account).execute();
  await db.deleteFrom('recovery_code').where('account_id', '=', account).execute();
  if (!row) return false;
  await appendEvent(
    db,
    {
      type: 'second_factor.removed',
      actor,
      subject: { kind: 'account', id: account },
      data: { reason: reason === null ? null : personal(reason) },
    },
    clock,
  );
  return true;
}

/** Replaces an account's recovery codes, with the event. */
export async function replaceRecoveryCodes(
  db: Executor,
  renewal: { readonly account: string; readonly actor: ActorDraft; readonly hashes: readonly Uint8Array[] },
  clock: Clock,
): Promise<void> {
  const { account, actor, hashes } = renewal;
  await db.deleteFrom('recovery_code').where('account_id', '=', account).execute();
  await db
    .insertInto('recovery_code')
    .values(hashes.map((hash) => ({ account_id: account, hash: Buffer.from(hash), used_at: null })))
    .execute();
  await appendEvent(
    db,
    {
      type: 'recovery_codes.renewed',
      actor,
      subject: { kind: 'account', id: account },
      data: { codes: hashes.length },
    },
    clock,
  );
}

/** Uses a recovery code up. False where it is not one of the account's unused ones. */
export async function takeRecoveryCode(db: Executor, account: string, hash: Uint8Array, now: Date): Promise<boolean> {
  const row = await db
    .updateTable('recovery_code')
    .set({ used_at: now })
    .where('account_id', '=', account)
    .where('hash', '=', Buffer.from(hash))
    .where('used_at', 'is', null)
    .returning('account_id')
    .executeTakeFirst();
  return row !== undefined;
}

export async function countRecoveryCodes(db: Executor, account: string): Promise<number> {
  const { left } = await db
    .selectFrom('recovery_code')
    .select((eb) => eb.fn.countAll<number>().as('left'))
    .where('account_id', '=', account)
    .where('used_at', 'is', null)
    .executeTakeFirstOrThrow();
  return left;
}
