import { type Static, Type } from 'typebox';
import { CustodyEntry } from '../evidence/schema.ts';
import { Page, pageQuery } from '../http/page.ts';
import { IdParams, Instant, Line, Nullable, Uuid } from '../http/primitives.ts';
import { defineRoute } from '../http/route.ts';

/**
 * A case file (案卷): recordings and documents of one subject together. Recordings join it by their description; its items are
 * `listEvidence?case=`.
 */
export const caseStates = ['open', 'closed'] as const;
export const CaseState = Type.Enum([...caseStates]);

/**
 * 案件类别: administrative penalty, licence, inspection, coercive measure, levy or requisition, complaint or report, public order, criminal.
 */
export const caseKinds = [
  'penalty',
  'licence',
  'inspection',
  'coercion',
  'levy',
  'complaint',
  'public_order',
  'criminal',
  'other',
] as const;
export const CaseKind = Type.Enum([...caseKinds]);

/** 案号: letters, digits and the brackets and signs that case numbers are written with. Kept as NFKC, without spaces around. */
export const CaseNumber = Line(100);

const Named = Type.Object({ id: Uuid, name: Type.String() });
const Officer = Type.Object({ ...Named.properties, officerNumber: Nullable(Type.String()) });

/** When somebody handles the case; an end that is null is open. */
const period = { from: Nullable(Instant), until: Nullable(Instant) };

/** Somebody on a case: since when, until when, and by whom. */
export const CaseOfficer = Type.Object({
  ...Officer.properties,
  ...period,
  /** who put them there or last changed the period, and when; null where that was not kept */
  addedBy: Nullable(Named),
  addedAt: Nullable(Instant),
  /** whether it opens the recordings of the case now: within the period, and somebody else's doing */
  counts: Type.Boolean(),
});
export type CaseOfficer = Static<typeof CaseOfficer>;

/** A row of the list of cases. */
export const CaseSummary = Type.Object({
  id: Uuid,
  number: Type.String(),
  unit: Named,
  kind: CaseKind,
  title: Type.String(),
  /** 当事人 */
  subject: Nullable(Type.String()),
  state: CaseState,
  officers: Type.Array(Officer),
  /** recordings that are described as belonging to it now */
  items: Type.Integer(),
  openedAt: Instant,
});
export type CaseSummary = Static<typeof CaseSummary>;

export const CaseFile = Type.Object({
  ...CaseSummary.properties,
  officers: Type.Array(CaseOfficer),
  /** 执法事项: the row of the catalogue of recording matters that it is about */
  matter: Nullable(Type.Object({ id: Uuid, title: Type.String() })),
  openedBy: Named,
  closedAt: Nullable(Instant),
  revision: Type.Integer({ minimum: 1 }),
  /** who changed it last; null where nobody has since it was opened, or that was not kept */
  changed: Nullable(Type.Object({ by: Named, at: Instant })),
  /** what the reader may do now */
  actions: Type.Object({ change: Type.Boolean() }),
});
export type CaseFile = Static<typeof CaseFile>;

const facts = {
  title: Line(200),
  subject: Nullable(Line(200)),
  /** `other` for a new case, as it is for a known one, unless said */
  kind: Type.Optional(CaseKind),
  /** left out: none for a new case, as it is for a known one */
  matter: Type.Optional(Nullable(Uuid)),
};
/** accounts that handle the case (承办人); the matrix's `ownCase` rows speak of them */
const Officers = Type.Array(Uuid, { maxItems: 20, uniqueItems: true });
/** the revision that was read: refused with `case_changed` when somebody changed it since */
const basedOn = Type.Integer({ minimum: 1, maximum: 2_147_483_647 });

const readers = { who: 'person', roles: [] } as const;
const writers = { who: 'person', roles: ['officer', 'supervisor', 'legal', 'archivist'] } as const;

export const listCases = defineRoute({
  method: 'GET',
  path: '/api/cases',
  summary: 'Case files of the units the reader can see, newest first',
  tag: 'case',
  rule: readers,
  query: Type.Object(
    {
      ...pageQuery,
      /** part of number, title or subject */
      q: Type.Optional(Line(100)),
      unit: Type.Optional(Uuid),
      state: Type.Optional(CaseState),
      kind: Type.Optional(CaseKind),
      matter: Type.Optional(Uuid),
      /** an officer of the case */
      officer: Type.Optional(Uuid),
    },
    { additionalProperties: false },
  ),
  reply: Page(CaseSummary),
  rate: 'search',
  problems: ['cursor_invalid'],
});

export const createCase = defineRoute({
  method: 'POST',
  path: '/api/cases',
  summary: 'Open a case file; a number is given once only',
  tag: 'case',
  rule: writers,
  body: Type.Object({ number: CaseNumber, unit: Uuid, officers: Officers, ...facts }, { additionalProperties: false }),
  reply: CaseFile,
  status: 201,
  problems: ['not_found', 'denied', 'case_number_taken', 'unknown_officer', 'unknown_matter', 'not_recorded'],
});

export const getCase = defineRoute({
  method: 'GET',
  path: '/api/cases/:id',
  summary: 'One case file',
  tag: 'case',
  rule: readers,
  params: IdParams,
  reply: CaseFile,
  problems: ['not_found'],
});

export const changeCase = defineRoute({
  method: 'PUT',
  path: '/api/cases/:id',
  summary: 'Change what a case file says, who handles it, or its state; its number and unit stay',
  tag: 'case',
  rule: writers,
  params: IdParams,
  body: Type.Object(
    {
      basedOn,
      state: CaseState,
      /** why, where the state changes */
      reason: Type.Optional(Line(500)),
      /** who handles it from now on; whoever stays keeps their period. Left out: as it is */
      officers: Type.Optional(Officers),
      ...facts,
    },
    { additionalProperties: false },
  ),
  reply: CaseFile,
  problems: ['not_found', 'denied', 'case_changed', 'unknown_officer', 'unknown_matter', 'not_recorded'],
});

const OfficerParams = Type.Object({ id: Uuid, account: Uuid });

export const assignCaseOfficer = defineRoute({
  method: 'PUT',
  path: '/api/cases/:id/officers/:account',
  summary: 'Put somebody on a case for a period, or change the period',
  tag: 'case',
  rule: writers,
  params: OfficerParams,
  body: Type.Object({ basedOn, ...period }, { additionalProperties: false }),
  reply: CaseFile,
  problems: [
    'not_found',
    'denied',
    'case_changed',
    'unknown_officer',
    'period_invalid',
    'too_many_officers',
    'not_recorded',
  ],
});

export const releaseCaseOfficer = defineRoute({
  method: 'DELETE',
  path: '/api/cases/:id/officers/:account',
  summary: 'Take somebody off a case; whatever that opened to them is closed at once',
  tag: 'case',
  rule: writers,
  params: OfficerParams,
  query: Type.Object({ basedOn }, { additionalProperties: false }),
  reply: CaseFile,
  problems: ['not_found', 'denied', 'case_changed', 'unknown_officer', 'not_recorded'],
});

export const getCaseHistory = defineRoute({
  method: 'GET',
  path: '/api/cases/:id/history',
  summary: 'Everything that happened to the case file itself, oldest first, from the ledger',
  tag: 'case',
  rule: readers,
  params: IdParams,
  query: Type.Object({ ...pageQuery }, { additionalProperties: false }),
  reply: Page(CustodyEntry),
  problems: ['not_found', 'cursor_invalid'],
});
