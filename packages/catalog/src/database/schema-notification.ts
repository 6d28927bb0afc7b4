import type { deliveryStates, Notification, NotificationKind } from '@fengcun/contracts';
import type { ColumnType, Generated } from 'kysely';

/** Tables of `0007_notifications.sql`. */
export interface NotificationTable {
  id: string;
  account_id: string;
  kind: NotificationKind;
  subject_kind: Notification['subject']['kind'];
  subject_id: string;
  data: ColumnType<unknown, string, never>;
  created_at: Date;
  read_at: Date | null;
}

export interface WebhookTable {
  id: string;
  name: string;
  url: string;
  secret: Buffer;
  kinds: NotificationKind[];
  created_by: string;
  created_at: Date;
  disabled_at: Date | null;
}

export interface WebhookDeliveryTable {
  id: string;
  webhook_id: string;
  kind: string;
  body: string;
  state: (typeof deliveryStates)[number];
  attempts: Generated<number>;
  next_at: Date | null;
  created_at: Date;
  finished_at: Date | null;
}

export interface WebhookAttemptTable {
  delivery_id: string;
  attempt: number;
  at: Date;
  status: number | null;
  error: string | null;
  duration_ms: number;
}

export interface NotificationSchema {
  notification: NotificationTable;
  webhook: WebhookTable;
  webhook_delivery: WebhookDeliveryTable;
  webhook_attempt: WebhookAttemptTable;
}
