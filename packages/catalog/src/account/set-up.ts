import { createHash, randomInt, timingSafeEqual } from 'node:crypto';
import { type ActorDraft, personal } from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';
import { sql } from 'kysely';
import type { Executor } from '../database/connect.ts';
import { newId } from '../id/id.ts';
import { appendEvent } from '../ledger/append-event.ts';

const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const codeLifeMs = 24 * 3_600_000;

/** Whether anybody has an account yet. */
export async function isEmptySite(db: Executor): Promise<boolean> {
  const row = await db.selectFrom('account').select('id').limit(1).executeTakeFirst();
  return row === undefined;
}

/**
 * Makes the one-time code with which the first security administrator is created, good for a day; an earlier code ends. Undefined where
 * there are accounts already. `owner`: a pool of the database's owner, the only one who may.
 */
export async function offerSetUp(owner: Executor, clock: Clock): Promise<string | undefined> {
  if (!(await isEmptySite(owner))) return undefined;
  const group = () => Array.from({ length: 4 }, () => alphabet[randomInt(alphabet.length)]).join('');
  const code = Array.from({ length: 5 }, group).join('-');
  const values = { hash: setUpCodeHash(code), expires_at: new Date(clock.now().getTime() + codeLifeMs) };
  await owner
    .insertInto('set_up_code')
    .values(values)
    .onConflict((conflict) => conflict.column('only').doUpdateSet(values))
    .execute();
  return code;
}

/** Whether this is the code of now. */
export async function isSetUpCode(db: Executor, code: string, now: Date): Promise<boolean> {
  const row = await db.selectFrom('set_up_code').select(['hash', 'expires_at']).executeTakeFirst();
  return row !== undefined && row.expires_at > now && timingSafeEqual(row.hash, setUpCodeHash(code));
}

/** 100 random bits need no slow hash. */
function setUpCodeHash(code: string): Buffer {
  return createHash('sha256')
    .update(code.toUpperCase().replaceAll(/[^A-Z0-9]/g, ''))
    .digest();
}

export interface FirstAdministrator {
  readonly unit: { readonly name: string; readonly code: string };
  readonly login: string;
  readonly name: string;
  readonly passwordHash: string;
  readonly actor: ActorDraft;
  readonly site: string;
}

/** Makes the topmost unit and its security administrator, once, in the caller's transaction. False where somebody was quicker. */
export async function setUpSite(db: Executor, first: FirstAdministrator, clock: Clock): Promise<boolean> {
  await sql`select pg_advisory_xact_lock(hashtext('fengcun.set-up'))`.execute(db);
  if (!(await isEmptySite(db))) return false;
  await db.deleteFrom('set_up_code').execute();
  const { actor } = first;
  const unit = await topmostUnit(db, first, clock);
  const account = newId();
  await db
    .insertInto('account')
    .values({
      id: account,
      login: first.login,
      name: first.name,
      officer_number: null,
      unit_id: unit,
      password_hash: first.passwordHash,
      locked_until: null,
      disabled_at: null,
      created_at: clock.now(),
    })
    .execute();
  const held = { unit, role: 'security_admin' } as const;
  await db.insertInto('account_role').values({ account_id: account, unit_id: unit, role: held.role }).execute();
  await appendEvent(
    db,
    {
      type: 'account.created',
      actor,
      subject: { kind: 'account', id: account },
      data: { login: personal(first.login), unit, roles: [held] },
    },
    clock,
  );
  await appendEvent(
    db,
    { type: 'site.set_up', actor, subject: { kind: 'site', id: first.site }, data: { unit } },
    clock,
  );
  return true;
}

/** A unit may be there without people: docks of a site that lost its accounts, say. Then the administrator is given that one. */
async function topmostUnit(db: Executor, { unit, actor }: FirstAdministrator, clock: Clock): Promise<string> {
  const root = await db
    .selectFrom('unit')
    .select('id')
    .where('parent_id', 'is', null)
    .orderBy('code')
    .executeTakeFirst();
  if (root) return root.id;
  const id = newId();
  await db
    .insertInto('unit')
    .values({ id, parent_id: null, name: unit.name, code: unit.code, path: [id] })
    .execute();
  const data = { name: unit.name, code: unit.code, parent: null };
  await appendEvent(db, { type: 'unit.created', actor, subject: { kind: 'unit', id }, data }, clock);
  return id;
}
