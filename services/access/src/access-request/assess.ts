import { type Executor, findItemFacts, type ItemFacts, latestMatrixVersion } from '@fengcun/catalog';
import type { ApplicantKind, ItemOutcome, Operation, Purpose } from '@fengcun/contracts';
import { type Actor, type Approval, combinedApproval, type Decision, decide, type Matrix } from '@fengcun/policy';
import type { Access } from '../access.ts';
import { matrixOf } from '../evidence/circumstances.ts';

/** What is asked for, as far as the policy is concerned. */
export interface Question {
  readonly items: readonly string[];
  readonly operations: readonly Operation[];
  readonly purpose: Purpose;
  readonly applicant: ApplicantKind | null;
  readonly urgent: boolean;
}

export interface Assessment {
  readonly matrixVersion: number;
  /** the items there are, by id */
  readonly facts: ReadonlyMap<string, ItemFacts>;
  readonly items: readonly { readonly id: string; readonly outcomes: readonly ItemOutcome[] }[];
  readonly needed: Approval;
  /** rows of the matrix that ask for the decisions */
  readonly rules: readonly string[];
  /** the row that forbids one of them; null when none does */
  readonly deniedBy: string | null;
  /** the deepest unit of all items, with its path; null when they have none in common or one of them is not there */
  readonly unit: { readonly id: string; readonly path: readonly string[] } | null;
}

/**
 * What the policy says to a request of `actor` now. An item outside what the actor can see is judged like one of an unknown unit, which is also
 * what an item that does not exist is: the answer never tells which.
 */
export async function assess(
  { catalog, clock }: Pick<Access, 'catalog' | 'clock'>,
  db: Executor,
  actor: Extract<Actor, { kind: 'person' }>,
  question: Question,
): Promise<Assessment> {
  const { judged, facts, matrixVersion } = await judgeItems({ catalog, clock }, db, actor, question);
  const decisions = judged.flatMap((item) => item.decisions.map(({ decision }) => decision));
  return {
    matrixVersion,
    facts,
    items: judged.map((item) => ({
      id: item.id,
      outcomes: item.decisions.map(({ operation, decision: { outcome, rule } }) => ({ operation, outcome, rule })),
    })),
    needed: combinedApproval(decisions),
    rules: [...new Set(decisions.filter(({ outcome }) => outcome === 'needApproval').map(({ rule }) => rule))].sort(),
    deniedBy: decisions.find(({ outcome }) => outcome === 'deny')?.rule ?? null,
    unit: commonUnit(question.items.map((id) => facts.get(id)?.unitPath)),
  };
}

/** What the matrix in force says about each item by itself. */
export async function judgeItems(
  { catalog, clock }: Pick<Access, 'catalog' | 'clock'>,
  db: Executor,
  actor: Extract<Actor, { kind: 'person' }>,
  question: Question,
) {
  const facts = await findItemFacts(db, question.items, actor.id, clock.now());
  const matrixVersion = await latestMatrixVersion(db);
  const matrix = await matrixOf(catalog, matrixVersion);
  const judged = question.items.map((id) => ({
    id,
    visible: isVisible(actor.roles, facts.get(id)),
    decisions: judgeItem(actor, facts.get(id), question, matrix),
  }));
  return { judged, facts, matrixVersion };
}

/** Whether somebody with these roles, or a live grant, may know of the item. */
export const isVisible = (
  roles: readonly { readonly unit: string }[],
  facts: ItemFacts | undefined,
): facts is ItemFacts =>
  facts !== undefined && (facts.granted || roles.some(({ unit }) => facts.unitPath.includes(unit)));

function judgeItem(
  actor: Extract<Actor, { kind: 'person' }>,
  facts: ItemFacts | undefined,
  { operations, purpose, applicant, urgent }: Question,
  matrix: Matrix,
): readonly { readonly operation: Operation; readonly decision: Decision }[] {
  const known = isVisible(actor.roles, facts);
  const item = { unitPath: known ? facts.unitPath : [] };
  const context = {
    matrix,
    // What is asked for is a new approval: one that was given before answers nothing.
    grants: [],
    ownCase: known && facts.ownCase,
    purpose,
    ...(applicant === null ? {} : { onBehalf: applicant }),
    // Publishing is asked for of a redacted derivative; whoever publishes has to show one.
    redacted: true,
  };
  return operations.map((operation) => ({
    operation,
    decision: decide(actor, urgent ? 'urgent_play' : operation, item, context),
  }));
}

function commonUnit(paths: readonly (readonly string[] | undefined)[]): Assessment['unit'] {
  const [first, ...others] = paths;
  if (!first || others.some((path) => path === undefined)) return null;
  const depth = first.findIndex((unit, level) => others.some((path) => path?.[level] !== unit));
  const path = depth < 0 ? first : first.slice(0, depth);
  const id = path.at(-1);
  return id === undefined ? null : { id, path };
}
