import type { ApproverRole, Notification, NotificationKind, Role } from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';
import { sql } from 'kysely';
import { notifyChange } from '../change/notify.ts';
import type { Executor } from '../database/connect.ts';
import { newId } from '../id/id.ts';
import { type PageRequest, pageOf, timeKeyOf } from '../page/page.ts';
import { enqueueWebhooks } from '../webhook/delivery.ts';

/** People of an account, or everybody who holds one of these roles over a unit: in it or in a unit above. */
export type Addressee =
  | { readonly account: string }
  | { readonly roles: readonly (Role | ApproverRole)[]; readonly unit: string; readonly except?: string };

export interface NotificationDraft {
  readonly kind: NotificationKind;
  readonly subject: Notification['subject'];
  readonly data: Notification['data'];
}

/** Tells people something, in the transaction of what they are told of; their open pages hear of it on commit. Answers how many were told. */
export async function notify(db: Executor, to: Addressee, draft: NotificationDraft, clock: Clock): Promise<number> {
  const accounts = 'account' in to ? [to.account] : await holdersOver(db, to);
  const at = clock.now();
  if (accounts.length === 0) return 0;
  const rows = accounts.map((account) => ({ id: newId(), account }));
  await db
    .insertInto('notification')
    .values(
      rows.map(({ id, account }) => ({
        id,
        account_id: account,
        kind: draft.kind,
        subject_kind: draft.subject.kind,
        subject_id: draft.subject.id,
        data: JSON.stringify(draft.data),
        created_at: at,
        read_at: null,
      })),
    )
    .execute();
  await enqueueWebhooks(db, {
    kind: draft.kind,
    at: at.toISOString(),
    subject: draft.subject,
    number: draft.data.number ?? null,
    due: draft.data.due ?? null,
    recipients: accounts.map((account) => account),
  });
  for (const { id, account } of rows) await notifyChange(db, { kind: 'notification', id, account });
  return rows.length;
}

async function holdersOver(
  db: Executor,
  { roles, unit, except }: Extract<Addressee, { roles: unknown }>,
): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select distinct a.id from account_role r join account a on a.id = r.account_id join unit u on u.id = ${unit}
    where r.role = any(${[...roles]}::text[]) and r.unit_id = any(u.path) and a.disabled_at is null
      and ${except === undefined ? sql`true` : sql`a.id <> ${except}`}
    order by a.id`.execute(db);
  return rows.map((row) => row.id);
}

/** What an account was told, newest first. Rejects `cursor_invalid`. */
export async function listNotifications(
  db: Executor,
  account: string,
  filter: { readonly unread?: boolean },
  page: PageRequest,
): Promise<{ readonly items: Notification[]; readonly next: string | null }> {
  const after = timeKeyOf(page.cursor);
  const rows = await db
    .selectFrom('notification')
    .selectAll()
    .where('account_id', '=', account)
    .$if(filter.unread !== undefined, (query) => query.where('read_at', filter.unread ? 'is' : 'is not', null))
    .$if(after !== undefined, (query) =>
      query.where(sql<boolean>`(created_at, id) < (${after?.at ?? null}::timestamptz, ${after?.id ?? null}::uuid)`),
    )
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(page.limit + 1)
    .execute();
  const { items, next } = pageOf(rows, page.limit, (row) => ({ at: row.created_at, id: row.id }));
  return {
    items: items.map((row) => ({
      id: row.id,
      kind: row.kind,
      subject: { kind: row.subject_kind, id: row.subject_id },
      data: row.data as Notification['data'],
      createdAt: row.created_at.toISOString(),
      readAt: row.read_at?.toISOString() ?? null,
    })),
    next,
  };
}

/** How much an account has not read, counted up to 1000. */
export async function countUnread(db: Executor, account: string): Promise<number> {
  const { rows } = await sql<{ unread: number }>`
    select count(*)::int as unread from (
      select from notification where account_id = ${account} and read_at is null limit 1000) n`.execute(db);
  return rows[0]?.unread ?? 0;
}

/** Marks an account's own as read: those named, or all there are. */
export async function readNotifications(
  db: Executor,
  account: string,
  ids: readonly string[] | undefined,
  at: Date,
): Promise<void> {
  await db
    .updateTable('notification')
    .set({ read_at: at })
    .where('account_id', '=', account)
    .where('read_at', 'is', null)
    .$if(ids !== undefined, (query) => query.where(sql<boolean>`id = any(${[...(ids ?? [])]}::uuid[])`))
    .execute();
}
