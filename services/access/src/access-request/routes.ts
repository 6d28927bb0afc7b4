import {
  countRequests,
  type Executor,
  findRequest,
  listRequests,
  type RequestRecord,
  type RequestScope,
  unitsUnder,
} from '@fengcun/catalog';
import {
  type ApproverRole,
  approverRoles,
  assessRequest,
  changeRequest,
  createRequest,
  createUrgentRequest,
  decideRequest,
  getRequest,
  getRequesterHistory,
  listRequests as listRequestsRoute,
  type requestViews,
  submitRequest,
  withdrawRequest,
} from '@fengcun/contracts';
import { type Person, personOf, recordDenial } from '@fengcun/identity';
import { Problem, route } from '@fengcun/runtime';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Access } from '../access.ts';
import { problem } from '../errors.ts';
import { asActor } from '../evidence/circumstances.ts';
import { defaultLimit } from '../list-query.ts';
import { assess } from './assess.ts';
import { caseItemsFor } from './case-items.ts';
import { decide } from './decide.ts';
import { present } from './present.ts';
import { mayDecideAs, maySee } from './who-may.ts';
import { candidates, change, create, instantOf, openUrgently, submit, withdraw } from './write.ts';

/** How far back an approver sees what a requester asked for. */
const historyMs = 365 * 86_400_000;
const historyLength = 20;

export function requestRoutes(app: FastifyInstance, access: Access): void {
  const { catalog, clock } = access;

  const shown = async (request: FastifyRequest, id: string) => {
    const record = await findRequest(catalog, id);
    if (!record) throw problem('not_found');
    return present(access, catalog, personOf(request), record);
  };

  route(app, assessRequest, async ({ body, request }) => {
    const person = personOf(request);
    const { applicant = null, urgent = false, items = [], case: file = null, ...asked } = body;
    if (urgent && (applicant !== null || asked.operations.some((operation) => operation !== 'play')))
      throw problem('invalid_request', {
        extensions: { errors: [{ path: '/operations', message: 'opening at once is for playing alone' }] },
      });
    if (items.length > 0 === (file !== null))
      throw problem('invalid_request', {
        extensions: { errors: [{ path: '/items', message: 'or a case must be named, and not both' }] },
      });
    const question = { ...asked, applicant, urgent };
    const found =
      file === null ? null : await caseItemsFor(access, catalog, asActor(person), { ...question, case: file });
    if (found === undefined) throw problem('unknown_case');
    const assessment = await assess(access, catalog, asActor(person), { ...question, items: found?.items ?? items });
    return {
      left: found?.left ?? null,
      items: assessment.items.map(({ id, outcomes }) => ({ id, outcomes: [...outcomes] })),
      needed: [...assessment.needed],
      approvers: [...(await candidates(catalog, person, assessment))],
    };
  });

  route(app, createRequest, async ({ body, request }) => shown(request, await create(access, personOf(request), body)));

  route(app, createUrgentRequest, async ({ body, request }) => {
    const opened = await openUrgently(access, personOf(request), body);
    if ('id' in opened) return shown(request, opened.id);
    await recordDenial(request, { code: 'denied', rule: opened.deniedBy });
    throw problem('denied', { extensions: { rule: opened.deniedBy } });
  });

  route(app, changeRequest, async ({ params, body, request }) => {
    await change(access, personOf(request), params.id, body);
    return shown(request, params.id);
  });

  route(app, submitRequest, async ({ params, request }) => {
    const { deniedBy } = await submit(access, personOf(request), params.id);
    if (deniedBy === null) return shown(request, params.id);
    await recordDenial(request, {
      code: 'denied',
      rule: deniedBy,
      subject: { kind: 'request', id: params.id },
    });
    throw problem('denied', { extensions: { rule: deniedBy } });
  });

  route(app, withdrawRequest, async ({ params, request }) => {
    await withdraw(access, personOf(request), params.id);
    return shown(request, params.id);
  });

  route(app, decideRequest, async ({ params, body, request }) => {
    const person = personOf(request);
    await visibleRequest(catalog, request, params.id);
    try {
      await decide(access, person, params.id, body);
    } catch (error) {
      if (error instanceof Problem && error.status === 403)
        await recordDenial(request, { code: error.code, subject: { kind: 'request', id: params.id } });
      throw error;
    }
    return shown(request, params.id);
  });

  route(app, getRequest, async ({ params, request }) => {
    const record = await visibleRequest(catalog, request, params.id);
    return present(access, catalog, personOf(request), record);
  });

  route(app, getRequesterHistory, async ({ params, request }) => {
    const record = await visibleRequest(catalog, request, params.id);
    const person = personOf(request);
    const may = mayDecideAs({ id: person.account.id, roles: person.roles }, record);
    if (may.length === 0 && record.account_id !== person.account.id) throw problem('not_found');
    const scope = { view: 'mine', account: record.account_id } as const;
    const since = new Date(clock.now().getTime() - historyMs);
    const page = { cursor: undefined, limit: historyLength };
    const last = await listRequests(catalog, scope, { submitted: true, except: record.id }, page);
    return {
      requester: { id: record.account_id, name: record.account_name },
      counts: await countRequests(catalog, record.account_id, since),
      last: last.items,
    };
  });

  route(app, listRequestsRoute, async ({ query, request }) => {
    const { cursor, limit = defaultLimit, view = 'mine', from, to, ...filter } = query;
    const times = {
      ...(from ? { from: instantOf(from, '/from') } : {}),
      ...(to ? { to: instantOf(to, '/to') } : {}),
    };
    const scope = await scopeOf(catalog, personOf(request), view);
    return listRequests(catalog, scope, { ...filter, ...times }, { cursor, limit });
  });
}

async function scopeOf(
  catalog: Executor,
  { account, roles }: Person,
  view: (typeof requestViews)[number],
): Promise<RequestScope> {
  switch (view) {
    case 'mine':
    case 'decided':
      return { view, account: account.id };
    case 'to_decide':
      return {
        view,
        account: account.id,
        roles: roles.flatMap(({ unit, role }) => (isApprover(role) ? [{ unit, role }] : [])),
      };
    case 'register': {
      const roots = roles.filter(({ role }) => role === 'archivist' || role === 'auditor').map(({ unit }) => unit);
      return { view, units: await unitsUnder(catalog, [...new Set(roots)]) };
    }
  }
}

const isApprover = (role: string): role is ApproverRole => approverRoles.some((each) => each === role);

/** The request, for whoever may know of it; for anybody else there is none, and that they asked is on record. Throws `not_found`. */
export async function visibleRequest(catalog: Executor, request: FastifyRequest, id: string): Promise<RequestRecord> {
  const record = await findRequest(catalog, id);
  if (!record) throw problem('not_found');
  const person = personOf(request);
  if (maySee({ id: person.account.id, roles: person.roles }, record)) return record;
  await recordDenial(request, { code: 'not_found', subject: { kind: 'request', id } });
  throw problem('not_found');
}
