import { ensureRoles, migrate, type ServiceRole, serviceRoles } from '@fengcun/catalog';
import type { PostgresServer } from '@fengcun/local';
import pg from 'pg';
import type { SiteKeys } from './keys.ts';

export interface SiteDatabase {
  readonly ownerUrl: string;
  readonly urls: Readonly<Record<ServiceRole, string>>;
}

const name = 'fengcun';
const owner = 'fengcun_owner';

/** Makes the database and its owner on a new cluster, brings roles and schema up to date, and answers who connects how. */
export async function prepareDatabase(
  server: Pick<PostgresServer, 'url' | 'urlOf'>,
  passwords: SiteKeys['passwords'],
): Promise<SiteDatabase> {
  const client = new pg.Client({ connectionString: server.url, application_name: 'fengcun-site' });
  await client.connect();
  try {
    const { rowCount: hasOwner } = await client.query('select from pg_roles where rolname = $1', [owner]);
    if (!hasOwner) await client.query(`create role ${owner}`);
    const password = client.escapeLiteral(passwords.fengcun_owner);
    await client.query(`alter role ${owner} login createrole password ${password}`);
    const { rowCount: hasDatabase } = await client.query('select from pg_database where datname = $1', [name]);
    if (!hasDatabase) await client.query(`create database ${name} owner ${owner}`);
    // Only our own roles have business in it.
    await client.query(`revoke all on database ${name} from public`);
  } finally {
    await client.end();
  }
  const urlOf = (user: ServiceRole | typeof owner) => server.urlOf(name, { user, password: passwords[user] });
  const ownerUrl = urlOf(owner);
  await ensureRoles(ownerUrl, passwords);
  await allowConnections(ownerUrl);
  await migrate(ownerUrl);
  return {
    ownerUrl,
    urls: {
      fengcun_upload: urlOf('fengcun_upload'),
      fengcun_access: urlOf('fengcun_access'),
      fengcun_worker: urlOf('fengcun_worker'),
      fengcun_ledger: urlOf('fengcun_ledger'),
    },
  };
}

async function allowConnections(ownerUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl, application_name: 'fengcun-site' });
  await client.connect();
  try {
    await client.query(`grant connect, temporary on database ${name} to ${serviceRoles.join(', ')}`);
  } finally {
    await client.end();
  }
}
