import { actions, type Matrix } from './decision.ts';
import { defaultMatrix } from './matrix.ts';

/**
 * The rows of the default matrix that go on holding beside one that was set: of what could not be spoken of yet when it was set, nobody has decided
 * anything. Without them nobody could do what came with a later version, and no page would say why. They are read after the rows that were
 * set, and the next version that somebody sets speaks for itself.
 */
export function inheritedRows(set: { readonly rows: Matrix; readonly actions: readonly string[] }): Matrix {
  const unknown = new Set(actions.filter((action) => !set.actions.includes(action)));
  const taken = new Set(set.rows.map(({ rule }) => rule));
  return defaultMatrix.flatMap((row) => {
    const speaksOf = row.actions.filter((action) => unknown.has(action));
    if (speaksOf.length === 0) return [];
    // Events name the row that decided: two rows never share a name.
    return [{ ...row, rule: taken.has(row.rule) ? `default_${row.rule}`.slice(0, 64) : row.rule, actions: speaksOf }];
  });
}
