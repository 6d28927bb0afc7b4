import type { SessionRecord } from '@fengcun/catalog';
import type { SignInStep } from '@fengcun/contracts';
import { secondFactorRequired } from '@fengcun/policy';

/** How long a sign-in may take over its further steps. */
export const pendingLimitMs = 10 * 60_000;

/**
 * What a session still waits for, worked out anew at every request: a second factor enrolled, a role given or a policy made stricter in the
 * meantime holds at once. A token was made by somebody who had passed all of it.
 */
export function pendingStep(session: SessionRecord): SignInStep | null {
  if (session.kind === 'token') return null;
  const { account, secondFactor } = session;
  if (secondFactor === null && account.secondFactorAt) return 'second_factor';
  if (account.mustChangePassword && session.via === 'password') return 'new_password';
  if (secondFactor === null && isSecondFactorRequired(session)) return 'second_factor_enrolment';
  return null;
}

export function isSecondFactorRequired({ roles, secondFactorPolicy }: SessionRecord): boolean {
  return secondFactorRequired(
    roles.map((held) => held.role),
    secondFactorPolicy,
  );
}
