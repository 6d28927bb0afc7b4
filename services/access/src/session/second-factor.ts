import { confirmSession, type Executor, findTotp, takeRecoveryCode, takeTotpStep } from '@fengcun/catalog';
import {
  matchTotp,
  newSessionToken,
  normalRecoveryCode,
  type Person,
  recordRefusedSignIn,
  setSessionCookie,
  totpUse,
} from '@fengcun/identity';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Access } from '../access.ts';
import { problem } from '../errors.ts';

export type Factor = 'totp' | 'recovery_code';

/** What an account's recovery codes are hashed for. */
export const recoveryUse = (account: string) => `recovery ${account}`;

/**
 * Takes a code of an account, once, in the caller's transaction. The try has been counted before. Throws `wrong_code`, `code_used`,
 * `second_factor_unreadable`.
 */
export async function takeCode(
  { secrets, clock }: Access,
  db: Executor,
  request: FastifyRequest,
  account: { readonly id: string; readonly login: string },
  code: string,
): Promise<Factor> {
  const now = clock.now();
  const digits = code.replaceAll(' ', '');
  if (/^\d{6}$/.test(digits)) {
    const totp = await findTotp(db, account.id);
    if (totp?.confirmed) {
      const secret = secrets.open(totp.secret, totpUse(account.id));
      if (!secret) throw problem('second_factor_unreadable');
      const step = matchTotp(secret, digits, now);
      if (step !== undefined) {
        if (await takeTotpStep(db, account.id, step)) return 'totp';
        await recordRefusedSignIn(request, { login: account.login, code: 'code_used' });
        throw problem('code_used');
      }
    }
  } else {
    const hash = secrets.hash(normalRecoveryCode(code), recoveryUse(account.id));
    if (await takeRecoveryCode(db, account.id, hash, now)) return 'recovery_code';
  }
  await recordRefusedSignIn(request, { login: account.login, code: 'wrong_code' });
  throw problem('wrong_code');
}

/** Notes that a session has shown its second factor. It gets a new token: whoever saw the old one before has nothing (OWASP ASVS 3.2.1). */
export async function confirmPerson(
  access: Access,
  db: Executor,
  request: FastifyRequest,
  reply: FastifyReply,
  person: Person,
  factor: Factor,
): Promise<void> {
  const { token, hash } = newSessionToken();
  const { account, session } = person;
  await confirmSession(db, { session, account, factor, tokenHash: hash }, access.clock);
  setSessionCookie(request, reply, token, person.expiresAt);
}
