import {
  beginSignIn,
  closeSession,
  findSession,
  openSession,
  renewPasswordHash,
  type SessionRecord,
  type SignInAttempt,
  takeAttempt,
} from '@fengcun/catalog';
import { personal } from '@fengcun/contracts';
import {
  absoluteLimitMs,
  hashPassword,
  hashSessionToken,
  isOutdatedHash,
  newSessionToken,
  pendingStep,
  recordRefusedSignIn,
  sessionTokenOf,
  setSessionCookie,
  verifyPassword,
} from '@fengcun/identity';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Access } from '../access.ts';
import { problem } from '../errors.ts';

/** Five tries are free; then 30 s, a minute, two, ... up to a quarter of an hour for each further one. Passwords and codes count together. */
const lockout = { free: 5, firstMs: 30_000, longestMs: 15 * 60_000 } as const;

const longestUserAgent = 512;

export interface KnownAccount {
  readonly id: string;
  readonly name: string;
  readonly secondFactor: boolean;
}

/** The account of these credentials. Whether the login exists shows neither in the answer, nor in its time, nor in the lockout. */
export async function checkedAccount(
  { catalog, clock }: Access,
  request: FastifyRequest,
  { login, password }: { readonly login: string; readonly password: string },
): Promise<KnownAccount> {
  const attempt: SignInAttempt = await beginSignIn(catalog, login, clock.now(), lockout);
  if ('lockedForMs' in attempt) return refuseLocked(request, login, attempt.lockedForMs);
  const { admitted } = attempt;
  const hash = admitted.kind === 'account' ? admitted.passwordHash : null;
  const right = await verifyPassword(password, hash);
  if (right && admitted.kind === 'account' && !admitted.disabled) {
    if (hash !== null && isOutdatedHash(hash)) {
      await renewPasswordHash(catalog, admitted.id, hash, await hashPassword(password));
    }
    return admitted;
  }
  await recordRefusedSignIn(request, { login, code: 'wrong_credentials' });
  throw problem('wrong_credentials', {
    headers: { 'www-authenticate': 'Cookie realm="fengcun", cookie-name="fengcun_session"' },
  });
}

/** Counts a further try at a secret of somebody who is known already. Throws `locked_out`. */
export async function countAttempt(
  { catalog, clock }: Access,
  request: FastifyRequest,
  account: { readonly id: string; readonly login: string },
): Promise<void> {
  const lockedForMs = await takeAttempt(catalog, account.id, clock.now(), lockout);
  if (lockedForMs !== null) await refuseLocked(request, account.login, lockedForMs);
}

async function refuseLocked(request: FastifyRequest, login: string, lockedForMs: number): Promise<never> {
  await recordRefusedSignIn(request, { login, code: 'locked_out' });
  const seconds = Math.max(1, Math.ceil(lockedForMs / 1000));
  throw problem('locked_out', {
    headers: { 'retry-after': String(seconds) },
    extensions: { retryAfterSeconds: seconds },
  });
}

/** Opens a session, ends the one that this browser had, and gives it the cookie. */
export async function beginSession(
  access: Access,
  request: FastifyRequest,
  reply: FastifyReply,
  opening: {
    readonly account: { readonly id: string; readonly name: string };
    readonly via: 'password' | 'oidc';
    readonly secondFactor: SessionRecord['secondFactor'];
  },
): Promise<SessionRecord> {
  const { catalog, clock } = access;
  const { token, hash } = newSessionToken();
  const expiresAt = new Date(clock.now().getTime() + absoluteLimitMs);
  const draft = {
    ...opening,
    tokenHash: hash,
    expiresAt,
    address: request.ip,
    userAgent: (request.headers['user-agent'] ?? '').slice(0, longestUserAgent),
  };
  const opened = await catalog.transaction().execute((tx) => openSession(tx, draft, pendingStep, clock));
  await closePrevious(access, request);
  setSessionCookie(request, reply, token, expiresAt);
  return opened;
}

/** Whoever signs in anew on the same browser leaves no open session behind. */
async function closePrevious({ catalog, clock }: Access, request: FastifyRequest): Promise<void> {
  const token = sessionTokenOf(request);
  const previous = token === undefined ? undefined : await findSession(catalog, hashSessionToken(token));
  if (!previous || previous.closedAt) return;
  const { id, name } = previous.account;
  const actor = { kind: 'account', id, name: personal(name) } as const;
  await catalog
    .transaction()
    .execute((tx) => closeSession(tx, { session: previous.id, actor, cause: 'signed_out' }, clock));
}
