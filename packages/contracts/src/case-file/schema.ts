import { type Static, Type } from 'typebox';
import { Page, pageQuery } from '../http/page.ts';
import { IdParams, Instant, Line, Nullable, Uuid } from '../http/primitives.ts';
import { defineRoute } from '../http/route.ts';

/**
 * A case file (案卷): recordings and documents of one subject together. Recordings join it by their description; its items are
 * `listEvidence?case=`.
 */
export const caseStates = ['open', 'closed'] as const;
export const CaseState = Type.Enum([...caseStates]);

/** 案号: letters, digits and the brackets and signs that case numbers are written with. Kept as NFKC, without spaces around. */
export const CaseNumber = Line(100);

const Officer = Type.Object({ id: Uuid, name: Type.String(), officerNumber: Nullable(Type.String()) });

/** A row of the list of cases. */
export const CaseSummary = Type.Object({
  id: Uuid,
  number: Type.String(),
  unit: Type.Object({ id: Uuid, name: Type.String() }),
  title: Type.String(),
  /** 当事人 */
  subject: Nullable(Type.String()),
  state: CaseState,
  officers: Type.Array(Officer),
  openedAt: Instant,
});
export type CaseSummary = Static<typeof CaseSummary>;

export const CaseFile = Type.Object({
  ...CaseSummary.properties,
  closedAt: Nullable(Instant),
  revision: Type.Integer({ minimum: 1 }),
  /** recordings that are described as belonging to it now */
  items: Type.Integer(),
  /** what the reader may do now */
  actions: Type.Object({ change: Type.Boolean() }),
});
export type CaseFile = Static<typeof CaseFile>;

const facts = {
  title: Line(200),
  subject: Nullable(Line(200)),
  /** accounts that handle the case (承办人); the matrix's `ownCase` rows speak of them */
  officers: Type.Array(Uuid, { maxItems: 20, uniqueItems: true }),
};

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
  body: Type.Object({ number: CaseNumber, unit: Uuid, ...facts }, { additionalProperties: false }),
  reply: CaseFile,
  status: 201,
  problems: ['not_found', 'denied', 'case_number_taken', 'unknown_officer', 'not_recorded'],
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
  summary: 'Change title, subject, officers or state of a case file; its number and unit stay',
  tag: 'case',
  rule: writers,
  params: IdParams,
  body: Type.Object(
    {
      /** the revision that was read: refused with `case_changed` when somebody changed it since */
      basedOn: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }),
      state: CaseState,
      ...facts,
    },
    { additionalProperties: false },
  ),
  reply: CaseFile,
  problems: ['not_found', 'denied', 'case_changed', 'unknown_officer', 'not_recorded'],
});
