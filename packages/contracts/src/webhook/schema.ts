import { type Static, Type } from 'typebox';
import { findingsField } from '../finding/finding.ts';
import { Page, pageQuery } from '../http/page.ts';
import { IdParams, Instant, Line, Nullable, Uuid } from '../http/primitives.ts';
import { defineRoute } from '../http/route.ts';
import { NotificationKind } from '../notification/schema.ts';

/**
 * What another program is told when people are. No names and no reasons leave the house: who is asked for those has to sign in.
 *
 * Sent as JSON by POST, with `Fengcun-Delivery: <id>` (the same for every attempt) and
 * `Fengcun-Signature: t=<Unix seconds>,v1=<hex HMAC-SHA256 over "<t>.<body>" with the endpoint's secret>`. Any 2xx reply is taken as received;
 * anything else, and no reply within ten seconds, is tried again, up to eight times over about a day. Redirections are not followed.
 */
export const WebhookMessage = Type.Object({
  id: Uuid,
  kind: Type.Union([NotificationKind, Type.Literal('test')]),
  at: Instant,
  subject: Type.Object({ kind: Type.String(), id: Type.String() }),
  /** number of the request, where it is about one */
  number: Nullable(Type.Integer()),
  due: Nullable(Instant),
  /** accounts that were told */
  recipients: Type.Array(Uuid),
});
export type WebhookMessage = Static<typeof WebhookMessage>;

const Url = Type.String({ minLength: 9, maxLength: 1000, pattern: '^https?://[!-~]+$' });
const Kinds = Type.Array(NotificationKind, { maxItems: 50, uniqueItems: true });

/** Somewhere else that is told. The secret is shown once, when it is made. */
export const Webhook = Type.Object({
  id: Uuid,
  name: Type.String(),
  url: Type.String(),
  /** empty: everything */
  kinds: Kinds,
  createdAt: Instant,
  disabledAt: Nullable(Instant),
  /** how its latest delivery that came to an end did */
  last: Nullable(Type.Object({ at: Instant, state: Type.Enum(['delivered', 'failed']) })),
});
export type Webhook = Static<typeof Webhook>;

export const deliveryStates = ['pending', 'delivered', 'failed'] as const;

export const WebhookDelivery = Type.Object({
  id: Uuid,
  kind: Type.String(),
  state: Type.Enum([...deliveryStates]),
  createdAt: Instant,
  nextAt: Nullable(Instant),
  attempts: Type.Array(
    Type.Object({
      at: Instant,
      /** of the reply; null when there was none */
      status: Nullable(Type.Integer()),
      /** why there was none, or why it was not sent; null for a reply */
      error: Nullable(Type.String()),
      ...findingsField,
      durationMs: Type.Integer(),
    }),
  ),
});
export type WebhookDelivery = Static<typeof WebhookDelivery>;

const keepers = { who: 'person', roles: ['system_admin'], scope: 'session' } as const;
const strict = { additionalProperties: false } as const;

export const listWebhooks = defineRoute({
  method: 'GET',
  path: '/api/webhooks',
  summary: 'Endpoints that are told what people are told',
  tag: 'webhook',
  rule: keepers,
  reply: Type.Object({ items: Type.Array(Webhook) }),
});

export const createWebhook = defineRoute({
  method: 'POST',
  path: '/api/webhooks',
  summary: 'Add an endpoint; answers its secret, this once',
  tag: 'webhook',
  rule: keepers,
  body: Type.Object({ name: Line(100), url: Url, kinds: Type.Optional(Kinds) }, strict),
  reply: Type.Object({ ...Webhook.properties, secret: Type.String() }),
  status: 201,
  problems: ['url_refused', 'too_many_webhooks', 'not_recorded'],
});

export const changeWebhook = defineRoute({
  method: 'PUT',
  path: '/api/webhooks/:id',
  summary:
    'Rename an endpoint, choose what it is told, disable it or enable it again; for another address make another endpoint',
  tag: 'webhook',
  rule: keepers,
  params: IdParams,
  body: Type.Object({ name: Line(100), kinds: Kinds, disabled: Type.Boolean() }, strict),
  reply: Webhook,
  problems: ['not_found', 'not_recorded'],
});

export const testWebhook = defineRoute({
  method: 'POST',
  path: '/api/webhooks/:id/test',
  summary: 'Send an endpoint a message of kind `test`; what came of it is among its deliveries',
  tag: 'webhook',
  rule: keepers,
  params: IdParams,
  reply: Type.Object({ delivery: Uuid }),
  status: 202,
  problems: ['not_found', 'webhook_disabled'],
});

export const listWebhookDeliveries = defineRoute({
  method: 'GET',
  path: '/api/webhooks/:id/deliveries',
  summary: 'What was sent to an endpoint and what came of each attempt, newest first',
  tag: 'webhook',
  rule: keepers,
  params: IdParams,
  query: Type.Object({ ...pageQuery, state: Type.Optional(Type.Enum([...deliveryStates])) }, strict),
  reply: Page(WebhookDelivery),
  problems: ['not_found', 'cursor_invalid'],
});
