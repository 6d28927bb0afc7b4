import type { MatrixRow, Role } from '@fengcun/contracts';
import type { Action, Actor, Context, Decision, Item } from './decision.ts';
import { fallbackRule, fixedRows, grantRule } from './matrix.ts';

interface Held {
  readonly role: Role | 'dock';
  readonly unit: string;
}

/**
 * Who may do what: the one place where roles are compared. Pure. The fixed rows are read before the matrix of the context; the first row
 * that speaks decides. A row that asks for approval yields to a live grant; a row that denies never does. Whoever holds a grant for an
 * item, whatever it is for, may see that the item exists.
 */
export function decide(actor: Actor, action: Action, item: Item, context: Context): Decision {
  const held = heldBy(actor);
  const speaks = (row: MatrixRow) =>
    row.actions.includes(action) && holds(row.when, context) && held.some((h) => speaksOf(row, h, item));
  const row = fixedRows.find(speaks) ?? context.matrix.find(speaks);
  if (row?.outcome === 'allow' || row?.outcome === 'deny') return { outcome: row.outcome, rule: row.rule };
  const grant = context.grants.find(
    ({ to, actions }) => to === actor.id && (row ? actions.includes(action) : action === 'see'),
  );
  if (grant) return { outcome: 'allow', rule: grantRule, authorisation: grant.id };
  return row
    ? { outcome: 'needApproval', by: row.outcome.needApproval, rule: row.rule }
    : { outcome: 'deny', rule: fallbackRule };
}

function heldBy(actor: Actor): readonly Held[] {
  return actor.kind === 'dock' ? [{ role: 'dock', unit: actor.unit }] : actor.roles;
}

function holds(when: MatrixRow['when'], context: Context): boolean {
  if (!when) return true;
  const { purpose, onBehalf, redacted = false, ownCase } = context;
  return (
    (!when.ownCase || ownCase) &&
    (!when.purposes || (purpose !== undefined && when.purposes.includes(purpose))) &&
    (!when.onBehalf || (onBehalf !== undefined && when.onBehalf.includes(onBehalf))) &&
    (when.redacted === undefined || when.redacted === redacted)
  );
}

function speaksOf(row: MatrixRow, held: Held, item: Item): boolean {
  if (!row.who.includes(held.role)) return false;
  if (row.reach === 'anywhere') return true;
  // A dock stands in one unit and acts for that one only; a role reaches everything below its unit.
  return held.role === 'dock' ? item.unitPath.at(-1) === held.unit : item.unitPath.includes(held.unit);
}
