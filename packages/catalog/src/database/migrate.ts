import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import pg from 'pg';
import { CatalogError } from '../errors.ts';

const directory = new URL('../../migrations/', import.meta.url);

/** Roles the services log in as; the owner makes them, migrations grant to them. */
export const serviceRoles = ['fengcun_upload', 'fengcun_access', 'fengcun_worker', 'fengcun_ledger'] as const;
export type ServiceRole = (typeof serviceRoles)[number];

/**
 * Makes the service roles that do not exist yet and gives each its password. Needs an owner with CREATEROLE.
 * Safe to run at every start and from several processes.
 */
export async function ensureRoles(ownerUrl: string, passwords: Readonly<Record<ServiceRole, string>>): Promise<void> {
  await withOwner(ownerUrl, async (client) => {
    for (const role of serviceRoles) {
      const quoted = client.escapeLiteral(passwords[role]);
      await client.query(`do $$ begin
        if not exists (select from pg_roles where rolname = '${role}') then create role ${role} login; end if;
      end $$`);
      await client.query(`alter role ${role} login password ${quoted}`);
    }
  });
}

/**
 * Applies the forward-only SQL migrations that this database does not have yet, each in a transaction of its own, and answers their
 * names. `before`: stops short of the migration of that name, for tests of what a later one does to a database that is in use. Rejects
 * `migration_changed` when an applied file's text differs from what was applied: history is not edited.
 */
export async function migrate(
  ownerUrl: string,
  options: { readonly before?: string } = {},
): Promise<readonly string[]> {
  const { before } = options;
  const files = (await readdir(directory))
    .filter((name) => name.endsWith('.sql') && (before === undefined || name < before))
    .sort();
  return withOwner(ownerUrl, async (client) => {
    await client.query(`create table if not exists schema_migration (
      name text primary key, sha256 text not null, applied_at timestamptz not null default now())`);
    const { rows } = await client.query<{ name: string; sha256: string }>('select name, sha256 from schema_migration');
    const known = new Map(rows.map((row) => [row.name, row.sha256]));
    const applied: string[] = [];
    for (const name of files) {
      const text = await readFile(new URL(name, directory), 'utf8');
      const sha256 = createHash('sha256').update(text).digest('hex');
      if (known.has(name)) {
        if (known.get(name) !== sha256) throw new CatalogError('migration_changed', name);
        continue;
      }
      await client.query('begin');
      try {
        await client.query(text);
        await client.query('insert into schema_migration (name, sha256) values ($1, $2)', [name, sha256]);
        await client.query('commit');
      } catch (error) {
        await client.query('rollback');
        throw error;
      }
      applied.push(name);
    }
    return applied;
  });
}

/** Runs `work` on one connection while holding the migration lock, so that processes starting together take turns. */
async function withOwner<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: 'fengcun-migrate' });
  await client.connect();
  try {
    await client.query("select pg_advisory_lock(hashtext('fengcun.migrate'))");
    return await work(client);
  } finally {
    await client.end();
  }
}
