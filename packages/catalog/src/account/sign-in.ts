import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Executor } from '../database/connect.ts';

/** What a sign-in is tried against: an account, or the bucket of logins that nobody has. */
export type SignInTarget =
  | {
      readonly kind: 'account';
      readonly id: string;
      readonly name: string;
      readonly passwordHash: string;
      readonly disabled: boolean;
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
 * once are counted one by one; `forgiveFailures` (by `openSession`) takes it back. A login that nobody has is counted the same way.
 */
export async function beginSignIn(db: Executor, login: string, now: Date, rule: LockoutRule): Promise<SignInAttempt> {
  const account = await db
    .selectFrom('account')
    .select(['id', 'name', 'password_hash', 'disabled_at'])
    .where('login', '=', login)
    .executeTakeFirst();
  if (!account) return beginUnknown(db, login, now, rule);
  const admitted = await db
    .updateTable('account')
    .set({ failed_logins: sql`failed_logins + 1`, locked_until: lockedUntil('failed_logins', now, rule) })
    .where('id', '=', account.id)
    .where((eb) => eb.or([eb('locked_until', 'is', null), eb('locked_until', '<=', now)]))
    .returning('id')
    .executeTakeFirst();
  if (!admitted) {
    const { locked_until } = await db
      .selectFrom('account')
      .select('locked_until')
      .where('id', '=', account.id)
      .executeTakeFirstOrThrow();
    return { lockedForMs: remaining(locked_until, now) };
  }
  const { id, name, password_hash: passwordHash, disabled_at } = account;
  return { admitted: { kind: 'account', id, name, passwordHash, disabled: disabled_at !== null } };
}

async function beginUnknown(db: Executor, login: string, now: Date, rule: LockoutRule): Promise<SignInAttempt> {
  const bucket = createHash('sha256').update(login).digest().readUInt16BE(0);
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
