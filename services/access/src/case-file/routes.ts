import { type CaseRecord, changeCase, findCase, findUnit, listCases, openCase, unitScope } from '@fengcun/catalog';
import {
  type CaseFile,
  changeCase as changeCaseRoute,
  createCase,
  getCase,
  listCases as listCasesRoute,
} from '@fengcun/contracts';
import { actorOf, type Person, personOf, recordDenial } from '@fengcun/identity';
import { route } from '@fengcun/runtime';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Access } from '../access.ts';
import { problem } from '../errors.ts';
import { decideFor, onRecord } from '../evidence/item.ts';

const defaultLimit = 50;

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

  route(app, createCase, async ({ body, request }) => {
    const person = personOf(request);
    const unit = await findUnit(catalog, body.unit);
    if (!unit || !person.roles.some((held) => unit.path.includes(held.unit))) throw problem('not_found');
    await requireChange(request, { id: unit.id, unitPath: unit.path }, { kind: 'unit', id: unit.id });
    const draft = {
      ...facts(body),
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
    const record = await visible(request, params.id);
    await requireChange(request, record, { kind: 'case', id: record.id });
    const { basedOn, state } = body;
    const change = {
      ...facts(body),
      id: record.id,
      unit: record.unit.id,
      basedOn,
      state,
      actor: actorOf(person),
    };
    const outcome = await onRecord(changeCase(catalog, change, clock));
    if (outcome === 'changed') throw problem('case_changed');
    if (outcome === 'unknown_officer') throw problem(outcome);
    return shown(person, record.id);
  });
}

const facts = (body: { readonly title: string; readonly subject: string | null; readonly officers: string[] }) => ({
  title: body.title.trim(),
  subject: body.subject?.trim() || null,
  officers: body.officers,
});
