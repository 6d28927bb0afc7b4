import {
  type ActorDraft,
  type Applicant,
  type ApproverRole,
  type EventDraft,
  type Operation,
  type Purpose,
  personal,
} from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';
import { sql, type Updateable } from 'kysely';
import type { Executor } from '../database/connect.ts';
import type { AccessRequestTable, CaseLeft } from '../database/schema-access.ts';
import { newId } from '../id/id.ts';
import { appendEvent } from '../ledger/append-event.ts';
import type { RequestRecord } from './request-record.ts';

/** What a person writes, checked. */
export interface RequestText {
  readonly purpose: Purpose;
  readonly basis: string;
  readonly caseNumber: string | null;
  /** empty where a case is named: its items are picked when it is submitted */
  readonly items: readonly string[];
  readonly case: string | null;
  readonly operations: readonly Operation[];
  readonly window: { readonly from: Date; readonly until: Date };
  readonly uses: number;
  readonly applicant: Applicant | null;
  readonly attachments: readonly { readonly kind: 'letter' | 'identity' | 'other'; readonly evidence: string }[];
}

export interface NewRequest extends RequestText {
  readonly kind: 'ordinary' | 'urgent';
  readonly account: { readonly id: string; readonly unitId: string };
  readonly client: { readonly id: string; readonly digest: Buffer } | null;
  /** urgent: who is to confirm */
  readonly approver: string | null;
}

/**
 * Writes a request as a draft (an urgent one is submitted in the same transaction). Answers its id, or undefined when the account already
 * has one under this client id.
 */
export async function insertRequest(trx: Executor, draft: NewRequest, clock: Clock): Promise<string | undefined> {
  const id = newId();
  const urgent = draft.kind === 'urgent';
  const row = await trx
    .insertInto('access_request')
    .values({
      id,
      kind: draft.kind,
      state: urgent ? 'submitted' : 'draft',
      account_id: draft.account.id,
      account_unit_id: draft.account.unitId,
      client_id: draft.client?.id ?? null,
      client_digest: draft.client?.digest ?? null,
      ...columnsOf(draft),
      unit_id: null,
      matrix_version: null,
      created_at: clock.now(),
      submitted_at: urgent ? clock.now() : null,
      decided_at: null,
      due_at: null,
      expires_at: null,
      escalated_at: null,
      escalated_to: null,
      urgent_approver: draft.approver,
      violated_at: null,
    })
    .onConflict((conflict) => conflict.columns(['account_id', 'client_id']).doNothing())
    .returning('id')
    .executeTakeFirst();
  if (!row) return undefined;
  await insertParts(trx, id, draft);
  return id;
}

/** Rewrites a draft that the caller holds locked. */
export async function replaceDraft(trx: Executor, id: string, text: RequestText): Promise<void> {
  await trx.updateTable('access_request').set(columnsOf(text)).where('id', '=', id).execute();
  await trx.deleteFrom('access_request_item').where('request_id', '=', id).execute();
  await trx.deleteFrom('access_request_attachment').where('request_id', '=', id).execute();
  await insertParts(trx, id, text);
}

const columnsOf = (text: RequestText) => ({
  purpose: text.purpose,
  basis: text.basis,
  case_number: text.caseNumber,
  case_id: text.case,
  operations: [...text.operations],
  window_from: text.window.from,
  window_until: text.window.until,
  uses: text.uses,
  applicant_kind: text.applicant?.kind ?? null,
  applicant_organisation: text.applicant?.organisation ?? null,
  applicant_person: text.applicant?.person ?? null,
  applicant_letter: text.applicant?.letterNumber ?? null,
  applicant_contact: text.applicant?.contact ?? null,
});

async function insertParts(trx: Executor, request: string, { items, attachments }: RequestText): Promise<void> {
  await insertItems(trx, request, items);
  if (attachments.length === 0) return;
  await trx
    .insertInto('access_request_attachment')
    .values(
      attachments.map(({ evidence, kind }, ordinal) => ({ request_id: request, evidence_id: evidence, ordinal, kind })),
    )
    .execute();
}

async function insertItems(trx: Executor, request: string, items: readonly string[]): Promise<void> {
  if (items.length === 0) return;
  await trx
    .insertInto('access_request_item')
    .values(items.map((evidence, ordinal) => ({ request_id: request, evidence_id: evidence, ordinal })))
    .execute();
}

/** From now on the request asks for these recordings of its case and no others, whatever becomes of the case. The caller holds it locked. */
export async function freezeCaseItems(
  trx: Executor,
  id: string,
  found: { readonly items: readonly string[]; readonly left: CaseLeft; readonly number: string },
): Promise<void> {
  await insertItems(trx, id, found.items);
  await trx
    .updateTable('access_request')
    .set({
      case_left: JSON.stringify(found.left),
      case_number: sql`coalesce(case_number, ${found.number})`,
    })
    .where('id', '=', id)
    .execute();
}

/** What the policy answered to a request. */
export interface Needs {
  readonly needed: readonly ApproverRole[];
  readonly open: readonly ApproverRole[];
  readonly rules: readonly string[];
  readonly matrixVersion: number;
}

/** Changes columns of a request that the caller holds locked. */
export async function updateRequest(trx: Executor, id: string, set: Updateable<AccessRequestTable>): Promise<void> {
  await trx.updateTable('access_request').set(set).where('id', '=', id).execute();
}

export const needsColumns = ({ needed, open, rules, matrixVersion }: Needs) => ({
  needed: [...needed],
  open: [...open],
  rules: [...rules],
  matrix_version: matrixVersion,
});

/** The event of a request being submitted; `request` as it was written. */
export async function recordSubmission(
  trx: Executor,
  request: RequestRecord,
  more: { readonly actor: ActorDraft; readonly needs: Needs },
  clock: Clock,
): Promise<void> {
  const maybe = (text: string | null) => (text === null ? null : personal(text));
  const { needs } = more;
  const event: EventDraft<'request.submitted'> = {
    type: 'request.submitted',
    actor: more.actor,
    subject: { kind: 'request', id: request.id },
    data: {
      number: request.number,
      kind: request.kind,
      purpose: request.purpose,
      basis: personal(request.basis),
      caseNumber: maybe(request.case_number),
      operations: request.operations,
      items: [...request.items],
      case: request.case_id === null ? null : { id: request.case_id, left: request.case_left },
      window: { from: request.window_from.toISOString(), until: request.window_until.toISOString() },
      uses: request.uses,
      applicant:
        request.applicant_kind === null
          ? null
          : {
              kind: request.applicant_kind,
              organisation: maybe(request.applicant_organisation),
              person: personal(request.applicant_person ?? ''),
              letterNumber: maybe(request.applicant_letter),
            },
      attachments: request.attachments.map(({ kind, evidence_id }) => ({ kind, evidence: evidence_id })),
      needed: [...needs.needed],
      rules: [...needs.rules],
      matrix: needs.matrixVersion,
      approver: request.urgent_approver,
    },
  };
  await appendEvent(trx, event, clock);
}
