import type { TileContent } from '@fengcun/tlog';
import { sql } from 'kysely';
import type { Executor } from '../database/connect.ts';
import type { StoredCheckpoint } from './published-log.ts';

/** An event waiting for its place in the log. */
export interface PendingEvent {
  readonly eventId: number;
  readonly entry: Buffer;
}

/** The oldest events that are committed and not yet placed, at most `limit`. */
export async function pendingEvents(db: Executor, limit: number): Promise<readonly PendingEvent[]> {
  const rows = await db
    .selectFrom('ledger_pending')
    .innerJoin('ledger_event', 'ledger_event.id', 'ledger_pending.event_id')
    .select(['ledger_event.id', 'ledger_event.entry'])
    .orderBy('ledger_pending.event_id')
    .limit(limit)
    .execute();
  return rows.map(({ id, entry }) => ({ eventId: id, entry }));
}

/** How many events wait; for the console and for metrics. */
export async function countPending(db: Executor): Promise<number> {
  const { n } = await db
    .selectFrom('ledger_pending')
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .executeTakeFirstOrThrow();
  return Number(n);
}

/** Gives events the indices from `firstIndex` on, in order, and takes them off the waiting list. */
export async function placeEvents(
  db: Executor,
  firstIndex: number,
  eventIds: readonly number[],
  leafHashes: readonly Uint8Array[],
): Promise<void> {
  await sql`
    insert into ledger_entry (index, event_id, leaf_hash)
    select ${firstIndex}::bigint + ordinality - 1, event_id, leaf_hash
    from unnest(${eventIds}::bigint[], ${leafHashes.map((hash) => Buffer.from(hash))}::bytea[]) with ordinality as t (event_id, leaf_hash, ordinality)
  `.execute(db);
  await sql`delete from ledger_pending where event_id = any(${eventIds}::bigint[])`.execute(db);
}

/** Writes tiles as they stand now; a tile written before is replaced by its wider form. */
export async function storeTiles(db: Executor, tiles: readonly TileContent[]): Promise<void> {
  await sql`
    insert into ledger_tile (level, n, hashes)
    select * from unnest(
      ${tiles.map(({ tile }) => tile.level)}::integer[],
      ${tiles.map(({ tile }) => tile.index)}::bigint[],
      ${tiles.map(({ bytes }) => Buffer.from(bytes))}::bytea[])
    on conflict (level, n) do update set hashes = excluded.hashes
  `.execute(db);
}

/** Publishes a signed tree head. A size already signed rejects: a log signs one history. */
export async function storeCheckpoint(db: Executor, checkpoint: StoredCheckpoint): Promise<void> {
  await db
    .insertInto('ledger_checkpoint')
    .values({ size: checkpoint.size, root: checkpoint.root, note: checkpoint.note, signed_at: checkpoint.signedAt })
    .execute();
}
