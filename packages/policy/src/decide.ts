import type { Role } from '@fengcun/contracts';
import type { Action, Actor, Context, Decision, Item } from './decision.ts';
import { fallbackRule, grantRule, matrix, type Row } from './matrix.ts';

interface Held {
  readonly role: Role | 'dock';
  readonly unit: string;
}

/**
 * Who may do what: the one place where roles are compared. Pure. A row of the matrix that asks for approval yields to a live grant; a row
 * that denies never does.
 */
export function decide(actor: Actor, action: Action, item: Item, context: Context): Decision {
  const held = heldBy(actor);
  const row = matrix.find(
    (candidate) => candidate.actions.includes(action) && held.some((h) => speaksOf(candidate, h, item)),
  );
  if (!row) return { outcome: 'deny', rule: fallbackRule };
  if (row.outcome === 'allow' || row.outcome === 'deny') return { outcome: row.outcome, rule: row.rule };
  const grant = context.grants.find(({ to, actions }) => to === actor.id && actions.includes(action));
  if (grant) return { outcome: 'allow', rule: grantRule, authorisation: grant.id };
  return { outcome: 'needApproval', by: row.outcome.needApproval, rule: row.rule };
}

function heldBy(actor: Actor): readonly Held[] {
  return actor.kind === 'dock' ? [{ role: 'dock', unit: actor.unit }] : actor.roles;
}

function speaksOf(row: Row, held: Held, item: Item): boolean {
  if (!row.who.includes(held.role)) return false;
  if (row.reach === 'anywhere') return true;
  // A dock stands in one unit and acts for that one only; a role reaches everything below its unit.
  return held.role === 'dock' ? item.unitPath.at(-1) === held.unit : item.unitPath.includes(held.unit);
}
