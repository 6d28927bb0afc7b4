import type { Role } from '@fengcun/contracts';

/** Roles whose holders decide about others' requests, or about who may do what: an unattended screen of theirs is dearest. */
const shortIdle: readonly Role[] = ['supervisor', 'legal', 'bureau_head', 'archivist', 'security_admin'];

/** Who has to show a second factor. */
export type SecondFactorPolicy = 'off' | 'approvers' | 'everyone';

/** Whether somebody with these roles has to. Approvers are those who decide about others, or about who may do what. */
export function secondFactorRequired(roles: readonly Role[], policy: SecondFactorPolicy): boolean {
  if (policy === 'off') return false;
  return policy === 'everyone' || roles.some((role) => shortIdle.includes(role));
}

const minute = 60_000;

/** How long a session of somebody with these roles may lie idle, ms: 15 minutes for approvers, 8 hours for others. */
export function idleLimitMs(roles: readonly Role[]): number {
  return roles.some((role) => shortIdle.includes(role)) ? 15 * minute : 8 * 60 * minute;
}
