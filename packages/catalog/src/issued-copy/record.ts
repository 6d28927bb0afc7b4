import type { IssuedCopy, IssuedCopyState } from '@fengcun/contracts';
import { type Selectable, sql } from 'kysely';
import { notifyChange } from '../change/notify.ts';
import type { Executor } from '../database/connect.ts';
import type { IssuedCopyTable } from '../database/schema-retrieval.ts';
import { type PageRequest, pageOf, timeKeyOf } from '../page/page.ts';

/** A copy as it is kept, with the number of its downloads so far. */
export interface IssuedCopyRecord extends Omit<Selectable<IssuedCopyTable>, 'content'> {
  readonly downloads: number;
}

const columns = [
  'c.id',
  'c.evidence_id',
  'c.evidence_name',
  'c.account_id',
  'c.client_id',
  'c.operation',
  'c.form',
  'c.mark',
  'c.state',
  'c.percent',
  'c.reason',
  'c.detail',
  'c.recipient',
  'c.purpose',
  'c.rule',
  'c.grant_id',
  'c.event_id',
  'c.file_name',
  'c.media_type',
  'c.created_at',
  'c.updated_at',
  'c.ready_at',
  'c.expires_at',
  'c.attempts',
  'c.claimed_until',
  'c.key',
  'c.vault_key',
  'c.vault_version',
  'c.size',
  'c.sha256',
  'c.used_at',
  'c.cleared_at',
  'c.render_id',
] as const;

const selected = (db: Executor) =>
  db
    .selectFrom('issued_copy as c')
    .select(columns)
    .select(sql<number>`(select count(*)::int from issued_copy_download d where d.copy_id = c.id)`.as('downloads'));

/** The copy, or undefined. Whose it is is not asked here. */
export async function findIssuedCopy(db: Executor, id: string): Promise<IssuedCopyRecord | undefined> {
  return selected(db).where('c.id', '=', id).executeTakeFirst();
}

/** The copy that an account asked for under this client id, if it did. */
export async function findIssuedCopyOfClient(
  db: Executor,
  asked: { readonly account: string; readonly clientId: string },
): Promise<IssuedCopyRecord | undefined> {
  return selected(db)
    .where('c.account_id', '=', asked.account)
    .where('c.client_id', '=', asked.clientId)
    .executeTakeFirst();
}

/** An account's copies, newest first. Rejects `cursor_invalid`. */
export async function listIssuedCopies(
  db: Executor,
  filter: { readonly account: string; readonly evidence?: string; readonly state?: IssuedCopyState },
  page: PageRequest,
): Promise<{ readonly items: readonly IssuedCopyRecord[]; readonly next: string | null }> {
  const after = timeKeyOf(page.cursor);
  const { account, evidence, state } = filter;
  const rows = await selected(db)
    .where('c.account_id', '=', account)
    .$if(evidence !== undefined, (query) => query.where('c.evidence_id', '=', evidence ?? ''))
    .$if(state !== undefined, (query) => query.where('c.state', '=', state ?? 'ready'))
    .$if(after !== undefined, (query) =>
      query.where(sql<boolean>`(c.created_at, c.id) < (${after?.at}::timestamptz, ${after?.id}::uuid)`),
    )
    .orderBy('c.created_at', 'desc')
    .orderBy('c.id', 'desc')
    .limit(page.limit + 1)
    .execute();
  return pageOf(rows, page.limit, (row) => ({ at: row.created_at, id: row.id }));
}

/** How many of an account's copies wait for a worker or are being made. */
export async function countUnfinishedCopies(db: Executor, account: string): Promise<number> {
  const { n } = await db
    .selectFrom('issued_copy')
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .where('account_id', '=', account)
    .where('state', 'in', ['pending', 'making'])
    .executeTakeFirstOrThrow();
  return Number(n);
}

/** Tells the pages of the account that the copy moved on. */
export async function notifyIssuedCopy(
  db: Executor,
  copy: {
    readonly id: string;
    readonly evidence: string;
    readonly account: string;
    readonly state: IssuedCopy['state'];
    readonly percent: number;
  },
): Promise<void> {
  await notifyChange(db, { kind: 'issued_copy', ...copy });
}
