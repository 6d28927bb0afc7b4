import {
  type ActorDraft,
  type NotificationKind,
  personal,
  toldOfNullable,
  type Webhook,
  type WebhookDelivery,
} from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';
import { sql } from 'kysely';
import type { Database, Executor } from '../database/connect.ts';
import { newId } from '../id/id.ts';
import { appendEvent } from '../ledger/append-event.ts';
import { type PageRequest, pageOf, timeKeyOf } from '../page/page.ts';

interface Row {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly kinds: NotificationKind[];
  readonly created_at: Date;
  readonly disabled_at: Date | null;
  readonly last_at: Date | null;
  readonly last_state: 'delivered' | 'failed' | null;
}

/** Every endpoint, oldest first, or the one of this id. Without the secrets: the role that asks cannot read them. */
export async function listWebhooks(db: Executor, id?: string): Promise<Webhook[]> {
  const { rows } = await sql<Row>`
    select w.id, w.name, w.url, w.kinds, w.created_at, w.disabled_at, d.finished_at as last_at, d.state as last_state
    from webhook w left join lateral (
      select finished_at, state from webhook_delivery where webhook_id = w.id and finished_at is not null
      order by finished_at desc limit 1) d on true
    where ${id === undefined ? sql`true` : sql`w.id = ${id}`} order by w.created_at, w.id`.execute(db);
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    url: row.url,
    kinds: row.kinds,
    createdAt: row.created_at.toISOString(),
    disabledAt: row.disabled_at?.toISOString() ?? null,
    last:
      row.last_at === null || row.last_state === null ? null : { at: row.last_at.toISOString(), state: row.last_state },
  }));
}

export interface NewWebhook {
  readonly name: string;
  readonly url: string;
  readonly kinds: readonly NotificationKind[];
  /** HMAC key, 32 bytes */
  readonly secret: Buffer;
  readonly account: string;
  readonly actor: ActorDraft;
}

/** Adds an endpoint, with its event, as long as there are fewer than `most`. Answers its id, or undefined. */
export async function insertWebhook(
  db: Database,
  webhook: NewWebhook,
  most: number,
  clock: Clock,
): Promise<string | undefined> {
  return db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(hashtext('fengcun.webhook'))`.execute(trx);
    const { rows } = await sql<{
      count: number;
    }>`select count(*)::int as count from webhook where disabled_at is null`.execute(trx);
    if ((rows[0]?.count ?? 0) >= most) return undefined;
    const id = newId();
    const { name, url, kinds, secret, account } = webhook;
    await trx
      .insertInto('webhook')
      .values({
        id,
        name,
        url,
        secret,
        kinds: [...kinds],
        created_by: account,
        created_at: clock.now(),
        disabled_at: null,
      })
      .execute();
    await appendEvent(
      trx,
      {
        type: 'webhook.created',
        actor: webhook.actor,
        subject: { kind: 'webhook', id },
        data: { name: personal(name), url, kinds: [...kinds] },
      },
      clock,
    );
    return id;
  });
}

/** Changes an endpoint, with its event. Answers false when there is none. */
export async function changeWebhook(
  db: Database,
  change: {
    readonly id: string;
    readonly name: string;
    readonly kinds: readonly NotificationKind[];
    readonly disabled: boolean;
    readonly actor: ActorDraft;
  },
  clock: Clock,
): Promise<boolean> {
  const { id, name, kinds, disabled } = change;
  return db.transaction().execute(async (trx) => {
    const { rows } = await sql`
      update webhook set name = ${name}, kinds = ${[...kinds]}::text[],
        disabled_at = case when ${disabled} then coalesce(disabled_at, ${clock.now()}) end
      where id = ${id} returning id`.execute(trx);
    if (rows.length === 0) return false;
    await appendEvent(
      trx,
      {
        type: 'webhook.changed',
        actor: change.actor,
        subject: { kind: 'webhook', id },
        data: { name: personal(name), kinds: [...kinds], disabled },
      },
      clock,
    );
    return true;
  });
}

/** What was sent to an endpoint, newest first. Rejects `cursor_invalid`. */
export async function listWebhookDeliveries(
  db: Executor,
  webhook: string,
  filter: { readonly state?: WebhookDelivery['state'] },
  page: PageRequest,
): Promise<{ readonly items: WebhookDelivery[]; readonly next: string | null }> {
  const after = timeKeyOf(page.cursor);
  const { rows } = await sql<{
    id: string;
    kind: string;
    state: WebhookDelivery['state'];
    created_at: Date;
    next_at: Date | null;
    attempts: { at: string; status: number | null; error: string | null; durationMs: number }[];
  }>`
    select d.id, d.kind, d.state, d.created_at, d.next_at, coalesce((select jsonb_agg(jsonb_build_object('at', a.at,
        'status', a.status, 'error', a.error, 'durationMs', a.duration_ms) order by a.attempt)
      from webhook_attempt a where a.delivery_id = d.id), '[]') as attempts
    from webhook_delivery d where d.webhook_id = ${webhook}
      and ${filter.state === undefined ? sql`true` : sql`d.state = ${filter.state}`}
      and ${after ? sql`(d.created_at, d.id) < (${after.at}::timestamptz, ${after.id}::uuid)` : sql`true`}
    order by d.created_at desc, d.id desc limit ${page.limit + 1}`.execute(db);
  const { items, next } = pageOf(rows, page.limit, (row) => ({ at: row.created_at, id: row.id }));
  return {
    items: items.map((row) => ({
      id: row.id,
      kind: row.kind,
      state: row.state,
      createdAt: row.created_at.toISOString(),
      nextAt: row.next_at?.toISOString() ?? null,
      attempts: row.attempts.map(({ at, error, ...attempt }) => {
        const { detail, ...found } = toldOfNullable(error);
        return { ...attempt, at: new Date(at).toISOString(), error: detail, ...found };
      }),
    })),
    next,
  };
}
