import { type Static, Type } from 'typebox';
import { Grant } from '../grant/schema.ts';
import { Page, pageQuery } from '../http/page.ts';
import { IdParams, Instant, Line, Nullable, Uuid } from '../http/primitives.ts';
import { defineRoute } from '../http/route.ts';
import { ApplicantKind, ApproverRole, Operation, Purpose } from '../policy/schema.ts';

/**
 * `draft`: being written, seen by its author only. `submitted`: waits for the decisions in `needed`. `escalated`: waited too long, the
 * bureau head of the unit above may decide too. `approved`, `refused`, `withdrawn`, `expired`: over, for good.
 */
export const requestStates = [
  'draft',
  'submitted',
  'escalated',
  'approved',
  'refused',
  'withdrawn',
  'expired',
] as const;
export const RequestState = Type.Enum([...requestStates]);
export type RequestState = Static<typeof RequestState>;

/** `urgent` (紧急调阅): opened at once, to be confirmed afterwards. */
export const RequestKind = Type.Enum(['ordinary', 'urgent']);

const strict = { additionalProperties: false } as const;
const Named = Type.Object({ id: Uuid, name: Type.String() });

/** Text of several lines from a person, not blank: no control characters but the line feed, no halves of surrogate pairs. */
const Text = (maxLength: number) =>
  Type.String({
    minLength: 1,
    maxLength,
    pattern:
      '^[ \\n\\u3000]*[^\\s\\u0000-\\u0009\\u000b-\\u001f\\u007f\\ud800-\\udfff][^\\u0000-\\u0009\\u000b-\\u001f\\u007f\\ud800-\\udfff]*$',
  });

/** Whom an archivist registers the request for, as their letter and their identity document say. */
export const Applicant = Type.Object(
  {
    kind: ApplicantKind,
    /** 单位; null for a party who comes for themselves */
    organisation: Nullable(Line(200)),
    person: Line(100),
    /** number of the letter (调取证据通知书, 介绍信, 委托书) */
    letterNumber: Nullable(Line(100)),
    contact: Nullable(Line(100)),
  },
  strict,
);
export type Applicant = Static<typeof Applicant>;

/** A scan, uploaded and sealed like any evidence: `evidence` is its upload id. */
const AttachmentInput = Type.Object({ kind: Type.Enum(['letter', 'identity', 'other']), evidence: Uuid }, strict);

/** `not_found` also stands for an upload of somebody else's, or of another kind than document or image. */
export const attachmentStates = ['arriving', 'sealed', 'quarantined', 'not_found'] as const;
export const Attachment = Type.Object({
  ...AttachmentInput.properties,
  name: Nullable(Type.String()),
  state: Type.Enum([...attachmentStates]),
});

const Items = Type.Array(Uuid, { minItems: 1, maxItems: 200, uniqueItems: true });
/** Recordings of a case that its request leaves out, counted by why. */
const CaseLeft = Type.Object({
  /** of units that the requester does not reach */
  outside: Type.Integer(),
  disposed: Type.Integer(),
  /** the rules forbid one of the operations */
  denied: Type.Integer(),
  /** more than one request takes */
  beyond: Type.Integer(),
});

const Operations = Type.Array(Operation, { minItems: 1, uniqueItems: true });

/** What a person writes. A draft may be incomplete only in its attachments: everything else is checked when it is saved. */
export const RequestDraft = Type.Object(
  {
    purpose: Purpose,
    /** 调阅依据: why, in words; for `other` it carries the purpose too */
    basis: Text(2000),
    /** 案号, where there is one */
    caseNumber: Type.Optional(Nullable(Line(100))),
    /** this, or a case */
    items: Type.Optional(Items),
    /** instead of items: every recording of the case that the requester may ask for when it is submitted, 200 at most */
    case: Type.Optional(Nullable(Uuid)),
    operations: Operations,
    /** when it is to be used; at most 30 days, and not over yet */
    window: Type.Object({ from: Instant, until: Instant }, strict),
    /** how often each item may be opened or taken; absent: 10 */
    uses: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
    /** archivists only */
    applicant: Type.Optional(Nullable(Applicant)),
    attachments: Type.Optional(Type.Array(AttachmentInput, { maxItems: 20 })),
  },
  strict,
);
export type RequestDraft = Static<typeof RequestDraft>;

/** What the policy says about one operation on one item. */
export const ItemOutcome = Type.Object({
  operation: Operation,
  outcome: Type.Enum(['allow', 'needApproval', 'deny']),
  rule: Type.String(),
});

export type ItemOutcome = Static<typeof ItemOutcome>;

/** An item as the reader may know it: what their units (or, for an approver, the decision) do not let them see is null. */
export const RequestItem = Type.Object({
  id: Uuid,
  name: Nullable(Type.String()),
  kind: Nullable(Type.String()),
  unit: Nullable(Named),
  officer: Nullable(Type.String()),
  capturedAt: Nullable(Instant),
  durationMs: Nullable(Type.Integer()),
  /** under a hold: an approval has to acknowledge that */
  held: Nullable(Type.Boolean()),
  /** disposed of: there is nothing left to see */
  disposed: Nullable(Type.Boolean()),
  outcomes: Type.Array(ItemOutcome),
});
export type RequestItem = Static<typeof RequestItem>;

export const RequestDecision = Type.Object({
  id: Uuid,
  by: Named,
  /** the role in which it was decided */
  role: ApproverRole,
  verdict: Type.Enum(['approved', 'refused']),
  reason: Nullable(Type.String()),
  at: Instant,
  /** an approval stops counting when its author left or lost the role before the last one came */
  voided: Nullable(Type.Object({ at: Instant, reason: Type.String() })),
});
export type RequestDecision = Static<typeof RequestDecision>;

/** What keeps a draft from being submitted. */
export const requestBlockers = [
  'attachments_not_sealed',
  'attachment_refused',
  'letter_missing',
  'identity_missing',
  'item_disposed',
  'window_over',
  'denied',
  'nothing_to_approve',
  'case_unknown',
  'case_empty',
] as const;
export const RequestBlocker = Type.Enum([...requestBlockers]);
export type RequestBlocker = Static<typeof RequestBlocker>;

/** A row of a list of requests. */
export const RequestSummary = Type.Object({
  id: Uuid,
  /** 调阅编号, as people say it; counts up over the whole site */
  number: Type.Integer(),
  kind: RequestKind,
  state: RequestState,
  requester: Type.Object({ ...Named.properties, unit: Named, officer: Nullable(Type.String()) }),
  applicant: Nullable(Type.Object({ kind: ApplicantKind, organisation: Nullable(Type.String()) })),
  purpose: Purpose,
  caseNumber: Nullable(Type.String()),
  items: Type.Integer(),
  operations: Type.Array(Operation),
  createdAt: Instant,
  submittedAt: Nullable(Instant),
  decidedAt: Nullable(Instant),
  /** when it escalates, or (urgent) must have been confirmed; null when it waits for nobody */
  dueAt: Nullable(Instant),
  /** open decisions: one role each */
  waitingFor: Type.Array(ApproverRole),
});
export type RequestSummary = Static<typeof RequestSummary>;

export const AccessRequest = Type.Object({
  ...RequestSummary.properties,
  applicant: Nullable(Applicant),
  items: Type.Array(RequestItem),
  attachments: Type.Array(Attachment),
  basis: Type.String(),
  /** where a case was named instead of items; `items` of a draft are then what they would be now, and stay what they were when submitted */
  case: Nullable(Type.Object({ id: Uuid, left: Nullable(CaseLeft) })),
  window: Type.Object({ from: Instant, until: Instant }),
  uses: Type.Integer(),
  /** decisions that are needed, each by a different person, in any order; empty while it is a draft */
  needed: Type.Array(ApproverRole),
  decisions: Type.Array(RequestDecision),
  /** rows of the matrix that ask for the decisions */
  rules: Type.Array(Type.String()),
  blockers: Type.Array(RequestBlocker),
  urgent: Nullable(
    Type.Object({
      /** who was named to confirm */
      approver: Named,
      confirmBy: Instant,
      /** nobody confirmed in time: reported as a violation */
      violatedAt: Nullable(Instant),
    }),
  ),
  grant: Nullable(Grant),
  /** earlier requests of the same person for one of the same items, newest first, at most 20 */
  earlier: Type.Array(
    Type.Object({
      id: Uuid,
      number: Type.Integer(),
      state: RequestState,
      purpose: Purpose,
      submittedAt: Nullable(Instant),
      sharedItems: Type.Integer(),
      /** its grant can still be used */
      live: Type.Boolean(),
    }),
  ),
  /** what the reader may do with it now */
  may: Type.Object({
    change: Type.Boolean(),
    submit: Type.Boolean(),
    withdraw: Type.Boolean(),
    /** roles in which the reader may decide now; empty: not at all */
    decideAs: Type.Array(ApproverRole),
    revoke: Type.Boolean(),
    /** the scans themselves, with `readAttachment` */
    readAttachments: Type.Boolean(),
  }),
});
export type AccessRequest = Static<typeof AccessRequest>;

const viewers = { who: 'person', roles: ['officer', 'supervisor', 'legal', 'bureau_head', 'archivist'] } as const;
const readers = {
  who: 'person',
  roles: ['officer', 'supervisor', 'legal', 'bureau_head', 'archivist', 'auditor'],
} as const;

export const assessRequest = defineRoute({
  method: 'POST',
  path: '/api/requests/assessment',
  summary:
    'What the policy would say to a request, before it is written: outcome per item, decisions needed, who could give them',
  tag: 'request',
  rule: viewers,
  body: Type.Object(
    {
      /** this, or a case */
      items: Type.Optional(Items),
      case: Type.Optional(Nullable(Uuid)),
      operations: Operations,
      purpose: Purpose,
      applicant: Type.Optional(Nullable(ApplicantKind)),
      /** opening at once with confirmation afterwards; `operations` must be `play` alone */
      urgent: Type.Optional(Type.Boolean()),
    },
    strict,
  ),
  reply: Type.Object({
    items: Type.Array(Type.Object({ id: Uuid, outcomes: Type.Array(ItemOutcome) })),
    /** what of the case is left out; null where items were named */
    left: Nullable(CaseLeft),
    needed: Type.Array(ApproverRole),
    /** people who could give one of the decisions; empty when the items are not all among what the caller can see */
    approvers: Type.Array(Type.Object({ ...Named.properties, unit: Named, role: ApproverRole })),
  }),
  problems: ['invalid_input', 'invalid_request', 'unknown_case'],
});

export const createRequest = defineRoute({
  method: 'POST',
  path: '/api/requests',
  summary: 'Write a request for access as a draft; the same clientId again answers the same request',
  tag: 'request',
  rule: viewers,
  body: Type.Object({ ...RequestDraft.properties, clientId: Type.Optional(Uuid) }, strict),
  reply: AccessRequest,
  status: 201,
  problems: ['invalid_request', 'unknown_case', 'client_id_used', 'denied'],
});

export const createUrgentRequest = defineRoute({
  method: 'POST',
  path: '/api/requests/urgent',
  summary:
    'Open items at once (紧急调阅); the approver named must confirm within a day, or it is reported as a violation',
  tag: 'request',
  rule: { who: 'person', roles: ['supervisor'], scope: 'session' },
  body: Type.Object(
    {
      items: Type.Array(Uuid, { minItems: 1, maxItems: 20, uniqueItems: true }),
      purpose: Purpose,
      /** 紧急理由 */
      reason: Text(2000),
      caseNumber: Type.Optional(Nullable(Line(100))),
      /** who is to confirm; one of the assessment's `approvers` */
      approver: Uuid,
      clientId: Type.Optional(Uuid),
    },
    strict,
  ),
  reply: AccessRequest,
  status: 201,
  problems: ['not_found', 'denied', 'approver_unfit', 'item_disposed', 'client_id_used', 'not_recorded'],
});

export const changeRequest = defineRoute({
  method: 'PUT',
  path: '/api/requests/:id',
  summary: 'Rewrite a draft',
  tag: 'request',
  rule: viewers,
  params: IdParams,
  body: RequestDraft,
  reply: AccessRequest,
  problems: ['not_found', 'invalid_request', 'unknown_case', 'wrong_state', 'denied'],
});

export const submitRequest = defineRoute({
  method: 'POST',
  path: '/api/requests/:id/submission',
  summary: 'Submit a draft; submitting it again changes nothing',
  tag: 'request',
  rule: viewers,
  params: IdParams,
  reply: AccessRequest,
  problems: ['not_found', 'request_blocked', 'denied', 'wrong_state', 'not_recorded'],
});

export const withdrawRequest = defineRoute({
  method: 'POST',
  path: '/api/requests/:id/withdrawal',
  summary: 'Withdraw a request before it is decided',
  tag: 'request',
  rule: viewers,
  params: IdParams,
  reply: AccessRequest,
  problems: ['not_found', 'wrong_state', 'not_recorded'],
});

export const decideRequest = defineRoute({
  method: 'POST',
  path: '/api/requests/:id/decisions',
  summary: 'Approve or refuse a request; for an urgent one: confirm or deny what was opened',
  tag: 'request',
  rule: { who: 'person', roles: ['supervisor', 'legal', 'bureau_head', 'archivist'], scope: 'session' },
  params: IdParams,
  body: Type.Object(
    {
      verdict: Type.Enum(['approved', 'refused']),
      /** required to refuse */
      reason: Type.Optional(Nullable(Text(2000))),
      /** for who holds several of the roles needed; absent: the first that is open */
      role: Type.Optional(ApproverRole),
      /** "I know that items of this request are under a hold": required to approve such a request */
      holdAcknowledged: Type.Optional(Type.Boolean()),
    },
    strict,
  ),
  reply: AccessRequest,
  problems: [
    'not_found',
    'denied',
    'own_request',
    'already_decided',
    'reason_required',
    'wrong_state',
    'item_held',
    'item_disposed',
    'requester_unfit',
    'not_recorded',
  ],
});

/** `mine`: what I asked for. `to_decide`: what waits for me. `register`: the archivist's and the auditor's, their subtree's. */
export const requestViews = ['mine', 'to_decide', 'decided', 'register'] as const;

export const listRequests = defineRoute({
  method: 'GET',
  path: '/api/requests',
  summary: 'Requests: mine, waiting for my decision, decided by me, or the register of my units; newest first',
  tag: 'request',
  rule: readers,
  query: Type.Object(
    {
      ...pageQuery,
      view: Type.Enum([...requestViews], { default: 'mine' }),
      state: Type.Optional(RequestState),
      kind: Type.Optional(RequestKind),
      purpose: Type.Optional(Purpose),
      requester: Type.Optional(Uuid),
      evidence: Type.Optional(Uuid),
      number: Type.Optional(Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })),
      /** createdAt in [from, to) */
      from: Type.Optional(Instant),
      to: Type.Optional(Instant),
    },
    strict,
  ),
  reply: Page(RequestSummary),
  problems: ['cursor_invalid'],
});

export const getRequest = defineRoute({
  method: 'GET',
  path: '/api/requests/:id',
  summary: 'One request, whole',
  tag: 'request',
  rule: readers,
  params: IdParams,
  reply: AccessRequest,
  problems: ['not_found'],
});

/** bytes; a scan larger than this is not shown beside its request */
export const maxAttachmentBytes = 64 * 1024 * 1024;

/**
 * A scan as it was sealed, for whoever may see the request, so that what is decided on can be read by who decides. `footage`, because it hands
 * out an original. The ledger event is committed before the first byte, once for each session, request and scan. PDF, JPEG, PNG, WebP, TIFF,
 * GIF and BMP come under their own media type, as their first bytes say; everything else as `application/octet-stream`, to be saved.
 * `Repr-Digest` is the sealed SHA-256. Administrators are refused: an auditor sees that there is a scan, not the scan.
 */
export const readAttachment = defineRoute({
  method: 'GET',
  path: '/api/requests/:id/attachments/:evidence/content',
  summary: 'The letter or identity document that came with a request; recorded before its first byte',
  tag: 'request',
  rule: { ...readers, scope: 'footage' },
  params: Type.Object({ id: Uuid, evidence: Uuid }),
  media: 'application/octet-stream',
  problems: [
    'not_found',
    'denied',
    'attachment_arriving',
    'not_sealed',
    'attachment_disposed',
    'attachment_too_large',
    'attachment_unreadable',
    'not_recorded',
    'log_behind',
  ],
});

export const getRequesterHistory = defineRoute({
  method: 'GET',
  path: '/api/requests/:id/history',
  summary:
    "The requester's earlier requests, for whoever decides this one: counts of the last year and the last twenty",
  tag: 'request',
  rule: readers,
  params: IdParams,
  reply: Type.Object({
    requester: Named,
    counts: Type.Object({
      submitted: Type.Integer(),
      approved: Type.Integer(),
      refused: Type.Integer(),
      urgent: Type.Integer(),
      violations: Type.Integer(),
    }),
    last: Type.Array(RequestSummary),
  }),
  problems: ['not_found'],
});
