import { type Static, Type } from 'typebox';
import { copyMarks } from '../copy/schema.ts';
import { findingsField } from '../finding/finding.ts';
import { Page, pageQuery } from '../http/page.ts';
import { Bytes, IdParams, Instant, Line, Nullable, Sha256Hex, Sm3Hex, Uuid } from '../http/primitives.ts';
import { defineRoute } from '../http/route.ts';
import { Play } from '../play/schema.ts';
import { Purpose } from '../policy/schema.ts';
import { mostMarks, RedactionMark } from './marks.ts';

const viewers = { who: 'person', roles: ['officer', 'supervisor', 'legal', 'bureau_head', 'archivist'] } as const;
const strict = { additionalProperties: false } as const;
const Named = Type.Object({ id: Uuid, name: Type.String() });

/**
 * `draft`: its newest plan was not rendered. `rendering`: a worker is at it. `ready`: waits for somebody else's review. `failed`: `render.reason`
 * says why. `approved`: copies to be published may be made of it. `rejected`: to be changed. `withdrawn`: nothing is made of it any more.
 */
export const redactionStates = ['draft', 'rendering', 'ready', 'failed', 'approved', 'rejected', 'withdrawn'] as const;
export const RedactionState = Type.Enum([...redactionStates]);
export type RedactionState = Static<typeof RedactionState>;

/** Why a rendering failed, closed. */
export const renderFailures = [
  /** no font with Chinese characters on the worker's machine */
  'no_cjk_font',
  /** the recording cannot be decoded */
  'media_failed',
  /** the tool took too long or wrote too much */
  'media_bounds',
  /** the vault does not give the original as it was sealed */
  'original_unreadable',
  /** the original's digest is no longer the sealed one: an alarm is raised */
  'original_differs',
  /** the vault or the scratch disk is full or broken */
  'storage_failed',
  /** attempt after attempt came to no end */
  'gave_up',
  /** what came out is not what the plan asks for: it was looked at before anybody could rely on it */
  'result_wrong',
] as const;
export type RenderFailure = (typeof renderFailures)[number];

/** One rendering of a plan: a new file, with nothing of the original's metadata. The original is only read, by the version named. */
export const RedactionRender = Type.Object({
  id: Uuid,
  /** of the plan */
  version: Type.Integer(),
  state: Type.Enum(['pending', 'making', 'ready', 'failed', 'cancelled', 'superseded']),
  percent: Type.Integer({ minimum: 0, maximum: 100 }),
  reason: Nullable(Type.Enum([...renderFailures])),
  /** for `failed` */
  detail: Nullable(Type.String()),
  ...findingsField,
  requestedBy: Named,
  createdAt: Instant,
  finishedAt: Nullable(Instant),
  /** number of the event that asked for it: it stands in the picture, and nothing else does */
  event: Type.String(),
  result: Nullable(
    Type.Object({
      size: Bytes,
      /** of the file that is published, byte for byte */
      sha256: Sha256Hex,
      sm3: Sm3Hex,
      mediaType: Type.String(),
      mark: Type.Enum([...copyMarks]),
      /** 0: a still picture */
      durationMs: Type.Integer(),
      /** version of the original in the vault */
      source: Type.String(),
    }),
  ),
});
export type RedactionRender = Static<typeof RedactionRender>;

export const RedactionReview = Type.Object({
  verdict: Type.Enum(['approved', 'rejected']),
  by: Named,
  at: Instant,
  reason: Nullable(Type.String()),
});

const summary = {
  id: Uuid,
  evidence: Uuid,
  name: Type.String(),
  state: RedactionState,
  /** of the newest plan; every saving makes the next one */
  version: Type.Integer(),
  marks: Type.Integer(),
  createdBy: Named,
  createdAt: Instant,
  updatedAt: Instant,
  /** of the newest plan, once it was asked for */
  render: Nullable(RedactionRender),
  review: Nullable(RedactionReview),
  withdrawn: Nullable(Type.Object({ by: Nullable(Named), at: Instant, reason: Nullable(Type.String()) })),
};

/** A row of an item's list. */
export const RedactionSummary = Type.Object(summary);
export type RedactionSummary = Static<typeof RedactionSummary>;

export const RedactionPlan = Type.Object({
  version: Type.Integer(),
  marks: Type.Array(RedactionMark),
  /** SHA-256 of the canonical JSON of item, redaction, version and marks: it is in the log */
  sha256: Sha256Hex,
  by: Named,
  at: Instant,
});
export type RedactionPlan = Static<typeof RedactionPlan>;

export const Redaction = Type.Object({
  ...summary,
  plan: RedactionPlan,
  /** what the marks are made for; the editor checks itself by it */
  recording: Type.Object({
    durationMs: Nullable(Type.Integer()),
    /** a photograph or the like: marks are areas, without a time */
    still: Type.Boolean(),
    width: Nullable(Type.Integer()),
    height: Nullable(Type.Integer()),
    hasPicture: Type.Boolean(),
    hasSound: Type.Boolean(),
  }),
  /** how much of the present rendering was handed out to the reader so far, 0..100; approving takes all of it */
  watched: Type.Integer({ minimum: 0, maximum: 100 }),
  /** what the reader may do now */
  may: Type.Object({
    change: Type.Boolean(),
    render: Type.Boolean(),
    cancel: Type.Boolean(),
    watch: Type.Boolean(),
    review: Type.Boolean(),
    withdraw: Type.Boolean(),
  }),
  /** why the reader may not review; null when they may, or when there is nothing to review */
  reviewBlocker: Nullable(Type.Enum(['made_it', 'denied', 'cannot_see', 'not_watched'])),
});
export type Redaction = Static<typeof Redaction>;

const Marks = Type.Array(RedactionMark, { maxItems: mostMarks });
/** What is refused with `marks_invalid` names each mark in `faults`. */
const saving = [
  'not_found',
  'denied',
  'cannot_see',
  'marks_invalid',
  'not_sealed',
  'nothing_to_redact',
  'proxy_pending',
];

export const listRedactions = defineRoute({
  method: 'GET',
  path: '/api/evidence/:id/redactions',
  summary: 'Redacted versions of an item, newest first',
  tag: 'redaction',
  rule: viewers,
  params: IdParams,
  query: Type.Object({ ...pageQuery }, strict),
  reply: Page(RedactionSummary),
  problems: ['not_found', 'cursor_invalid'],
});

export const createRedaction = defineRoute({
  method: 'POST',
  path: '/api/evidence/:id/redactions',
  summary:
    'Begin a redacted version with a first plan; whoever makes one must be allowed to play the recording. The same clientId again answers the same',
  tag: 'redaction',
  rule: viewers,
  params: IdParams,
  body: Type.Object({ name: Line(100), marks: Marks, clientId: Type.Optional(Uuid) }, strict),
  reply: Redaction,
  status: 201,
  problems: [...saving, 'client_id_used', 'too_many_redactions', 'not_recorded'],
});

export const getRedaction = defineRoute({
  method: 'GET',
  path: '/api/redactions/:id',
  summary: 'One redacted version with its newest plan, its rendering and its review',
  tag: 'redaction',
  rule: viewers,
  params: IdParams,
  reply: Redaction,
  problems: ['not_found'],
});

export const saveRedactionPlan = defineRoute({
  method: 'POST',
  path: '/api/redactions/:id/plans',
  summary: 'Save a new version of the plan; what was rendered of the one before counts no more',
  tag: 'redaction',
  rule: viewers,
  params: IdParams,
  body: Type.Object(
    {
      /** the version that was read: refused with `redaction_changed` when somebody saved since */
      basedOn: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }),
      marks: Marks,
    },
    strict,
  ),
  reply: Redaction,
  problems: [...saving, 'redaction_changed', 'redaction_settled', 'not_recorded'],
});

export const getRedactionPlan = defineRoute({
  method: 'GET',
  path: '/api/redactions/:id/plans/:version',
  summary: 'The plan as it was in one version',
  tag: 'redaction',
  rule: viewers,
  params: Type.Object({ id: Uuid, version: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }) }),
  reply: RedactionPlan,
  problems: ['not_found'],
});

export const renderRedaction = defineRoute({
  method: 'POST',
  path: '/api/redactions/:id/renders',
  summary: 'Have the newest plan rendered; asking again while it is being made changes nothing',
  tag: 'redaction',
  rule: viewers,
  params: IdParams,
  body: Type.Object({ version: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }) }, strict),
  reply: Redaction,
  status: 202,
  problems: [
    'not_found',
    'denied',
    'cannot_see',
    'not_sealed',
    'nothing_to_redact',
    'redaction_changed',
    'redaction_settled',
    'too_many_copies',
    'not_recorded',
  ],
});

export const cancelRender = defineRoute({
  method: 'POST',
  path: '/api/redactions/:id/render/cancel',
  summary: 'Give the rendering under way up; what was made of it is removed',
  tag: 'redaction',
  rule: viewers,
  params: IdParams,
  reply: Redaction,
  problems: ['not_found', 'denied', 'not_rendering', 'not_recorded'],
});

/** A play like any other: recorded before its first byte, under the rules of playing the recording. Its pieces come from the play's own routes. */
export const playRedaction = defineRoute({
  method: 'POST',
  path: '/api/redactions/:id/plays',
  summary: 'Begin a session of play of what was rendered; recorded before the first byte',
  tag: 'redaction',
  rule: { ...viewers, scope: 'footage' },
  params: IdParams,
  body: Type.Object({ purpose: Type.Optional(Purpose) }, strict),
  reply: Play,
  status: 201,
  problems: [
    'not_found',
    'denied',
    'approval_required',
    'purpose_required',
    'not_rendered',
    'grant_over',
    'not_recorded',
    'log_behind',
  ],
});

export const reviewRedaction = defineRoute({
  method: 'POST',
  path: '/api/redactions/:id/review',
  summary:
    'Approve or reject what was rendered: by somebody who made none of its plans and, to approve, has been shown all of it',
  tag: 'redaction',
  rule: { ...viewers, scope: 'session' },
  params: IdParams,
  body: Type.Object(
    {
      /** the rendering that was watched: refused with `redaction_changed` when there is another by now */
      render: Uuid,
      verdict: Type.Enum(['approved', 'rejected']),
      /** required to reject */
      reason: Type.Optional(Line(500)),
    },
    strict,
  ),
  reply: Redaction,
  problems: [
    'not_found',
    'denied',
    'cannot_see',
    'own_redaction',
    'not_watched',
    'not_rendered',
    'reason_required',
    'redaction_changed',
    'not_recorded',
  ],
});

export const withdrawRedaction = defineRoute({
  method: 'POST',
  path: '/api/redactions/:id/withdrawal',
  summary: 'Withdraw a redacted version: no copy is made of it any more, and those not yet taken are taken back',
  tag: 'redaction',
  rule: viewers,
  params: IdParams,
  body: Type.Object({ reason: Line(500) }, strict),
  reply: Redaction,
  problems: ['not_found', 'denied', 'redaction_settled', 'not_recorded'],
});
