import {
  type Executor,
  findGrant,
  findRequest,
  type GrantOfRequest,
  type GrantScope,
  listGrants,
  notify,
  revokeGrant,
  unitsUnder,
} from '@fengcun/catalog';
import {
  getGrant,
  grantOverseers,
  type grantViews,
  type ListedGrant,
  listGrants as listGrantsRoute,
  revokeGrant as revokeGrantRoute,
} from '@fengcun/contracts';
import { actorOf, type Person, personOf, recordDenial, visibleUnits } from '@fengcun/identity';
import { route } from '@fengcun/runtime';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Access } from '../access.ts';
import { mayRevoke, maySee, oversees } from '../access-request/who-may.ts';
import { inTransaction } from '../access-request/write.ts';
import { problem } from '../errors.ts';
import { defaultLimit } from '../list-query.ts';

export function grantRoutes(app: FastifyInstance, access: Access): void {
  const { catalog, clock } = access;

  /** A grant is known to whoever may know of its request, and to whoever answers for the recordings it opens. */
  const visibleGrant = async (request: FastifyRequest, id: string) => {
    const grant = await findGrant(catalog, { id }, clock.now());
    const record = grant && (await findRequest(catalog, grant.request));
    if (!grant || !record) throw problem('not_found');
    const { account, roles } = personOf(request);
    if (maySee({ id: account.id, roles }, record) || oversees(roles, record)) return { grant, record };
    await recordDenial(request, { code: 'not_found', subject: { kind: 'grant', id } });
    throw problem('not_found');
  };

  route(app, listGrantsRoute, async ({ query, request }) => {
    const { cursor, limit = defaultLimit, view = 'mine', ...filter } = query;
    const person = personOf(request);
    const scope = await scopeOf(catalog, person, view);
    const { items, next } = await listGrants(catalog, scope, filter, clock.now(), { cursor, limit });
    return { items: items.map((item) => presentGrant(person, item)), next };
  });

  route(app, getGrant, async ({ params, request }) => (await visibleGrant(request, params.id)).grant);

  route(app, revokeGrantRoute, async ({ params, body, request }) => {
    const { grant, record } = await visibleGrant(request, params.id);
    const { account, roles } = personOf(request);
    if (!mayRevoke({ id: account.id, roles }, record)) {
      await recordDenial(request, { code: 'denied', subject: { kind: 'grant', id: grant.id } });
      throw problem('denied');
    }
    const cause = grant.to.id === account.id ? 'holder' : 'approver';
    await inTransaction(catalog, async (trx) => {
      // Taken in the order of a decision, which holds the request before it takes a grant back.
      const locked = await findRequest(trx, record.id, { lock: true });
      const revocation = { grant: grant.id, actor: actorOf(request.caller), by: account.id, cause, ...body } as const;
      if (!locked || !(await revokeGrant(trx, revocation, clock))) throw problem('grant_over');
      if (cause === 'holder') return;
      const data = { number: record.number, name: account.name, reason: body.reason };
      const note = { kind: 'grant_revoked', subject: { kind: 'request', id: record.id }, data } as const;
      await notify(trx, { account: grant.to.id }, note, clock);
    });
    return (await visibleGrant(request, params.id)).grant;
  });
}

async function scopeOf(catalog: Executor, person: Person, view: (typeof grantViews)[number]): Promise<GrantScope> {
  const { account, roles } = person;
  switch (view) {
    case 'mine':
      return { view, account: account.id };
    case 'given':
      return { view, account: account.id, units: await visibleUnits(catalog, person) };
    case 'units': {
      const roots = roles.filter(({ role }) => grantOverseers.some((each) => each === role)).map(({ unit }) => unit);
      return { view, units: await unitsUnder(catalog, [...new Set(roots)]) };
    }
  }
}

function presentGrant({ account, roles }: Person, { grant, request }: GrantOfRequest): ListedGrant {
  const reader = { id: account.id, roles };
  const open = grant.state === 'live' || grant.state === 'waiting';
  return {
    ...grant,
    number: request.number,
    purpose: request.purpose,
    may: { revoke: open && mayRevoke(reader, request), readRequest: maySee(reader, request) },
  };
}
