import { createHash } from 'node:crypto';
import type { CallReply } from '@fengcun/contracts';

export type Person = CallReply<'whoAmI'>;

/** A UUID that is the same in every run: the world of the fake site must not change under a screenshot. */
export function uuidOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export const units = {
  bureau: { id: uuidOf('unit bureau'), name: '临江市公安局' },
  east: { id: uuidOf('unit east'), name: '城东派出所' },
  traffic: { id: uuidOf('unit traffic'), name: '交通警察支队二大队' },
  market: { id: uuidOf('unit market'), name: '治安管理支队' },
} as const;

type Role = Person['roles'][number]['role'];

function person(
  login: string,
  name: string,
  officerNumber: string | null,
  unit: { id: string; name: string },
  roles: Role[],
): Person {
  return {
    id: uuidOf(`account ${login}`),
    login,
    name,
    officerNumber,
    unit,
    roles: roles.map((role) => ({ unit: unit.id, unitName: unit.name, role })),
    expiresAt: '2026-11-22T12:30:00.000Z',
    pending: null,
    secondFactor: { enrolled: false, required: false, recoveryCodesLeft: 0 },
    hasPassword: true,
    via: 'password',
  };
}

/** Everyone's password is `password`. */
export const people: readonly Person[] = [
  person('chenjing', '陈静', '330127', units.bureau, ['officer', 'supervisor']),
  person('zhoumin', '周敏', null, units.bureau, ['auditor']),
  person('anquan', '林安', '330009', units.bureau, ['security_admin']),
  person('lijie', '李捷', '330254', units.east, ['officer']),
  person('fazhi', '方志远', '330061', units.bureau, ['legal']),
  person('juzhang', '周志强', '330001', units.bureau, ['bureau_head']),
  person('dangan', '吴敏', '330120', units.bureau, ['archivist']),
  person('yunwei', '孙磊', null, units.bureau, ['system_admin']),
];
