import { type Static, Type } from 'typebox';
import { pageQuery } from '../http/page.ts';
import { Instant, Nullable, Uuid } from '../http/primitives.ts';
import { defineRoute } from '../http/route.ts';

/** Everything somebody can be told. */
export const notificationKinds = [
  /** a request waits for the reader's decision */
  'request_to_decide',
  /** a request of the unit below waited too long: the reader may decide it */
  'request_escalated',
  /** an approval that was given counts no more: the request waits again */
  'request_waits_again',
  'request_approved',
  'request_refused',
  'request_expired',
  /** something was opened urgently and the reader is to confirm it */
  'urgent_to_confirm',
  'urgent_confirmed',
  'urgent_denied',
  /** nobody confirmed in time */
  'urgent_violated',
  'grant_revoked',
  /** somebody has made a redacted version that waits for a review */
  'redaction_to_review',
  'redaction_approved',
  'redaction_rejected',
] as const;
export const NotificationKind = Type.Enum([...notificationKinds]);
export type NotificationKind = Static<typeof NotificationKind>;

export const Notification = Type.Object({
  id: Uuid,
  kind: NotificationKind,
  subject: Type.Object({ kind: Type.Enum(['request', 'grant', 'alarm', 'evidence']), id: Type.String() }),
  /** what the words are filled with, as far as it is known: number of the request, name of who asked or decided, reason, due time */
  data: Type.Object({
    number: Type.Optional(Type.Integer()),
    name: Type.Optional(Type.String()),
    reason: Type.Optional(Type.String()),
    due: Type.Optional(Instant),
  }),
  createdAt: Instant,
  readAt: Nullable(Instant),
});
export type Notification = Static<typeof Notification>;

const anybody = { who: 'person', roles: [] } as const;
const strict = { additionalProperties: false } as const;

export const listNotifications = defineRoute({
  method: 'GET',
  path: '/api/notifications',
  summary: 'What the caller was told, newest first; `unread` counts all that is unread, up to 1000',
  tag: 'notification',
  rule: anybody,
  query: Type.Object({ ...pageQuery, unread: Type.Optional(Type.Boolean()) }, strict),
  reply: Type.Object({
    items: Type.Array(Notification),
    next: Nullable(Type.String()),
    unread: Type.Integer(),
  }),
  problems: ['cursor_invalid'],
});

export const readNotifications = defineRoute({
  method: 'POST',
  path: '/api/notifications/read',
  summary: 'Mark as read: these, or everything up to now when none are named',
  tag: 'notification',
  rule: anybody,
  body: Type.Object(
    { ids: Type.Optional(Type.Array(Uuid, { minItems: 1, maxItems: 200, uniqueItems: true })) },
    strict,
  ),
  reply: Type.Object({ unread: Type.Integer() }),
});
