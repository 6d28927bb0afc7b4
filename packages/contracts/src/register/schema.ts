import { type Static, Type } from 'typebox';
import { Page, pageQuery } from '../http/page.ts';
import { IdParams, Instant, Nullable, Uuid } from '../http/primitives.ts';
import { defineRoute } from '../http/route.ts';
import { Purpose } from '../policy/schema.ts';

/**
 * The register of access (查阅登记簿): who looked at, played, took, asked for, decided about or was refused what, from the log. Every look at
 * it, every page and every export, is an event itself.
 */

/**
 * - `view`: an item's page was opened
 * - `play`: its content was played (the end of a play says what was watched)
 * - `download`: a copy was asked for, made or downloaded
 * - `request`: a request for access was written, submitted, withdrawn, escalated …
 * - `decision`: a request was decided; a grant was given, taken back
 * - `denial`: somebody was refused
 * - `change`: description, retention or hold of an item was changed, or it was disposed of
 * - `audit`: this register was read or exported, a report was made
 */
export const registerKinds = ['view', 'play', 'download', 'request', 'decision', 'denial', 'change', 'audit'] as const;
export const RegisterKind = Type.Enum([...registerKinds]);
export type RegisterKind = Static<typeof RegisterKind>;

/** One line of the register: one event about one item, or about none. */
export const RegisterEntry = Type.Object({
  /** number of the event */
  event: Type.Integer(),
  /** its index in the log, for `/ledger/proof/<index>`; null until the sequencer has placed it */
  index: Nullable(Type.Integer()),
  at: Instant,
  kind: RegisterKind,
  /** the event's type, as in the log */
  type: Type.String(),
  /** who; `name` as it was at the time */
  actor: Type.Object({
    kind: Type.Enum(['account', 'dock', 'system', 'anonymous']),
    id: Type.String(),
    name: Nullable(Type.String()),
    unit: Nullable(Type.Object({ id: Uuid, name: Type.String() })),
  }),
  /** of what; `title` is what the item was called at the time, whatever it is called today */
  item: Nullable(
    Type.Object({
      id: Uuid,
      title: Nullable(Type.String()),
      unit: Nullable(Type.Object({ id: Uuid, name: Type.String() })),
    }),
  ),
  request: Nullable(Type.Object({ id: Uuid, number: Nullable(Type.Integer()) })),
  purpose: Nullable(Purpose),
  caseNumber: Nullable(Type.String()),
  /** row of the matrix that decided */
  rule: Nullable(Type.String()),
  /** the grant that allowed it */
  authorisation: Nullable(Type.String()),
  /** what the event says beside, as in the log */
  data: Type.Unknown(),
});
export type RegisterEntry = Static<typeof RegisterEntry>;

export const registerFilters = {
  /** account that did it */
  person: Type.Optional(Uuid),
  item: Type.Optional(Uuid),
  /** the item's unit or, where there is no item, the person's; with everything below it */
  unit: Type.Optional(Uuid),
  kind: Type.Optional(RegisterKind),
  purpose: Type.Optional(Purpose),
  case: Type.Optional(Uuid),
  /** at in [from, to) */
  from: Type.Optional(Instant),
  to: Type.Optional(Instant),
};

/** Supervision of access; each for the subtree of the units in which they hold such a role. */
const readers = {
  who: 'person',
  roles: ['supervisor', 'legal', 'bureau_head', 'archivist', 'auditor', 'security_admin'],
} as const;

export const listRegister = defineRoute({
  method: 'GET',
  path: '/api/register',
  summary: 'The register of access, newest first; the look is an event',
  tag: 'register',
  rule: readers,
  query: Type.Object({ ...pageQuery, ...registerFilters }, { additionalProperties: false }),
  reply: Page(RegisterEntry),
  rate: 'search',
  problems: ['cursor_invalid', 'not_recorded'],
});

/** `zone` and `language` decide how times and words are written; the site's zone and Chinese unless said. */
const exportQuery = {
  ...registerFilters,
  language: Type.Optional(Type.Enum(['zh-CN', 'en'])),
};

export const exportRegisterCsv = defineRoute({
  method: 'GET',
  path: '/api/register/export.csv',
  summary: 'The register as CSV (UTF-8 with BOM, RFC 4180), all pages; the export is an event',
  tag: 'register',
  rule: readers,
  query: Type.Object(exportQuery, { additionalProperties: false }),
  media: 'text/csv',
  rate: 'search',
  problems: ['not_recorded'],
});

export const exportRegisterXlsx = defineRoute({
  method: 'GET',
  path: '/api/register/export.xlsx',
  summary: 'The register as XLSX, all pages up to the sheet’s limit of 1,048,575 lines; the export is an event',
  tag: 'register',
  rule: readers,
  query: Type.Object(exportQuery, { additionalProperties: false }),
  media: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  rate: 'search',
  problems: ['too_many_lines', 'not_recorded'],
});

const reportQuery = Type.Object(
  {
    from: Type.Optional(Instant),
    to: Type.Optional(Instant),
    language: Type.Optional(Type.Enum(['zh-CN', 'en'])),
  },
  { additionalProperties: false },
);

export const reportItemPdf = defineRoute({
  method: 'GET',
  path: '/api/evidence/:id/report.pdf',
  summary: 'Audit report of one item: everything that happened to it, with titles as they were and the log’s indices',
  tag: 'register',
  rule: readers,
  params: IdParams,
  query: reportQuery,
  media: 'application/pdf',
  rate: 'search',
  problems: ['not_found', 'denied', 'no_cjk_font', 'not_recorded'],
});

export const reportItemCsv = defineRoute({
  method: 'GET',
  path: '/api/evidence/:id/report.csv',
  summary: 'The same as CSV',
  tag: 'register',
  rule: readers,
  params: IdParams,
  query: reportQuery,
  media: 'text/csv',
  rate: 'search',
  problems: ['not_found', 'denied', 'not_recorded'],
});

export const reportPersonPdf = defineRoute({
  method: 'GET',
  path: '/api/register/people/:id/report.pdf',
  summary: 'Audit report of one person: everything they did, with titles as they were and the log’s indices',
  tag: 'register',
  rule: readers,
  params: IdParams,
  query: reportQuery,
  media: 'application/pdf',
  rate: 'search',
  problems: ['not_found', 'no_cjk_font', 'not_recorded'],
});

export const reportPersonCsv = defineRoute({
  method: 'GET',
  path: '/api/register/people/:id/report.csv',
  summary: 'The same as CSV',
  tag: 'register',
  rule: readers,
  params: IdParams,
  query: reportQuery,
  media: 'text/csv',
  rate: 'search',
  problems: ['not_found', 'not_recorded'],
});

/** What one account could do with an item now, and why. */
export const AudienceOperation = Type.Object({
  action: Type.Enum(['see', 'play', 'download_proxy', 'download_original', 'package', 'disclose']),
  /** `needApproval`: not now, a request could open it */
  outcome: Type.Enum(['allow', 'needApproval', 'deny']),
  /** row of the matrix that decides */
  rule: Type.String(),
  /** the live grant it is allowed by */
  grant: Nullable(Uuid),
  /** not empty: allowed as soon as one of these purposes is given */
  purposes: Type.Array(Purpose),
});
export type AudienceOperation = Static<typeof AudienceOperation>;

export const AudienceMember = Type.Object({
  account: Type.Object({
    id: Uuid,
    name: Type.String(),
    officerNumber: Nullable(Type.String()),
    unit: Type.Object({ id: Uuid, name: Type.String() }),
  }),
  operations: Type.Array(AudienceOperation),
});
export type AudienceMember = Static<typeof AudienceMember>;

export const getAudience = defineRoute({
  method: 'GET',
  path: '/api/evidence/:id/audience',
  summary: 'Everybody who could see, play or take the item now, and by which rule or grant; the policy’s own answers',
  tag: 'register',
  rule: readers,
  params: IdParams,
  query: Type.Object({ ...pageQuery }, { additionalProperties: false }),
  reply: Page(AudienceMember),
  rate: 'search',
  problems: ['not_found', 'denied', 'cursor_invalid', 'not_recorded'],
});
