import {
  type AttachmentFacts,
  type Executor,
  findAttachmentFacts,
  findEarlierRequests,
  findGrant,
  findStandings,
  type ItemFacts,
  type RequestRecord,
} from '@fengcun/catalog';
import type { AccessRequest, Applicant, RequestItem } from '@fengcun/contracts';
import type { Person } from '@fengcun/identity';
import { decide, ordinary } from '@fengcun/policy';
import { asActor } from '../evidence/circumstances.ts';
import { type Assessment, assess, isVisible } from './assess.ts';
import { blockersOf } from './blockers.ts';
import { withCaseItems } from './case-items.ts';
import type { Deciding } from './deciding.ts';
import { isOpen, mayDecideAs, mayRevoke } from './who-may.ts';

/** The question that a stored request asks the policy. */
export const questionOf = (request: RequestRecord) => ({
  items: request.items,
  operations: request.operations,
  purpose: request.purpose,
  applicant: request.applicant_kind,
  urgent: request.kind === 'urgent',
});

/** The request as this person may know it. */
export async function present(
  access: Deciding,
  db: Executor,
  person: Person,
  stored: RequestRecord,
): Promise<AccessRequest> {
  const { clock } = access;
  const now = clock.now();
  const requester = (await findStandings(db, [stored.account_id])).get(stored.account_id);
  const actor = { kind: 'person', id: stored.account_id, roles: requester?.roles ?? [] } as const;
  const { request } = await withCaseItems(access, db, actor, stored);
  const assessment = await assess(access, db, actor, questionOf(request));
  const scans = request.attachments.map(({ evidence_id }) => evidence_id);
  const attachments = await findAttachmentFacts(db, scans, request.account_id);
  const grant = (await findGrant(db, { request: request.id }, now)) ?? null;
  const mine = request.account_id === person.account.id;
  const draft = request.state === 'draft';
  const blockers = draft ? blockersOf(request, assessment, attachments, actor.roles, now) : [];
  const reader = { id: person.account.id, roles: person.roles };
  const usable = grant !== null && (grant.state === 'live' || grant.state === 'waiting');
  return {
    id: request.id,
    number: request.number,
    kind: request.kind,
    state: request.state,
    requester: {
      id: request.account_id,
      name: request.account_name,
      unit: { id: request.account_unit_id, name: request.account_unit_name },
      officer: request.account_officer,
    },
    applicant: applicantOf(request),
    purpose: request.purpose,
    caseNumber: request.case_number,
    items: assessment.items.map((item) => presentItem(item, assessment, person, mine, draft || isOpen(request))),
    operations: request.operations,
    createdAt: request.created_at.toISOString(),
    submittedAt: request.submitted_at?.toISOString() ?? null,
    decidedAt: request.decided_at?.toISOString() ?? null,
    dueAt: request.due_at?.toISOString() ?? null,
    waitingFor: request.open,
    attachments: request.attachments.map(({ kind, evidence_id }) =>
      presentAttachment(kind, evidence_id, attachments.get(evidence_id)),
    ),
    basis: request.basis,
    case: request.case_id === null ? null : { id: request.case_id, left: request.case_left },
    window: { from: request.window_from.toISOString(), until: request.window_until.toISOString() },
    uses: request.uses,
    needed: request.needed,
    decisions: request.decisions.map(presentDecision),
    rules: request.rules,
    blockers: [...blockers],
    urgent:
      request.urgent_approver === null
        ? null
        : {
            approver: { id: request.urgent_approver, name: request.approver_name ?? '' },
            confirmBy: request.window_until.toISOString(),
            violatedAt: request.violated_at?.toISOString() ?? null,
          },
    grant,
    earlier: (await findEarlierRequests(db, request, now)).map((each) => ({
      id: each.id,
      number: each.number,
      state: each.state,
      purpose: each.purpose,
      submittedAt: each.submitted_at?.toISOString() ?? null,
      sharedItems: each.shared,
      live: each.live,
    })),
    may: {
      change: mine && draft,
      submit: mine && draft && blockers.length === 0,
      withdraw: mine && (draft || (isOpen(request) && request.kind === 'ordinary')),
      decideAs: [...mayDecideAs(reader, request)],
      revoke: usable && mayRevoke(reader, request),
      // A fixed row of the matrix: no version of it and no grant says otherwise.
      readAttachments: decide(asActor(person), 'read_attachment', { unitPath: [] }, ordinary).outcome === 'allow',
    },
  };
}

function applicantOf(request: RequestRecord): Applicant | null {
  if (request.applicant_kind === null) return null;
  return {
    kind: request.applicant_kind,
    organisation: request.applicant_organisation,
    person: request.applicant_person ?? '',
    letterNumber: request.applicant_letter,
    contact: request.applicant_contact,
  };
}

function presentItem(
  { id, outcomes }: Assessment['items'][number],
  { facts }: Assessment,
  person: Person,
  mine: boolean,
  undecided: boolean,
): RequestItem {
  // Who holds a grant is known for the requester only; everybody else sees what their units reach.
  const found: ItemFacts | undefined = facts.get(id);
  const visible = isVisible(person.roles, found && { ...found, granted: mine && found.granted });
  const known = visible ? found : undefined;
  return {
    id,
    name: known?.name ?? null,
    kind: known?.kind ?? null,
    unit: known?.unit ?? null,
    officer: known?.officer ?? null,
    capturedAt: known?.capturedAt.toISOString() ?? null,
    durationMs: known?.durationMs ?? null,
    held: known?.held ?? null,
    disposed: known?.disposed ?? null,
    outcomes: undecided ? [...outcomes] : [],
  };
}

const presentAttachment = (
  kind: AccessRequest['attachments'][number]['kind'],
  evidence: string,
  facts: AttachmentFacts | undefined,
): AccessRequest['attachments'][number] => ({
  kind,
  evidence,
  name: facts?.name ?? null,
  state: facts?.state ?? 'not_found',
});

const presentDecision = (decision: RequestRecord['decisions'][number]): AccessRequest['decisions'][number] => ({
  id: decision.id,
  by: { id: decision.account_id, name: decision.account_name },
  role: decision.role,
  verdict: decision.verdict,
  reason: decision.reason,
  at: decision.decided_at.toISOString(),
  voided:
    decision.voided_at === null ? null : { at: decision.voided_at.toISOString(), reason: decision.void_reason ?? '' },
});
