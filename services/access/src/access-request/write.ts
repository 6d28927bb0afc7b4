import { createHash } from 'node:crypto';
import {
  appendEvent,
  type Database,
  type Executor,
  findApprovers,
  findAttachmentFacts,
  findRequest,
  findRequestByClientId,
  findStandings,
  freezeCaseItems,
  giveGrant,
  insertRequest,
  type Needs,
  needsColumns,
  notify,
  type RequestRecord,
  type RequestText,
  recordSubmission,
  replaceDraft,
  updateRequest,
} from '@fengcun/catalog';
import type { createRequest, createUrgentRequest, RequestDraft, StaticOf } from '@fengcun/contracts';
import { actorOf, type Person } from '@fengcun/identity';
import { Problem } from '@fengcun/runtime';
import { problem } from '../errors.ts';
import { asActor } from '../evidence/circumstances.ts';
import { onRecord } from '../evidence/item.ts';
import { type Assessment, assess, isVisible } from './assess.ts';
import { blockersOf } from './blockers.ts';
import { reachedCase, withCaseItems } from './case-items.ts';
import type { Deciding } from './deciding.ts';
import { questionOf } from './present.ts';
import { isOpen } from './who-may.ts';

/** Uses of each item, where a request does not say. */
const ordinaryUses = 10;

type Created = StaticOf<(typeof createRequest)['body']>;
type Urgent = StaticOf<(typeof createUrgentRequest)['body']>;

/** Saves a draft; the same client id again answers the request that it made. Throws `invalid_request` or `client_id_used`. */
export async function create(access: Deciding, person: Person, body: Created): Promise<string> {
  const { clientId, ...draft } = body;
  const text = textOf(access, draft);
  await requireCase(access, person, text);
  return once(access, person, clientId, body, async (trx, client) =>
    insertRequest(trx, { ...text, kind: 'ordinary', account: person.account, client, approver: null }, access.clock),
  );
}

/** Rewrites a draft. Throws `not_found`, `wrong_state` or `invalid_request`. */
export async function change(access: Deciding, person: Person, id: string, draft: RequestDraft): Promise<void> {
  const text = textOf(access, draft);
  await requireCase(access, person, text);
  await access.catalog.transaction().execute(async (trx) => {
    const request = await lockOwn(trx, person, id);
    if (request.state !== 'draft') throw problem('wrong_state');
    await replaceDraft(trx, id, text);
  });
}

/**
 * Submits a draft: it waits for the decisions that the matrix asks for now, and those who can give them are told. Answers the row that
 * forbids it, where one does. Throws `not_found`, `request_blocked` or `not_recorded`.
 */
export async function submit(
  access: Deciding,
  person: Person,
  id: string,
): Promise<{ readonly deniedBy: string | null }> {
  const { clock, config } = access;
  return inTransaction(access.catalog, async (trx) => {
    const stored = await lockOwn(trx, person, id);
    if (stored.state !== 'draft') return { deniedBy: null };
    const { request, found } = await withCaseItems(access, trx, asActor(person), stored);
    const assessment = await assess(access, trx, asActor(person), questionOf(request));
    const scans = request.attachments.map(({ evidence_id }) => evidence_id);
    const attachments = await findAttachmentFacts(trx, scans, person.account.id);
    const now = clock.now();
    const blockers = blockersOf(request, assessment, attachments, person.roles, now);
    if (blockers.includes('denied')) return { deniedBy: assessment.deniedBy };
    if (blockers.length > 0) throw problem('request_blocked', { extensions: { blockers } });
    if (found) await freezeCaseItems(trx, id, found);
    const needs = needsOf(assessment);
    const expiry = Math.min(now.getTime() + config.requestExpiryMs, request.window_until.getTime());
    await updateRequest(trx, id, {
      state: 'submitted',
      submitted_at: now,
      due_at: new Date(now.getTime() + config.requestEscalationMs),
      expires_at: new Date(expiry),
      unit_id: assessment.unit?.id ?? null,
      ...needsColumns(needs),
    });
    await recordSubmission(trx, request, { actor: actorOf(person), needs }, clock);
    if (assessment.unit) {
      const to = { roles: needs.open, unit: assessment.unit.id, except: person.account.id };
      const data = { number: request.number, name: person.account.name };
      await notify(trx, to, { kind: 'request_to_decide', subject: { kind: 'request', id }, data }, clock);
    }
    return { deniedBy: null };
  });
}

/** Withdraws what is not decided yet; again changes nothing. Throws `not_found`, `wrong_state` or `not_recorded`. */
export async function withdraw(access: Deciding, person: Person, id: string): Promise<void> {
  const { clock } = access;
  await inTransaction(access.catalog, async (trx) => {
    const request = await lockOwn(trx, person, id);
    if (request.state === 'withdrawn') return;
    // What was opened urgently is open: only its confirmation or its denial ends it.
    if (request.kind === 'urgent' || !(request.state === 'draft' || isOpen(request))) throw problem('wrong_state');
    await updateRequest(trx, id, { state: 'withdrawn', decided_at: clock.now(), due_at: null, open: [] });
    if (request.state === 'draft') return;
    await appendEvent(
      trx,
      { type: 'request.withdrawn', actor: actorOf(person), subject: { kind: 'request', id }, data: {} },
      clock,
    );
  });
}

/**
 * Opens items at once: request and grant in one transaction, to be confirmed by the approver named before the day is over. Answers the row
 * that forbids it, where one does. Throws `not_found`, `item_disposed`, `approver_unfit`, `client_id_used` or `not_recorded`.
 */
export async function openUrgently(
  access: Deciding,
  person: Person,
  body: Urgent,
): Promise<{ readonly id: string } | { readonly deniedBy: string }> {
  const { clock, config, catalog } = access;
  const question = {
    items: body.items,
    operations: ['play'] as const,
    purpose: body.purpose,
    applicant: null,
    urgent: true,
  };
  const assessment = await assess(access, catalog, asActor(person), question);
  const facts = body.items.map((item) => assessment.facts.get(item));
  if (!facts.every((each) => isVisible(person.roles, each))) throw problem('not_found');
  if (assessment.deniedBy !== null) return { deniedBy: assessment.deniedBy };
  if (facts.some((each) => each?.disposed)) throw problem('item_disposed');
  const { unit } = assessment;
  if (!unit || !(await canConfirm(catalog, body.approver, person, assessment))) throw problem('approver_unfit');
  const now = clock.now();
  const until = new Date(now.getTime() + config.urgentConfirmationMs);
  const text = {
    purpose: body.purpose,
    basis: body.reason,
    caseNumber: body.caseNumber ?? null,
    items: body.items,
    case: null,
    operations: ['play'],
    window: { from: now, until },
    uses: ordinaryUses,
    applicant: null,
    attachments: [],
  } as const;
  const id = await once(access, person, body.clientId, body, async (trx, client) => {
    const draft = { ...text, kind: 'urgent', account: person.account, client, approver: body.approver } as const;
    const made = await insertRequest(trx, draft, clock);
    if (made === undefined) return undefined;
    const needs = needsOf(assessment);
    await updateRequest(trx, made, { due_at: until, unit_id: unit.id, ...needsColumns(needs) });
    const request = await findRequest(trx, made);
    if (!request) throw new Error(`Request ${made} is gone in its own transaction`);
    await recordSubmission(trx, request, { actor: actorOf(person), needs }, clock);
    await giveGrant(
      trx,
      {
        request: made,
        to: person.account,
        operations: ['play'],
        items: body.items,
        from: now,
        until,
        uses: ordinaryUses,
        urgent: true,
        rules: needs.rules,
        matrixVersion: needs.matrixVersion,
        approvals: [],
        actor: actorOf(person),
      },
      clock,
    );
    const data = { number: request.number, name: person.account.name, due: until.toISOString() };
    const note = { kind: 'urgent_to_confirm', subject: { kind: 'request', id: made }, data } as const;
    await notify(trx, { account: body.approver }, note, clock);
    return made;
  });
  return { id };
}

async function canConfirm(
  db: Executor,
  approver: string,
  requester: Person,
  { needed, unit }: Assessment,
): Promise<boolean> {
  if (!unit || approver === requester.account.id) return false;
  const roles = [...new Set(needed)];
  const standing = (await findStandings(db, [approver])).get(approver);
  return (
    standing !== undefined &&
    !standing.disabled &&
    standing.roles.some((held) => roles.some((role) => role === held.role) && unit.path.includes(held.unit))
  );
}

/** Who could give one of the decisions, for who asks; nobody as long as not all the items are among what they can see. */
export async function candidates(db: Executor, person: Person, assessment: Assessment) {
  const { unit, needed, facts, items } = assessment;
  if (!unit || needed.length === 0 || !items.every(({ id }) => isVisible(person.roles, facts.get(id)))) return [];
  const roles = [...new Set(needed)];
  return findApprovers(db, { unit: unit.id, roles, except: person.account.id, limit: 100 });
}

export const needsOf = ({ needed, rules, matrixVersion }: Assessment): Needs => ({
  needed,
  open: needed,
  rules,
  matrixVersion,
});

/** Runs what makes a request so that its client id makes it once. */
async function once(
  { catalog }: Deciding,
  person: Person,
  clientId: string | undefined,
  body: unknown,
  make: (trx: Executor, client: { id: string; digest: Buffer } | null) => Promise<string | undefined>,
): Promise<string> {
  const client = clientId === undefined ? null : { id: clientId, digest: digestOf(body) };
  const made = await onRecordUnlessProblem(catalog.transaction().execute((trx) => make(trx, client)));
  if (made !== undefined) return made;
  const earlier = client && (await findRequestByClientId(catalog, person.account.id, client.id));
  if (!earlier?.digest?.equals(client?.digest ?? Buffer.alloc(0))) throw problem('client_id_used');
  return earlier.id;
}

const digestOf = (body: unknown) => createHash('sha256').update(JSON.stringify(body)).digest();

/** No record, nothing done: whatever a transaction fails with, beside our own refusals, is that it could not be put on record. */
export async function inTransaction<T>(catalog: Database, work: (trx: Executor) => Promise<T>): Promise<T> {
  return onRecordUnlessProblem(catalog.transaction().execute(work));
}

async function onRecordUnlessProblem<T>(recording: Promise<T>): Promise<T> {
  const settled = await recording.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ('value' in settled) return settled.value;
  if (settled.error instanceof Problem) throw settled.error;
  return onRecord(Promise.reject(settled.error));
}

async function lockOwn(trx: Executor, person: Person, id: string): Promise<RequestRecord> {
  const request = await findRequest(trx, id, { lock: true });
  if (request?.account_id !== person.account.id) throw problem('not_found');
  return request;
}

/** Checks what the schema cannot. Throws `invalid_request`. */
function textOf({ config, clock }: Deciding, draft: RequestDraft): RequestText {
  const window = {
    from: instantOf(draft.window.from, '/window/from'),
    until: instantOf(draft.window.until, '/window/until'),
  };
  const length = window.until.getTime() - window.from.getTime();
  if (length <= 0) throw invalid('/window/until', 'must be after the beginning');
  if (length > config.grantLongestMs) throw invalid('/window/until', 'is too long after the beginning');
  if (window.until <= clock.now()) throw invalid('/window/until', 'is past already');
  const { items = [], case: file = null } = draft;
  if (items.length > 0 === (file !== null)) throw invalid('/items', 'or a case must be named, and not both');
  const attachments = draft.attachments ?? [];
  if (new Set(attachments.map(({ evidence }) => evidence)).size < attachments.length)
    throw invalid('/attachments', 'names a scan twice');
  return {
    purpose: draft.purpose,
    basis: draft.basis,
    caseNumber: draft.caseNumber ?? null,
    items,
    case: file,
    operations: draft.operations,
    window,
    uses: draft.uses ?? ordinaryUses,
    applicant: draft.applicant ?? null,
    attachments,
  };
}

/** Throws `unknown_case` for one that the person's units do not reach. */
async function requireCase(access: Deciding, person: Person, text: RequestText): Promise<void> {
  if (text.case !== null && !(await reachedCase(access.catalog, person, text.case))) throw problem('unknown_case');
}

/** The moment that a text of the contract's form names: a leap second has that form and is none. */
export function instantOf(text: string, path: string): Date {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) throw invalid(path, 'is not a moment in time');
  return at;
}

const invalid = (path: string, message: string) =>
  problem('invalid_request', { extensions: { errors: [{ path, message }] } });
