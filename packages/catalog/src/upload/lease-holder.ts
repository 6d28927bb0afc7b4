import { randomInt } from 'node:crypto';
import { type RawBuilder, sql } from 'kysely';
import pg from 'pg';
import { connectionStringOf, type Database } from '../database/connect.ts';

/** First key of the advisory locks that say "this upload process lives". */
const lockClass = 0x46_43_75_70;

/** A process's sign of life in the database: while it stands, nobody takes this process's leases without asking. */
export interface LeaseHolder {
  readonly number: number;
  close(): Promise<void>;
}

/**
 * Takes an advisory lock of a random number on a connection of its own. PostgreSQL drops it the moment the process dies, so that
 * uploads of a killed server go on at once instead of waiting for leases to run out. When the connection is lost, `onLost` is
 * called at once - the caller must stop writing, for its leases are no longer safe - and the lock is taken again.
 */
export async function holdLeases(db: Database, onLost: (error: unknown) => void): Promise<LeaseHolder> {
  const number = randomInt(1, 2 ** 31 - 1);
  const connectionString = connectionStringOf(db);
  let closed = false;
  let client: pg.Client | null = null;
  let retry: NodeJS.Timeout | null = null;

  const open = async (): Promise<void> => {
    const current = new pg.Client({ connectionString, application_name: 'fengcun-upload-alive', keepAlive: true });
    let lost = false;
    const onEnd = (error?: unknown): void => {
      if (closed || lost) return;
      lost = true;
      onLost(error);
      retry = setTimeout(() => void open().catch(onEnd), 500);
      retry.unref();
    };
    current.on('error', onEnd);
    current.on('end', () => onEnd());
    try {
      await current.connect();
      await current.query('select pg_advisory_lock($1::int, $2::int)', [lockClass, number]);
    } catch (error) {
      await current.end().catch(() => undefined);
      if (client !== null) return onEnd(error);
      lost = true;
      throw error;
    }
    client = current;
  };

  await open();
  return {
    number,
    async close() {
      closed = true;
      if (retry) clearTimeout(retry);
      await client?.end().catch(() => undefined);
    },
  };
}

/** Whether the process of this number has its lock; for use inside a query. */
export const holderAlive = (number: RawBuilder<unknown>) => sql<boolean>`exists (
  select from pg_locks
  where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())
    and classid = ${sql.lit(lockClass)}::oid and objid = ${number}::oid and objsubid = 2 and granted)`;
