import { findUnit, type UnitScope, unitScope } from '@fengcun/catalog';
import type { Person } from '@fengcun/identity';
import type { Access } from '../access.ts';
import { decideFor } from '../evidence/item.ts';

/** The units whose access the person supervises: the subtrees of those in which a role of theirs lets them read the register. */
export async function supervisedUnits(access: Access, person: Person, within?: string): Promise<UnitScope> {
  const { catalog } = access;
  const roots: string[] = [];
  for (const held of person.roles) {
    const unit = await findUnit(catalog, held.unit);
    if (!unit) continue;
    const asHeld = { ...person, roles: [held] };
    const item = { id: unit.id, unitPath: unit.path };
    if ((await decideFor(access, asHeld, 'read_register', item)).outcome === 'allow') roots.push(held.unit);
  }
  return unitScope(catalog, [...new Set(roots)], within);
}
