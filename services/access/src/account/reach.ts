import { type Executor, topUnits, unitsUnder } from '@fengcun/catalog';
import type { Role } from '@fengcun/contracts';
import type { Person } from '@fengcun/identity';

/** Units of the subtrees in which somebody holds one of these roles. */
export async function unitsReached(db: Executor, person: Person, roles: readonly Role[]): Promise<readonly string[]> {
  return unitsUnder(db, heldIn(person, roles));
}

/** Whether somebody holds one of these roles in every topmost unit. */
export async function reachesWholeSite(db: Executor, person: Person, roles: readonly Role[]): Promise<boolean> {
  const held = heldIn(person, roles);
  return (await topUnits(db)).every((id) => held.includes(id));
}

/** Units in which somebody holds one of these roles, without what lies below. */
export function heldIn(person: Person, roles: readonly Role[]): readonly string[] {
  return [...new Set(person.roles.filter((held) => roles.includes(held.role)).map((held) => held.unit))];
}
