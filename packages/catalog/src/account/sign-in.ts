import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Executor } from '../database/connect.ts';

/** What a sign-in is tried against: an account, or the bucket of logins that nobody has. */
export type SignInTarget =
  | {
      readonly kind: 'account';
      readonly id: string;
      readonly name: string;
      /** null: has none, or had a one-time password that is over */
      readonly passwordHash: string | null;
      readonly disabled: boolean;
      readonly secondFactor: boolean;
    }
  | { readonly kind: 'nobody' };

export interface LockoutRule {
  /** failures in a row that are free */
  readonly free: number;
  /** ms of the first lockout; each further failure doubles it */
  readonly firstMs: number;
  /** ms */
  readonly longestMs: number;
}

export type SignInAttempt =
  | { readonly admitted: SignInTarget }
  /** ms until the next try is looked at */
  | { readonly lockedForMs: number };

/**
 * Takes one attempt under a login. It is counted as failed before the password is looked at, in one statement, so that many guesses sent at
 * once are counted one by one; `openSession` takes it back. A login that nobody has is counted the same way.
 */
export async function beginSignIn(db: Executor, login: string, now: Date, rule: LockoutRule): Promise<SignInAttempt> {
  const account = await db
    .selectFrom('account')
    .select(['id', 'name', 'password_hash', 'password_expires_at', 'disabled_at', 'second_factor_at'])
    .where(sql`lower(login)`, '=', login.toLowerCase())
    .executeTakeFirst();
  if (!account) return beginUnknown(db, login, now, rule);
  const lockedForMs = await takeAttempt(db, account.id, now, rule);
  if (lockedForMs !== null) return { lockedForMs };
  const { id, name, password_hash, password_expires_at, disabled_at } = account;
  const over = password_expires_at !== null && password_expires_at <= now;
  const passwordHash = over ? null : password_hash;
  const disabled = disabled_at !== null;
  return {
    admitted: { kind: 'account', id, name, passwordHash, disabled, secondFactor: account.second_factor_at !== null },
  };
}

/**
 * Counts one try at an account's password or code as failed, before it is looked at. Answers null, or the ms until the next try is looked
 * at. `forgiveFailures` takes it back.
 */
export async function takeAttempt(db: Executor, account: string, now: Date, rule: LockoutRule): Promise<number | null> {
  const admitted = await db
    .updateTable('account')
    .set({ failed_logins: sql`failed_logins + 1`, locked_until: lockedUntil('failed_logins', now, rule) })
    .where('id', '=', account)
    .where((eb) => eb.or([eb('locked_until', 'is', null), eb('locked_until', '<=', now)]))
    .returning('id')
    .executeTakeFirst();
  if (admitted) return null;
  const { locked_until } = await db
    .selectFrom('account')
    .select('locked_until')
    .where('id', '=', account)
    .executeTakeFirstOrThrow();
  return remaining(locked_until, now);
}

/** A right password or code ends the count of wrong ones. */
export async function forgiveFailures(db: Executor, account: string): Promise<void> {
  await db.updateTable('account').set({ failed_logins: 0, locked_until: null }).where('id', '=', account).execute();
}

/** Keeps another hash of the same password, unless the password has changed meanwhile. */
export async function renewPasswordHash(db: Executor, account: string, from: string, to: string): Promise<void> {
  await db
    .updateTable('account')
    .set({ password_hash: to })
    .where('id', '=', account)
    .where('password_hash', '=', from)
    .execute();
}

async function beginUnknown(db: Executor, login: string, now: Date, rule: LockoutRule): Promise<SignInAttempt> {
  const bucket = createHash('sha256').update(login.toLowerCase()).digest().readUInt16BE(0);
  const first = rule.free > 0 ? null : new Date(now.getTime() + rule.firstMs);
  const admitted = await db
    .insertInto('unknown_login')
    .values({ bucket, failed_logins: 1, locked_until: first })
    .onConflict((conflict) =>
      conflict
        .column('bucket')
        .doUpdateSet({
          failed_logins: sql`unknown_login.failed_logins + 1`,
          locked_until: lockedUntil('unknown_login.failed_logins', now, rule),
        })
        .where((eb) =>
          eb.or([eb('unknown_login.locked_until', 'is', null), eb('unknown_login.locked_until', '<=', now)]),
        ),
    )
    .returning('bucket')
    .executeTakeFirst();
  if (admitted) return { admitted: { kind: 'nobody' } };
  const { locked_until } = await db
    .selectFrom('unknown_login')
    .select('locked_until')
    .where('bucket', '=', bucket)
    .executeTakeFirstOrThrow();
  return { lockedForMs: remaining(locked_until, now) };
}

/** After `free` failures each further one locks, twice as long as the one before. The exponent is bounded so that it cannot overflow. */
function lockedUntil(counter: string, now: Date, { free, firstMs, longestMs }: LockoutRule) {
  const failures = sql`${sql.ref(counter)} + 1`;
  return sql<Date | null>`case when ${failures} > ${free}::int then ${now}::timestamptz + interval '1 millisecond' *
    least(${longestMs}::float8, ${firstMs}::float8 * power(2::float8, least(${failures} - ${free}::int - 1, 30))) end`;
}

const remaining = (lockedUntil: Date | null, now: Date) => Math.max(0, (lockedUntil?.getTime() ?? 0) - now.getTime());
