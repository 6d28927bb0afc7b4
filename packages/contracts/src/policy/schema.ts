import { type Static, Type } from 'typebox';
import { Page, pageQuery } from '../http/page.ts';
import { Instant, Line, Nullable, Uuid } from '../http/primitives.ts';
import { defineRoute, roles } from '../http/route.ts';

/** What may be done with a recording's content, each of which a request may ask for (design: access, "Request"). */
export const operations = ['play', 'download_proxy', 'download_original', 'package', 'disclose', 'publish'] as const;
export const Operation = Type.Enum([...operations]);
export type Operation = Static<typeof Operation>;

/**
 * What may be asked of the policy about an item. `urgent_play`: opening it at once, with the approval that the row names to follow.
 * `read_attachment`: reading a scan that came with a request which the actor may see. `redact`: saying what of a recording is to be hidden;
 * `review_redaction`: approving what came of it. Both ask to be allowed to play the recording besides.
 */
export const actions = [
  'see',
  ...operations,
  'urgent_play',
  'verify',
  'retry_derivative',
  'upload',
  'describe',
  'redact',
  'review_redaction',
  'read_attachment',
  'read_register',
  'assign_retention',
  'hold',
  'dispose',
  'decide_disposition',
  'keep_matters',
  'keep_retention_rules',
] as const;
export const Action = Type.Enum([...actions]);
export type Action = Static<typeof Action>;

/**
 * 案件办理, 执法监督, 案卷评查, 投诉举报, 司法机关调取, 当事人查阅, 对外提供, 公开发布, 其他.
 */
export const purposes = [
  'case_handling',
  'supervision',
  'file_review',
  'complaint',
  'judicial',
  'party_inspection',
  'outside_disclosure',
  'publication',
  'other',
] as const;
export const Purpose = Type.Enum([...purposes]);
export type Purpose = Static<typeof Purpose>;

/** For whom an archivist registers a request: 公安, 检察院, 法院, 纪检监察, 审计; 当事人, 律师. */
export const applicantKinds = ['police', 'procuratorate', 'court', 'discipline', 'audit', 'party', 'lawyer'] as const;
export const ApplicantKind = Type.Enum([...applicantKinds]);
export type ApplicantKind = Static<typeof ApplicantKind>;

/** Roles that can be named as approvers. None of the three administrators can. */
export const approverRoles = ['supervisor', 'legal', 'bureau_head', 'archivist'] as const;
export const ApproverRole = Type.Enum([...approverRoles]);
export type ApproverRole = Static<typeof ApproverRole>;

const strict = { additionalProperties: false } as const;

/** Further conditions of a row; all that are named must hold. */
export const MatrixCondition = Type.Object(
  {
    /** the actor is the officer of the recording, or of its case */
    ownCase: Type.Optional(Type.Literal(true)),
    /** the purpose that was given is one of these */
    purposes: Type.Optional(Type.Array(Purpose, { minItems: 1, uniqueItems: true })),
    /** it is asked on behalf of one of these */
    onBehalf: Type.Optional(Type.Array(ApplicantKind, { minItems: 1, uniqueItems: true })),
    /** what is asked for is (or is not) a redacted derivative */
    redacted: Type.Optional(Type.Boolean()),
  },
  strict,
);

/** One row of the matrix. Rows are read from the top; the first that speaks of the actor, the action and the circumstances decides. */
export const MatrixRow = Type.Object(
  {
    /** name of the row, written into every event it decides */
    rule: Type.String({ pattern: '^[a-z][a-z0-9_]{2,63}$' }),
    actions: Type.Array(Action, { minItems: 1, uniqueItems: true }),
    /** roles the row is for; `dock` for a dock acting for its own unit */
    who: Type.Array(Type.Enum([...roles, 'dock']), { minItems: 1, uniqueItems: true }),
    /** where the role must be held: over the item's unit, or anywhere in the bureau */
    reach: Type.Enum(['own_unit', 'anywhere']),
    when: Type.Optional(MatrixCondition),
    /** `needApproval` names roles; each entry is one needed decision, each by a different person */
    outcome: Type.Union([
      Type.Literal('allow'),
      Type.Literal('deny'),
      Type.Object({ needApproval: Type.Array(ApproverRole, { minItems: 1, maxItems: 4 }) }, strict),
    ]),
  },
  strict,
);
export type MatrixRow = Static<typeof MatrixRow>;

/** What no matrix can take away. The first two are `fixed` rows, the others hold in the code that decides requests. */
export const guarantees = [
  'administrators_never_open_footage',
  'publish_redacted_only',
  'nobody_decides_their_own',
  'outside_needs_two_people',
  'approvers_are_no_administrators',
] as const;

export const MatrixVersion = Type.Object({
  /** counts up; 0 is the default matrix, which nobody set */
  version: Type.Integer({ minimum: 0 }),
  changedAt: Nullable(Instant),
  changedBy: Nullable(Type.Object({ id: Uuid, name: Type.String() })),
  reason: Nullable(Type.String()),
});
export type MatrixVersion = Static<typeof MatrixVersion>;

/** The matrix in force: `fixed` rows stand before `rows` and cannot be changed; `inherited` ones stand after them until the next version is set. */
export const PolicyMatrix = Type.Object({
  ...MatrixVersion.properties,
  fixed: Type.Array(MatrixRow),
  rows: Type.Array(MatrixRow),
  /** rows of the default matrix that hold after `rows`: about what came with a later version than the one this was set in */
  inherited: Type.Array(MatrixRow),
  guarantees: Type.Array(Type.Enum([...guarantees])),
});
export type PolicyMatrix = Static<typeof PolicyMatrix>;

/** Changing the matrix is the security administrator's; the auditor and approvers may read which rules hold. */
const readers = {
  who: 'person',
  roles: ['security_admin', 'auditor', 'legal', 'bureau_head', 'archivist', 'supervisor'],
} as const;

export const getMatrix = defineRoute({
  method: 'GET',
  path: '/api/policy/matrix',
  summary: 'The access matrix in force',
  tag: 'policy',
  rule: readers,
  reply: PolicyMatrix,
});

export const putMatrix = defineRoute({
  method: 'PUT',
  path: '/api/policy/matrix',
  summary: 'Replace the changeable rows of the access matrix; every version is kept, every change is an event',
  tag: 'policy',
  rule: { who: 'person', roles: ['security_admin'], scope: 'session' },
  body: Type.Object(
    {
      /** the version that was read: refused with `matrix_changed` when somebody changed it since */
      basedOn: Type.Integer({ minimum: 0, maximum: 2_147_483_647 }),
      rows: Type.Array(MatrixRow, { minItems: 1, maxItems: 200 }),
      reason: Line(500),
    },
    strict,
  ),
  reply: PolicyMatrix,
  problems: ['matrix_changed', 'matrix_invalid', 'not_recorded'],
});

export const listMatrixVersions = defineRoute({
  method: 'GET',
  path: '/api/policy/matrix/versions',
  summary: 'Every version of the matrix, newest first',
  tag: 'policy',
  rule: readers,
  query: Type.Object({ ...pageQuery }, strict),
  reply: Page(MatrixVersion),
  problems: ['cursor_invalid'],
});

export const getMatrixVersion = defineRoute({
  method: 'GET',
  path: '/api/policy/matrix/versions/:version',
  summary: 'The matrix as it was in one version',
  tag: 'policy',
  rule: readers,
  params: Type.Object({ version: Type.Integer({ minimum: 0, maximum: 2_147_483_647 }) }),
  reply: PolicyMatrix,
  problems: ['not_found'],
});
