import { Kysely, PostgresDialect, type Transaction } from 'kysely';
import pg from 'pg';
import { prepareAppends } from './prepare-appends.ts';
import type { Schema } from './schema.ts';

export type Database = Kysely<Schema>;
/** A query runner: the pool, or a transaction on it. */
export type Executor = Kysely<Schema> | Transaction<Schema>;

export interface ConnectOptions {
  /** postgres:// URL, including the role to log in as */
  readonly url: string;
  /** connections at most; default 10 */
  readonly max?: number;
  /** shown in pg_stat_activity */
  readonly name: string;
}

const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) => (oid === pg.types.builtins.INT8 ? safeInteger : pg.types.getTypeParser(oid, format)),
};

/** Opens a pool. Nothing connects until the first query; `destroy()` ends it. */
export function connect(options: ConnectOptions): Database {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.max ?? 10,
    application_name: options.name,
    connectionTimeoutMillis: 10_000,
    // A statement that hangs holds locks that others wait for; nothing we do takes a minute.
    statement_timeout: 60_000,
    idle_in_transaction_session_timeout: 60_000,
    types,
  });
  // A connection lost between two queries is reported by the next one; an `error` event nobody hears would end the process whenever
  // PostgreSQL restarts. Idle connections report through the pool, borrowed ones by themselves.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => {
    client.on('error', () => undefined);
    prepareAppends(client);
  });
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
  connectionStrings.set(db, options.url);
  return db;
}

/** The URL a pool was opened with, for connections that cannot come from a pool (`listen`). */
export function connectionStringOf(db: Database): string {
  const url = connectionStrings.get(db);
  if (url === undefined) throw new TypeError('This Database was not opened by connect()');
  return url;
}

const connectionStrings = new WeakMap<Database, string>();

function safeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`bigint ${text} does not fit a JavaScript number`);
  return value;
}
