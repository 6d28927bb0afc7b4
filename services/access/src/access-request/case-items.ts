import {
  type CaseLeft,
  type CaseRecord,
  type Executor,
  findCase,
  findCaseItems,
  type RequestRecord,
} from '@fengcun/catalog';
import type { Actor } from '@fengcun/policy';
import type { Access } from '../access.ts';
import { judgeItems, type Question } from './assess.ts';

/** items in one request */
export const mostItems = 200;

/** What a request for a case asks for, and how many of the case's recordings it leaves out, by why. */
export interface CaseItems {
  readonly items: readonly string[];
  readonly left: CaseLeft;
  /** 案号 */
  readonly number: string;
}

/**
 * The recordings of a case that this person may ask for, oldest first: those their units or grants reach, that are still there, and that the
 * rules forbid none of the operations on. Undefined where their units do not reach the case, which is then as if it were not.
 */
export async function caseItemsFor(
  access: Pick<Access, 'catalog' | 'clock'>,
  db: Executor,
  actor: Extract<Actor, { kind: 'person' }>,
  asked: Omit<Question, 'items'> & { readonly case: string },
): Promise<CaseItems | undefined> {
  const file = await reachedCase(db, actor, asked.case);
  if (!file) return undefined;
  const found = await findCaseItems(db, file.id);
  const { judged, facts } = await judgeItems(access, db, actor, { ...asked, items: found });
  const left = { outside: 0, disposed: 0, denied: 0, beyond: Math.max(0, file.items - found.length) };
  const items: string[] = [];
  for (const { id, visible, decisions } of judged) {
    if (!visible) left.outside++;
    else if (facts.get(id)?.disposed) left.disposed++;
    else if (decisions.some(({ decision }) => decision.outcome === 'deny')) left.denied++;
    else if (items.length >= mostItems) left.beyond++;
    else items.push(id);
  }
  return { items, left, number: file.number };
}

/** The case, for somebody whose units reach it. */
export async function reachedCase(
  db: Executor,
  { roles }: { readonly roles: readonly { readonly unit: string }[] },
  id: string,
): Promise<CaseRecord | undefined> {
  const file = await findCase(db, id);
  return file && roles.some(({ unit }) => file.unitPath.includes(unit)) ? file : undefined;
}

/** A request as it stands: one for a case that is still a draft asks for what its author could ask for at this moment. */
export async function withCaseItems(
  access: Pick<Access, 'catalog' | 'clock'>,
  db: Executor,
  actor: Extract<Actor, { kind: 'person' }>,
  request: RequestRecord,
): Promise<{ readonly request: RequestRecord; readonly found: CaseItems | undefined }> {
  if (request.case_id === null || request.state !== 'draft') return { request, found: undefined };
  const found = await caseItemsFor(access, db, actor, {
    case: request.case_id,
    operations: request.operations,
    purpose: request.purpose,
    applicant: request.applicant_kind,
    urgent: false,
  });
  const { items = [], left = null, number = null } = found ?? {};
  return { request: { ...request, items, case_left: left, case_number: request.case_number ?? number }, found };
}
