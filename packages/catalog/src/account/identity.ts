import { type ActorDraft, personal } from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';
import { sql } from 'kysely';
import type { Executor } from '../database/connect.ts';
import { appendEvent } from '../ledger/append-event.ts';

export interface LinkedAccount {
  readonly id: string;
  readonly name: string;
  readonly disabled: boolean;
}

/** The account that is linked to a person at a provider. */
export async function findLinkedAccount(
  db: Executor,
  issuer: string,
  subject: string,
): Promise<LinkedAccount | undefined> {
  const row = await db
    .selectFrom('federated_identity as f')
    .innerJoin('account as a', 'a.id', 'f.account_id')
    .select(['a.id', 'a.name', 'a.disabled_at'])
    .where('f.issuer', '=', issuer)
    .where('f.subject', '=', subject)
    .executeTakeFirst();
  return row && { id: row.id, name: row.name, disabled: row.disabled_at !== null };
}

/** The account of a login that is linked to nobody yet, for linking by a claim. */
export async function findUnlinkedAccount(db: Executor, login: string): Promise<LinkedAccount | undefined> {
  const row = await db
    .selectFrom('account as a')
    .select(['a.id', 'a.name', 'a.disabled_at'])
    .where(sql`lower(a.login)`, '=', login.toLowerCase())
    .where((eb) =>
      eb.not(
        eb.exists(eb.selectFrom('federated_identity as f').select('f.subject').whereRef('f.account_id', '=', 'a.id')),
      ),
    )
    .executeTakeFirst();
  return row && { id: row.id, name: row.name, disabled: row.disabled_at !== null };
}

export interface IdentityLink {
  readonly account: string;
  readonly issuer: string;
  readonly subject: string;
  readonly actor: ActorDraft;
  readonly by: 'administrator' | 'claim';
}

/** Links an account to a person at a provider, in place of a former link, with the event. False where somebody else has that link. */
export async function linkIdentity(db: Executor, link: IdentityLink, clock: Clock): Promise<boolean> {
  const { account, issuer, subject } = link;
  await db.deleteFrom('federated_identity').where('account_id', '=', account).execute();
  const row = await db
    .insertInto('federated_identity')
    .values({ issuer, subject, account_id: account, linked_at: clock.now() })
    .onConflict((conflict) => conflict.doNothing())
    .returning('account_id')
    .executeTakeFirst();
  if (!row) return false;
  await appendEvent(
    db,
    {
      type: 'identity.linked',
      actor: link.actor,
      subject: { kind: 'account', id: account },
      data: { issuer, subject: personal(subject), by: link.by },
    },
    clock,
  );
  return true;
}

/** Undoes a link, with the event. False where there is none. */
export async function unlinkIdentity(
  db: Executor,
  unlink: { readonly account: string; readonly actor: ActorDraft },
  clock: Clock,
): Promise<boolean> {
  const row = await db
    .deleteFrom('federated_identity')
    .where('account_id', '=', unlink.account)
    .returning('issuer')
    .executeTakeFirst();
  if (!row) return false;
  await appendEvent(
    db,
    {
      type: 'identity.unlinked',
      actor: unlink.actor,
      subject: { kind: 'account', id: unlink.account },
      data: { issuer: row.issuer },
    },
    clock,
  );
  return true;
}
