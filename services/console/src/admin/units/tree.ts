import type { Unit } from '@fengcun/contracts';

export interface UnitRow {
  readonly unit: Unit;
  readonly depth: number;
}

/**
 * The units as rows of a tree, each below its parent, siblings by code. With `words`, those that match and what is above them. A unit whose
 * parent the reader cannot see stands at the top.
 */
export function treeOf(units: readonly Unit[], words = ''): readonly UnitRow[] {
  const wanted = words.trim().toLowerCase();
  const known = new Set(units.map(({ id }) => id));
  const children = Map.groupBy(units, ({ parent }) => (parent !== null && known.has(parent) ? parent : null));
  const rowsBelow = (parent: string | null, depth: number): readonly UnitRow[] =>
    [...(children.get(parent) ?? [])]
      .sort((a, b) => a.code.localeCompare(b.code))
      .flatMap((unit) => {
        const below = rowsBelow(unit.id, depth + 1);
        const matches = `${unit.name} ${unit.code}`.toLowerCase().includes(wanted);
        return matches || below.length > 0 ? [{ unit, depth }, ...below] : [];
      });
  return rowsBelow(null, 0);
}

/** Units that `unit` can be moved below: not itself, nothing below it, nothing closed. */
export function possibleParents(units: readonly Unit[], unit: Unit): readonly Unit[] {
  const below = new Set([unit.id]);
  // Parents come before children.
  for (const { id, parent } of units) if (parent !== null && below.has(parent)) below.add(id);
  return units.filter(({ id, closedAt }) => !below.has(id) && closedAt === null);
}
