import {
  assignOfficer,
  type CaseRecord,
  changeCase,
  findCase,
  findMatter,
  findUnit,
  listCases,
  listSubjectEvents,
  openCase,
  releaseOfficer,
  unitScope,
} from '@fengcun/catalog';
import {
  assignCaseOfficer,
  type CaseFile,
  changeCase as changeCaseRoute,
  createCase,
  getCase,
  getCaseHistory,
  listCases as listCasesRoute,
  releaseCaseOfficer,
} from '@fengcun/contracts';
import { actorOf, type Person, personOf, recordDenial } from '@fengcun/identity';
import { route } from '@fengcun/runtime';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Access } from '../access.ts';
import { problem } from '../errors.ts';
import { custodyPage } from '../evidence/custody-entry.ts';
import { decideFor, onRecord } from '../evidence/item.ts';
import { defaultLimit } from '../list-query.ts';

/** Case files (案卷). Who may describe recordings of a unit keeps its cases. */
export function caseRoutes(app: FastifyInstance, access: Access): void {
  const { catalog, clock } = access;

  const mayChange = async (person: Person, of: { readonly id: string; readonly unitPath: readonly string[] }) =>
    decideFor(access, person, 'describe', of);

  const shown = async (person: Person, id: string): Promise<CaseFile> => {
    const record = await findCase(catalog, id);
    if (!record) throw problem('not_found');
    const { unitPath: _, ...file } = record;
    return { ...file, actions: { change: (await mayChange(person, record)).outcome === 'allow' } };
  };

  /** The case, for a reader whose units reach it; for anybody else there is none, and that they asked is on record. */
  const visible = async (request: FastifyRequest, id: string): Promise<CaseRecord> => {
    const record = await findCase(catalog, id);
    const reached = record && personOf(request).roles.some((held) => record.unitPath.includes(held.unit));
    if (record && reached) return record;
    if (record) await recordDenial(request, { code: 'not_found', subject: { kind: 'case', id } });
    throw problem('not_found');
  };

  const requireChange = async (
    request: FastifyRequest,
    of: { readonly id: string; readonly unitPath: readonly string[] },
    subject: { readonly kind: 'case' | 'unit'; readonly id: string },
  ) => {
    const decision = await mayChange(personOf(request), of);
    if (decision.outcome === 'allow') return;
    await recordDenial(request, { code: 'denied', rule: decision.rule, subject });
    throw problem('denied', { extensions: { rule: decision.rule } });
  };

  /** The case of a route that changes it. */
  const changeable = async (request: FastifyRequest, id: string): Promise<CaseRecord> => {
    const record = await visible(request, id);
    await requireChange(request, record, { kind: 'case', id });
    return record;
  };

  /** Throws `unknown_matter` for one that does not hold for the unit, or is no longer offered. */
  const requireMatter = async (unitPath: readonly string[], id: string) => {
    const found = await findMatter(catalog, id);
    if (!found || found.matter.retired || !unitPath.includes(found.matter.unit.id)) throw problem('unknown_matter');
  };

  route(app, listCasesRoute, async ({ query, request }) => {
    const { cursor, limit = defaultLimit, unit, ...filter } = query;
    const roots = personOf(request).roles.map((held) => held.unit);
    const { items, next } = await listCases(catalog, await unitScope(catalog, roots, unit), filter, { cursor, limit });
    return { items: [...items], next };
  });

  route(app, getCase, async ({ params, request }) => {
    const { id } = await visible(request, params.id);
    return shown(personOf(request), id);
  });

  route(app, getCaseHistory, async ({ params, query, request }) => {
    const { id } = await visible(request, params.id);
    const page = { cursor: query.cursor, limit: query.limit ?? defaultLimit };
    return custodyPage(await listSubjectEvents(catalog, { kind: 'case', id }, page));
  });

  route(app, createCase, async ({ body, request }) => {
    const person = personOf(request);
    const unit = await findUnit(catalog, body.unit);
    if (!unit || !person.roles.some((held) => unit.path.includes(held.unit))) throw problem('not_found');
    await requireChange(request, { id: unit.id, unitPath: unit.path }, { kind: 'unit', id: unit.id });
    const { kind = 'other', matter = null } = body;
    if (matter !== null) await requireMatter(unit.path, matter);
    const draft = {
      ...said(body),
      kind,
      matter,
      officers: body.officers,
      number: body.number.normalize('NFKC').trim(),
      unit: unit.id,
      account: person.account.id,
      actor: actorOf(person),
    };
    const outcome = await onRecord(openCase(catalog, draft, clock));
    if (outcome === 'number_taken') throw problem('case_number_taken');
    if (outcome === 'unknown_officer') throw problem(outcome);
    return shown(person, outcome.id);
  });

  route(app, changeCaseRoute, async ({ params, body, request }) => {
    const person = personOf(request);
    const record = await changeable(request, params.id);
    const { basedOn, state, officers, kind = record.kind, matter = record.matter?.id ?? null } = body;
    // What was said before may stay, though nobody could say it anew.
    if (matter !== null && matter !== record.matter?.id) await requireMatter(record.unitPath, matter);
    const change = {
      ...said(body),
      ...keptBy(person, record),
      id: record.id,
      basedOn,
      state,
      officers,
      kind,
      matter,
      reason: body.reason?.trim() || null,
    };
    const outcome = await onRecord(changeCase(catalog, change, clock));
    if (outcome === 'changed') throw problem('case_changed');
    if (outcome === 'unknown_officer') throw problem(outcome);
    return shown(person, record.id);
  });

  route(app, assignCaseOfficer, async ({ params, body, request }) => {
    const person = personOf(request);
    const record = await changeable(request, params.id);
    const [from, until] = [dateOf(body.from), dateOf(body.until)];
    if (from && until && until <= from) throw problem('period_invalid');
    const who = { case: record.id, officer: params.account, basedOn: body.basedOn, ...keptBy(person, record) };
    const outcome = await onRecord(assignOfficer(catalog, { ...who, from, until }, clock));
    if (outcome === 'changed') throw problem('case_changed');
    if (outcome !== 'done') throw problem(outcome);
    return shown(person, record.id);
  });

  route(app, releaseCaseOfficer, async ({ params, query, request }) => {
    const person = personOf(request);
    const record = await changeable(request, params.id);
    const who = { case: record.id, officer: params.account, basedOn: query.basedOn, ...keptBy(person, record) };
    const outcome = await onRecord(releaseOfficer(catalog, who, clock));
    if (outcome === 'changed') throw problem('case_changed');
    if (outcome !== 'done') throw problem(outcome);
    return shown(person, record.id);
  });
}

const said = (body: { readonly title: string; readonly subject: string | null }) => ({
  title: body.title.trim(),
  subject: body.subject?.trim() || null,
});

const keptBy = (person: Person, record: CaseRecord) => ({
  unit: record.unit.id,
  account: person.account.id,
  actor: actorOf(person),
});

const dateOf = (instant: string | null) => (instant === null ? null : new Date(instant));
