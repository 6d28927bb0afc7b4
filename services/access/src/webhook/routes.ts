import { randomBytes } from 'node:crypto';
import { changeWebhook, enqueueWebhooks, insertWebhook, listWebhookDeliveries, listWebhooks } from '@fengcun/catalog';
import {
  changeWebhook as changeRoute,
  createWebhook as createRoute,
  listWebhookDeliveries as listDeliveriesRoute,
  listWebhooks as listRoute,
  testWebhook as testRoute,
} from '@fengcun/contracts';
import { actorOf, personOf } from '@fengcun/identity';
import { route } from '@fengcun/runtime';
import type { FastifyInstance } from 'fastify';
import type { Access } from '../access.ts';
import { problem } from '../errors.ts';
import { onRecord } from '../evidence/item.ts';
import { defaultLimit } from '../list-query.ts';

const mostWebhooks = 20;

/** Endpoints that are told what people are told, kept by the system administrator. */
export function webhookRoutes(app: FastifyInstance, { catalog, clock }: Access): void {
  const one = async (id: string) => {
    const [webhook] = await listWebhooks(catalog, id);
    if (!webhook) throw problem('not_found');
    return webhook;
  };

  route(app, listRoute, async () => ({ items: await listWebhooks(catalog) }));

  route(app, createRoute, async ({ body, request }) => {
    const { name, url, kinds = [] } = body;
    if (!URL.canParse(url) || new URL(url).username !== '' || new URL(url).password !== '')
      throw problem('url_refused');
    const secret = randomBytes(32);
    const draft = { name, url, kinds, secret, account: personOf(request).account.id, actor: actorOf(request.caller) };
    const id = await onRecord(insertWebhook(catalog, draft, mostWebhooks, clock));
    if (id === undefined) throw problem('too_many_webhooks');
    return { ...(await one(id)), secret: secret.toString('base64url') };
  });

  route(app, changeRoute, async ({ params, body, request }) => {
    const change = { id: params.id, ...body, actor: actorOf(request.caller) };
    if (!(await onRecord(changeWebhook(catalog, change, clock)))) throw problem('not_found');
    return one(params.id);
  });

  route(app, testRoute, async ({ params }) => {
    const { id } = await one(params.id);
    const message = {
      kind: 'test',
      at: clock.now().toISOString(),
      subject: { kind: 'webhook', id },
      number: null,
      due: null,
      recipients: [],
    } satisfies Parameters<typeof enqueueWebhooks>[1];
    const [delivery] = await enqueueWebhooks(catalog, message, id);
    if (delivery === undefined) throw problem('webhook_disabled');
    return { delivery };
  });

  route(app, listDeliveriesRoute, async ({ params, query }) => {
    const { id } = await one(params.id);
    const { cursor, limit = defaultLimit, ...filter } = query;
    return listWebhookDeliveries(catalog, id, filter, { cursor, limit });
  });
}
