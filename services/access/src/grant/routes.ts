import { findGrant, findRequest, listGrants, notify, revokeGrant } from '@fengcun/catalog';
import { getGrant, listGrants as listGrantsRoute, revokeGrant as revokeGrantRoute } from '@fengcun/contracts';
import { actorOf, personOf, recordDenial } from '@fengcun/identity';
import { route } from '@fengcun/runtime';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Access } from '../access.ts';
import { visibleRequest } from '../access-request/routes.ts';
import { mayRevoke } from '../access-request/who-may.ts';
import { inTransaction } from '../access-request/write.ts';
import { problem } from '../errors.ts';

const defaultLimit = 50;

export function grantRoutes(app: FastifyInstance, access: Access): void {
  const { catalog, clock } = access;

  /** A grant is known to whoever may know of its request. */
  const visibleGrant = async (request: FastifyRequest, id: string) => {
    const grant = await findGrant(catalog, { id }, clock.now());
    if (!grant) throw problem('not_found');
    return { grant, record: await visibleRequest(catalog, request, grant.request) };
  };

  route(app, listGrantsRoute, async ({ query, request }) => {
    const { cursor, limit = defaultLimit, ...filter } = query;
    return listGrants(catalog, personOf(request).account.id, filter, clock.now(), { cursor, limit });
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
