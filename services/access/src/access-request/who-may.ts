import type { DecisionRecord, RequestRecord } from '@fengcun/catalog';
import { type ApproverRole, grantOverseers, type Role } from '@fengcun/contracts';

type Roles = readonly { readonly unit: string; readonly role: Role }[];

const over = (roles: Roles, role: Role, path: readonly string[] | null): boolean =>
  path !== null && roles.some((held) => held.role === role && path.includes(held.unit));

/** Undecided: it waits for somebody. */
export const isOpen = ({ state }: Pick<RequestRecord, 'state'>): boolean =>
  state === 'submitted' || state === 'escalated';

/** Decisions that count. */
export const standing = (decisions: readonly DecisionRecord[]): readonly DecisionRecord[] =>
  decisions.filter(({ voided_at }) => voided_at === null);

/**
 * Those of `wanted` that somebody with these roles can give for the request: a role counts when it is held over all of the request's items.
 * Once it has escalated, the bureau head of the unit above can give any of them.
 */
export function rolesOver(
  roles: Roles,
  request: Pick<RequestRecord, 'unit_path' | 'escalated_path'>,
  wanted: readonly ApproverRole[],
): readonly ApproverRole[] {
  const above = over(roles, 'bureau_head', request.escalated_path);
  return [...new Set(wanted)].filter((role) => above || over(roles, role, request.unit_path));
}

/** Roles in which the person may decide now; none for the requester and for who has decided already. */
export function mayDecideAs(
  person: { readonly id: string; readonly roles: Roles },
  request: RequestRecord,
): readonly ApproverRole[] {
  if (!isOpen(request) || request.account_id === person.id) return [];
  if (standing(request.decisions).some(({ account_id }) => account_id === person.id)) return [];
  return rolesOver(person.roles, request, request.open);
}

/** What decides who may do what with a request that was made. */
export type RequestStanding = Pick<
  RequestRecord,
  'account_id' | 'submitted_at' | 'needed' | 'unit_path' | 'account_unit_path' | 'escalated_path'
>;

/** Whoever answers for recordings knows who may see them: whose they are, and for how long, but not what was written to be allowed it. */
export const oversees = (roles: Roles, { unit_path }: Pick<RequestRecord, 'unit_path'>): boolean =>
  grantOverseers.some((role) => over(roles, role, unit_path));

/**
 * The requester; once it is submitted also those who can approve it, and the archivists and auditors over its items or over the
 * requester's unit.
 */
export function maySee(person: { readonly id: string; readonly roles: Roles }, request: RequestStanding): boolean {
  if (request.account_id === person.id) return true;
  if (request.submitted_at === null) return false;
  if (rolesOver(person.roles, request, request.needed).length > 0) return true;
  return (['archivist', 'auditor'] as const).some(
    (role) => over(person.roles, role, request.unit_path) || over(person.roles, role, request.account_unit_path),
  );
}

/** Whoever holds the grant may give it back; who could have approved it, and the bureau head over its items, may take it. */
export function mayRevoke(person: { readonly id: string; readonly roles: Roles }, request: RequestStanding): boolean {
  return (
    request.account_id === person.id ||
    rolesOver(person.roles, request, request.needed).length > 0 ||
    over(person.roles, 'bureau_head', request.unit_path)
  );
}
