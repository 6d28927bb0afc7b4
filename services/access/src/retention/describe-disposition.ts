import type { DispositionRecord } from '@fengcun/catalog';
import type { Disposition } from '@fengcun/contracts';
import type { Person } from '@fengcun/identity';
import type { Access } from '../access.ts';
import { judge } from '../evidence/circumstances.ts';

/** A disposition as a reader sees it, with what they may do about it now. */
export async function describeDisposition(
  access: Access,
  person: Person,
  { unitPath, ...disposition }: DispositionRecord,
): Promise<Disposition> {
  const open = disposition.state === 'requested';
  if (!open) return { ...disposition, actions: { decide: false, withdraw: false } };
  const judgement = await judge(access, person, { id: disposition.evidence, unitPath });
  const may = (action: 'decide_disposition' | 'dispose') => judgement.decide(action).outcome === 'allow';
  const own = disposition.requested.by.id === person.account.id;
  return { ...disposition, actions: { decide: !own && may('decide_disposition'), withdraw: may('dispose') } };
}
