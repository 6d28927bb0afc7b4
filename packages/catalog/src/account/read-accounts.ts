import type { Account, Role } from '@fengcun/contracts';
import { secondFactorRequired } from '@fengcun/policy';
import { sql } from 'kysely';
import type { Executor } from '../database/connect.ts';
import { CatalogError } from '../errors.ts';
import type { PageRequest } from '../page/page.ts';
import { maySay, says } from '../search/part-of-line.ts';

export interface AccountFilter {
  /** unit ids */
  readonly units: readonly string[];
  readonly role?: Role;
  readonly state?: 'active' | 'disabled' | 'locked';
  readonly secondFactor?: 'enrolled' | 'none';
  /** part of name, login or officer number */
  readonly text?: string;
}

/** An account of these units, or undefined. */
export async function findAccount(
  db: Executor,
  id: string,
  units: readonly string[],
  now: Date,
): Promise<Account | undefined> {
  if (units.length === 0) return undefined;
  const row = await accounts(db, now)
    .where('a.id', '=', id)
    .where(sql<boolean>`a.unit_id = any(${[...units]}::uuid[])`)
    .executeTakeFirst();
  return row && toAccount(row);
}

/** The unit that an account belongs to; undefined where there is no such account. */
export async function findAccountUnit(db: Executor, id: string): Promise<string | undefined> {
  const row = await db.selectFrom('account').select('unit_id').where('id', '=', id).executeTakeFirst();
  return row?.unit_id;
}

/** Accounts of these units, by name, in pages. */
export async function listAccounts(
  db: Executor,
  filter: AccountFilter,
  page: PageRequest,
  now: Date,
): Promise<{ items: Account[]; next: string | null }> {
  if (filter.units.length === 0) return { items: [], next: null };
  const after = keyOf(page.cursor);
  const { role, state, secondFactor, text, units } = filter;
  const [unit] = units;
  const rows = await accounts(db, now)
    // One unit by itself, so that its own index by name can be walked.
    .where(
      unit !== undefined && units.length === 1
        ? sql<boolean>`a.unit_id = ${unit}::uuid`
        : sql<boolean>`a.unit_id = any(${[...units]}::uuid[])`,
    )
    .$if(state === 'active', (query) => query.where('a.disabled_at', 'is', null))
    .$if(state === 'disabled', (query) => query.where('a.disabled_at', 'is not', null))
    .$if(state === 'locked', (query) => query.where('a.locked_until', '>', now))
    .$if(secondFactor !== undefined, (query) =>
      query.where('a.second_factor_at', secondFactor === 'none' ? 'is' : 'is not', null),
    )
    .$if(role !== undefined, (query) =>
      query.where(sql<boolean>`exists (select from account_role r where r.account_id = a.id and r.role = ${role})`),
    )
    .$if(text !== undefined, (query) => query.where(maySay(line, text ?? '')).where(says(line, text ?? '')))
    .$if(after !== undefined, (query) =>
      query.where(sql<boolean>`(a.name, a.id) > (${after?.name ?? ''}, ${after?.id ?? null}::uuid)`),
    )
    .orderBy('a.name')
    .orderBy('a.id')
    .limit(page.limit + 1)
    .execute();
  const items = rows.slice(0, page.limit);
  const last = items.at(-1);
  const next = rows.length > page.limit && last ? cursorOf(last) : null;
  return { items: items.map(toAccount), next };
}

/** What an account is found by (migration: `account_text`, `account_short`). */
const line = sql`search_fold(a.name || ' ' || a.login || ' ' || coalesce(a.officer_number, ''))`;

const cursorOf = (row: { name: string; id: string }) =>
  Buffer.from(JSON.stringify([row.name, row.id])).toString('base64url');

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function keyOf(cursor: string | undefined): { name: string; id: string } | undefined {
  if (cursor === undefined) return undefined;
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(parsed) && parsed.length === 2) {
      const [name, id] = parsed as unknown[];
      if (typeof name === 'string' && !name.includes('\u0000') && typeof id === 'string' && uuid.test(id)) {
        return { name, id };
      }
    }
  } catch {
    // Not JSON: not ours.
  }
  throw new CatalogError('cursor_invalid');
}

function accounts(db: Executor, now: Date) {
  return db
    .selectFrom('account as a')
    .innerJoin('unit as u', 'u.id', 'a.unit_id')
    .leftJoin('federated_identity as f', 'f.account_id', 'a.id')
    .select([
      'a.id',
      'a.login',
      'a.name',
      'a.officer_number',
      'a.unit_id',
      'u.name as unit_name',
      'a.created_at',
      'a.disabled_at',
      'a.disabled_reason',
      'a.last_sign_in_at',
      'a.must_change_password',
      'a.second_factor_at',
      'f.issuer',
      'f.subject',
      'f.linked_at',
    ])
    .select([
      sql<Date | null>`case when a.locked_until > ${now} then a.locked_until end`.as('locked_until'),
      sql<boolean>`a.password_hash is not null`.as('has_password'),
      sql<{ unit: string; unitName: string; role: Role }[]>`coalesce(
        (select jsonb_agg(jsonb_build_object('unit', r.unit_id, 'unitName', ru.name, 'role', r.role) order by ru.name, r.role)
         from account_role r join unit ru on ru.id = r.unit_id where r.account_id = a.id), '[]')`.as('roles'),
      sql<number>`(select count(*)::int from session s
        where s.account_id = a.id and s.closed_at is null and s.expires_at > ${now} and s.kind = 'browser')`.as(
        'sessions',
      ),
      sql<number>`(select count(*)::int from session s
        where s.account_id = a.id and s.closed_at is null and s.expires_at > ${now} and s.kind = 'token')`.as('tokens'),
      sql<'off' | 'approvers' | 'everyone'>`(select second_factor from sign_in_policy)`.as('policy'),
    ]);
}

type Row = Awaited<ReturnType<ReturnType<typeof accounts>['executeTakeFirstOrThrow']>>;

function toAccount(row: Row): Account {
  const held = row.roles.map(({ role }) => role);
  return {
    id: row.id,
    login: row.login,
    name: row.name,
    officerNumber: row.officer_number,
    unit: { id: row.unit_id, name: row.unit_name },
    roles: row.roles,
    createdAt: row.created_at.toISOString(),
    disabled: row.disabled_at && { at: row.disabled_at.toISOString(), reason: row.disabled_reason ?? '' },
    lastSignInAt: row.last_sign_in_at?.toISOString() ?? null,
    lockedUntil: row.locked_until?.toISOString() ?? null,
    hasPassword: row.has_password,
    mustChangePassword: row.must_change_password,
    secondFactor: { enrolled: row.second_factor_at !== null, required: secondFactorRequired(held, row.policy) },
    identity:
      row.issuer === null || row.subject === null || row.linked_at === null
        ? null
        : { issuer: row.issuer, subject: row.subject, linkedAt: row.linked_at.toISOString() },
    openSessions: row.sessions,
    tokens: row.tokens,
  };
}
