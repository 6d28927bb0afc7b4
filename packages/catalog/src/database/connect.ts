import { Kysely, PostgresDialect, type Transaction } from 'kysely';
import pg from 'pg';
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
  return new Kysely<Schema>({
    dialect: new PostgresDialect({
      pool: new pg.Pool({
        connectionString: options.url,
        max: options.max ?? 10,
        application_name: options.name,
        connectionTimeoutMillis: 10_000,
        // A statement that hangs holds locks that others wait for; nothing we do takes a minute.
        statement_timeout: 60_000,
        idle_in_transaction_session_timeout: 60_000,
        types,
      }),
    }),
  });
}

function safeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`bigint ${text} does not fit a JavaScript number`);
  return value;
}
