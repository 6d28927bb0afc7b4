import { closeSession, type Database, findSession, type SessionRecord, touchSession } from '@fengcun/catalog';
import { personal } from '@fengcun/contracts';
import { idleLimitMs } from '@fengcun/policy';
import type { Clock } from '@fengcun/runtime';
import type { Person } from '../caller/caller.ts';
import { hashSessionToken } from './cookie.ts';
import { isSecondFactorRequired, pendingLimitMs, pendingStep } from './pending.ts';

/** Sessions end this long after they began, whatever happens in them. */
export const absoluteLimitMs = 12 * 60 * 60_000;

/** How often at most a session's last use is written. */
const touchEveryMs = 60_000;

/** Why a session is no longer good, or undefined while it is. */
export function sessionFault(session: SessionRecord, now: Date): 'closed' | 'expired' | 'disabled' | undefined {
  if (session.closedAt) return 'closed';
  if (session.account.disabledAt) return 'disabled';
  if (now >= session.expiresAt) return 'expired';
  // A program may rest as long as it likes; that is what its token's end is for.
  if (session.kind === 'token') return undefined;
  if (pendingStep(session) !== null && now.getTime() - session.createdAt.getTime() >= pendingLimitMs) return 'expired';
  const roles = session.roles.map((held) => held.role);
  if (now.getTime() - session.lastSeenAt.getTime() >= idleLimitMs(roles)) return 'expired';
  return undefined;
}

/**
 * The person behind a token, a cookie's or one of their own making, or undefined; a session found expired is closed on record. With `background` the request does not
 * count as use: what a page fetches by itself must not keep an unattended screen signed in.
 */
export async function authenticateSession(
  catalog: Database,
  token: string,
  {
    clock,
    background,
    kind,
  }: { readonly clock: Clock; readonly background: boolean; readonly kind: 'browser' | 'token' },
): Promise<Person | undefined> {
  const session = await findSession(catalog, hashSessionToken(token));
  // One kind is never taken for the other: a stolen cookie is no token that outlives idleness.
  if (session?.kind !== kind) return undefined;
  const now = clock.now();
  const fault = sessionFault(session, now);
  if (fault) {
    if (fault !== 'closed') await endSession(catalog, session, fault === 'expired' ? 'expired' : 'revoked', clock);
    return undefined;
  }
  const touchDue = !background && now.getTime() - session.lastSeenAt.getTime() >= touchEveryMs;
  if (touchDue) await touchSession(catalog, session.id, now);
  return personIn(session);
}

/** The person whom a session that is good stands for. */
export function personIn(session: SessionRecord): Person {
  const { id, login, name, officerNumber, unitId } = session.account;
  return {
    kind: 'person',
    account: { id, login, name, officerNumber, unitId },
    session: session.id,
    expiresAt: session.expiresAt,
    roles: session.roles,
    via: session.via,
    scopes: session.scopes,
    pending: pendingStep(session),
    secondFactor: { enrolled: session.account.secondFactorAt !== null, required: isSecondFactorRequired(session) },
  };
}

async function endSession(
  catalog: Database,
  session: SessionRecord,
  cause: 'expired' | 'revoked',
  clock: Clock,
): Promise<void> {
  const { id, name } = session.account;
  await catalog
    .transaction()
    .execute((tx) =>
      closeSession(tx, { session: session.id, actor: { kind: 'account', id, name: personal(name) }, cause }, clock),
    );
}
