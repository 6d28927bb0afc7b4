import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { connect, type Database } from '../database/connect.ts';
import { ensureRoles, migrate, type ServiceRole, serviceRoles } from '../database/migrate.ts';

const template = 'fengcun_template';
const password = 'test';

/** A migrated database of one's own, cloned from a template that the first caller of the run makes. */
export interface TestDatabase {
  readonly ownerUrl: string;
  url(role: ServiceRole): string;
  /** a pool logged in as a service's role, or as the owner; closed by `drop` */
  as(role: ServiceRole | 'owner'): Database;
  drop(): Promise<void>;
}

/** `serverUrl`: a superuser's URL, from `testPostgresUrl()` of `@fengcun/local/testing`. */
export async function createTestDatabase(
  serverUrl: string,
  options: { readonly before?: string } = {},
): Promise<TestDatabase> {
  const { before } = options;
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const admin = new pg.Client({ connectionString: serverUrl });
  await admin.connect();
  try {
    // The lock is held until this connection ends: one test file makes the template, the others wait and then clone.
    await admin.query("select pg_advisory_lock(hashtext('fengcun.template'))");
    const { rowCount } = await admin.query('select from pg_database where datname = $1', [template]);
    if (!rowCount) {
      await ensureRoles(serverUrl, passwords());
      await admin.query(`create database ${template}_making`);
      await migrate(databaseUrl(serverUrl, `${template}_making`));
      await admin.query(`alter database ${template}_making rename to ${template}`);
    }
    await admin.query(`create database ${name}${before === undefined ? ` template ${template}` : ''}`);
    if (before !== undefined) await migrate(databaseUrl(serverUrl, name), { before });
  } finally {
    await admin.end();
  }
  const ownerUrl = databaseUrl(serverUrl, name);
  const pools: Database[] = [];
  const url = (role: ServiceRole) => databaseUrl(serverUrl, name, role);
  return {
    ownerUrl,
    url,
    as(role) {
      const pool = connect({ url: role === 'owner' ? ownerUrl : url(role), name: `test ${role}`, max: 8 });
      pools.push(pool);
      return pool;
    },
    async drop() {
      await Promise.all(pools.map((pool) => pool.destroy().catch(() => undefined)));
      const client = new pg.Client({ connectionString: serverUrl });
      await client.connect();
      await client.query(`drop database if exists ${name} with (force)`).finally(() => client.end());
    },
  };
}

const passwords = () => Object.fromEntries(serviceRoles.map((role) => [role, password])) as Record<ServiceRole, string>;

function databaseUrl(serverUrl: string, database: string, role?: ServiceRole): string {
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  if (role) {
    url.username = role;
    url.password = password;
  }
  return url.href;
}
