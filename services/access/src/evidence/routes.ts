import { listCustody, listEvidence, readTimeline, retryDerivative, unitScope } from '@fengcun/catalog';
import {
  getCustody,
  getEvidence,
  getTimeline,
  listEvidence as listEvidenceRoute,
  retryDerivative as retryDerivativeRoute,
} from '@fengcun/contracts';
import { actorOf, type Person, personOf } from '@fengcun/identity';
import { route } from '@fengcun/runtime';
import type { FastifyInstance } from 'fastify';
import type { Access } from '../access.ts';
import { problem } from '../errors.ts';
import { defaultLimit, timesOf } from '../list-query.ts';
import { custodyPage } from './custody-entry.ts';
import { describe, toDerivative } from './detail.ts';
import { findVisible, onRecord, openItem, requireAllowed } from './item.ts';

export function evidenceRoutes(app: FastifyInstance, access: Access): void {
  const { catalog, clock } = access;
  const scopeOf = (person: Person, unit: string | undefined) =>
    unitScope(catalog, [...new Set(person.roles.map((held) => held.unit))], unit);

  route(app, listEvidenceRoute, async ({ query, request }) => {
    const { cursor, limit = defaultLimit, unit, from, to, ...filter } = query;
    const scope = await scopeOf(personOf(request), unit);
    return listEvidence(catalog, scope, { ...filter, ...timesOf({ from, to }) }, { cursor, limit });
  });

  route(app, getTimeline, async ({ query, request }) => {
    const { unit, from, to, ...filter } = query;
    const scope = await scopeOf(personOf(request), unit);
    return readTimeline(catalog, scope, { ...filter, ...timesOf({ from, to }) }, clock.now());
  });

  route(app, getEvidence, async ({ params, request }) => {
    const record = await openItem(access, request, params.id);
    return describe(access, personOf(request), record, request.log);
  });

  route(app, getCustody, async ({ params, query, request }) => {
    await openItem(access, request, params.id);
    const page = { cursor: query.cursor, limit: query.limit ?? defaultLimit };
    return custodyPage(await listCustody(catalog, params.id, page));
  });

  route(app, retryDerivativeRoute, async ({ params, request }) => {
    const record = await findVisible(access, request, params.id);
    await requireAllowed(access, request, 'retry_derivative', record);
    const retry = { evidence: record.id, unit: record.unit_id, kind: params.kind, actor: actorOf(request.caller) };
    const derivative = await onRecord(retryDerivative(catalog, retry, clock));
    if (!derivative) throw problem('not_failed');
    return toDerivative(derivative);
  });
}
