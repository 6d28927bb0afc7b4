import { countUnread, listNotifications, readNotifications } from '@fengcun/catalog';
import { listNotifications as listRoute, readNotifications as readRoute } from '@fengcun/contracts';
import { personOf } from '@fengcun/identity';
import { route } from '@fengcun/runtime';
import type { FastifyInstance } from 'fastify';
import type { Access } from '../access.ts';
import { defaultLimit } from '../list-query.ts';

/** What the signed-in person was told. */
export function notificationRoutes(app: FastifyInstance, { catalog, clock }: Access): void {
  route(app, listRoute, async ({ query, request }) => {
    const { cursor, limit = defaultLimit, ...filter } = query;
    const { account } = personOf(request);
    const page = await listNotifications(catalog, account.id, filter, { cursor, limit });
    return { ...page, unread: await countUnread(catalog, account.id) };
  });

  route(app, readRoute, async ({ body, request }) => {
    const { account } = personOf(request);
    await readNotifications(catalog, account.id, body.ids, clock.now());
    return { unread: await countUnread(catalog, account.id) };
  });
}
