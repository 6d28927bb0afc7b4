import type { ActorDraft, OpenSession, Token, TokenScope } from '@fengcun/contracts';
import { personal } from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';
import type { Executor } from '../database/connect.ts';
import { newId } from '../id/id.ts';
import { appendEvent } from '../ledger/append-event.ts';

/** Open sessions and live tokens of an account, the latest used first. */
export async function listSessionsOf(
  db: Executor,
  account: string,
  reader: { readonly session: string; readonly now: Date },
): Promise<OpenSession[]> {
  const rows = await db
    .selectFrom('session')
    .selectAll()
    .where('account_id', '=', account)
    .where('closed_at', 'is', null)
    .where('expires_at', '>', reader.now)
    .orderBy('last_seen_at', 'desc')
    .orderBy('id', 'desc')
    .limit(500)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    name: row.name,
    via: row.via,
    openedAt: row.created_at.toISOString(),
    lastSeenAt: row.last_seen_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    address: row.address,
    userAgent: row.user_agent,
    current: row.id === reader.session,
  }));
}

/** Whether a session (or token) is open and the account's. */
export async function isSessionOf(
  db: Executor,
  session: { readonly id: string; readonly account: string; readonly kind?: 'token' },
): Promise<boolean> {
  const row = await db
    .selectFrom('session')
    .select('id')
    .where('id', '=', session.id)
    .where('account_id', '=', session.account)
    .where('closed_at', 'is', null)
    .$if(session.kind === 'token', (query) => query.where('kind', '=', 'token'))
    .executeTakeFirst();
  return row !== undefined;
}

/** Live personal access tokens of an account, newest first. */
export async function listTokensOf(db: Executor, account: string, now: Date): Promise<Token[]> {
  const rows = await db
    .selectFrom('session')
    .select(['id', 'name', 'scopes', 'created_at', 'last_seen_at', 'expires_at', 'address'])
    .where('account_id', '=', account)
    .where('kind', '=', 'token')
    .where('closed_at', 'is', null)
    .where('expires_at', '>', now)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    name: row.name ?? '',
    scopes: (row.scopes ?? []) as TokenScope[],
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    lastUsedAt: row.last_seen_at > row.created_at ? row.last_seen_at.toISOString() : null,
    address: row.address,
  }));
}

export interface NewToken {
  readonly tokenHash: Uint8Array;
  readonly account: string;
  readonly actor: ActorDraft;
  readonly name: string;
  readonly scopes: readonly TokenScope[];
  readonly expiresAt: Date;
  readonly address: string;
}

/** Inserts a token, which is a session of another kind, with its event. Answers its id. */
export async function insertToken(db: Executor, draft: NewToken, clock: Clock): Promise<string> {
  const id = newId();
  const now = clock.now();
  await db
    .insertInto('session')
    .values({
      id,
      token_hash: Buffer.from(draft.tokenHash),
      account_id: draft.account,
      created_at: now,
      last_seen_at: now,
      expires_at: draft.expiresAt,
      closed_at: null,
      address: draft.address,
      user_agent: '',
      kind: 'token',
      via: 'token',
      name: draft.name,
      scopes: [...draft.scopes],
    })
    .execute();
  await appendEvent(
    db,
    {
      type: 'token.created',
      actor: draft.actor,
      subject: { kind: 'session', id },
      data: {
        token: id,
        name: personal(draft.name),
        scopes: draft.scopes,
        expires: draft.expiresAt.toISOString(),
      },
    },
    clock,
  );
  return id;
}
