import { type LogEntry, type Opening, parseEntry, type TileReader } from '@fengcun/tlog';
import { sql } from 'kysely';
import type { Executor } from '../database/connect.ts';

/** An event as it stands in the log, with what shows the personal values in it. */
export interface PlacedEvent {
  /** null until the sequencer has placed it */
  readonly index: number | null;
  /** the canonical bytes that are hashed */
  readonly bytes: Buffer;
  readonly entry: LogEntry;
  readonly openings: readonly Opening[];
}

export async function readPlacedEvent(db: Executor, eventId: number): Promise<PlacedEvent | undefined> {
  const [event, openings] = await Promise.all([
    db
      .selectFrom('ledger_event')
      .leftJoin('ledger_entry', 'ledger_entry.event_id', 'ledger_event.id')
      .select(['ledger_event.entry', 'ledger_entry.index'])
      .where('ledger_event.id', '=', eventId)
      .executeTakeFirst(),
    db
      .selectFrom('ledger_opening')
      .select(['path', 'salt', 'value'])
      .where('event_id', '=', eventId)
      .orderBy('path')
      .execute(),
  ]);
  return (
    event && {
      index: event.index,
      bytes: event.entry,
      entry: parseEntry(event.entry),
      openings: openings.map(({ path, salt, value }) => ({ path, salt: salt.toString('base64url'), value })),
    }
  );
}

/** Reads hash tiles out of the database; a partial one may come back wider than asked, which `tlog` allows. */
export function tileReader(db: Executor): TileReader {
  return async (tiles) => {
    const { rows } = await sql<{ place: number; hashes: Buffer }>`
      select wanted.place::int as place, t.hashes
      from unnest(${tiles.map((tile) => tile.level)}::int[], ${tiles.map((tile) => tile.index)}::bigint[])
        with ordinality as wanted (level, n, place)
      join ledger_tile t on t.level = wanted.level and t.n = wanted.n
      order by wanted.place`.execute(db);
    const byPlace = new Map(rows.map(({ place, hashes }) => [place, hashes]));
    return tiles.map((_tile, i) => byPlace.get(i + 1) ?? Buffer.alloc(0));
  };
}
