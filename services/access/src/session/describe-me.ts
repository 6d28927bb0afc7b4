import { countRecoveryCodes, findPassword, getSession, unitNames } from '@fengcun/catalog';
import type { Me } from '@fengcun/contracts';
import { type Person, personIn } from '@fengcun/identity';
import type { Access } from '../access.ts';

/** The person as the console needs to know them. */
export async function describeMe(
  { catalog }: Access,
  { account, roles, expiresAt, pending, secondFactor, via }: Person,
): Promise<Me> {
  const [names, password, recoveryCodesLeft] = await Promise.all([
    unitNames(catalog, [...new Set([account.unitId, ...roles.map((held) => held.unit)])]),
    findPassword(catalog, account.id),
    secondFactor.enrolled ? countRecoveryCodes(catalog, account.id) : 0,
  ]);
  const nameOf = (unit: string) => names.get(unit) ?? '';
  return {
    id: account.id,
    login: account.login,
    name: account.name,
    officerNumber: account.officerNumber,
    unit: { id: account.unitId, name: nameOf(account.unitId) },
    roles: roles.map(({ unit, role }) => ({ unit, unitName: nameOf(unit), role })),
    expiresAt: expiresAt.toISOString(),
    pending,
    secondFactor: { ...secondFactor, recoveryCodesLeft },
    hasPassword: password.hash !== null,
    via,
  };
}

/** The same, after something about the session has changed. */
export async function describeSession(access: Access, session: string): Promise<Me> {
  const record = await getSession(access.catalog, session);
  if (!record) throw new Error('The session of this request is gone');
  return describeMe(access, personIn(record));
}
