import type { Executor } from '../database/connect.ts';
import { newId } from '../id/id.ts';

/** Numbers that are missing, both ends included. */
export interface GapRange {
  readonly first: number;
  readonly last: number;
}

/** The highest sequence number of the device's latest offload that had any, before now. */
export async function lastSequenceOf(db: Executor, deviceId: string): Promise<number | undefined> {
  const row = await db
    .selectFrom('offload')
    .innerJoin('offload_file', 'offload_file.offload_id', 'offload.id')
    .select(['offload_file.sequence'])
    .where('offload.device_id', '=', deviceId)
    .where('offload_file.sequence', 'is not', null)
    .orderBy('offload.opened_at', 'desc')
    .orderBy('offload.id', 'desc')
    .orderBy('offload_file.sequence', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.sequence ?? undefined;
}

/** Numbers in [from, to] that this device announced in any offload. */
export async function announcedSequences(
  db: Executor,
  deviceId: string,
  from: number,
  to: number,
): Promise<readonly number[]> {
  const rows = await db
    .selectFrom('offload_file')
    .innerJoin('offload', 'offload.id', 'offload_file.offload_id')
    .select('offload_file.sequence')
    .distinct()
    .where('offload.device_id', '=', deviceId)
    .where('offload_file.sequence', '>=', from)
    .where('offload_file.sequence', '<=', to)
    .execute();
  return rows.flatMap((row) => (row.sequence === null ? [] : [row.sequence]));
}

/** Notes gaps; those noted before for the device are left out. Answers the new ones. */
export async function insertGaps(
  trx: Executor,
  offload: { readonly id: string; readonly deviceId: string },
  gaps: readonly GapRange[],
): Promise<readonly GapRange[]> {
  if (gaps.length === 0) return [];
  const rows = await trx
    .insertInto('sequence_gap')
    .values(
      gaps.map((gap) => ({
        id: newId(),
        offload_id: offload.id,
        device_id: offload.deviceId,
        first_missing: gap.first,
        last_missing: gap.last,
      })),
    )
    .onConflict((conflict) => conflict.columns(['device_id', 'first_missing', 'last_missing']).doNothing())
    .returning(['first_missing', 'last_missing'])
    .execute();
  return rows.map((row) => ({ first: row.first_missing, last: row.last_missing }));
}

export interface GapRecord extends GapRange {
  readonly id: string;
  readonly offloadId: string;
  readonly unitId: string;
  readonly explained: boolean;
}

export async function findGap(db: Executor, id: string): Promise<GapRecord | undefined> {
  const row = await db
    .selectFrom('sequence_gap as g')
    .innerJoin('offload as o', 'o.id', 'g.offload_id')
    .select(['g.id', 'g.offload_id', 'o.unit_id', 'g.first_missing', 'g.last_missing', 'g.explained_at'])
    .where('g.id', '=', id)
    .executeTakeFirst();
  return (
    row && {
      id: row.id,
      offloadId: row.offload_id,
      unitId: row.unit_id,
      first: row.first_missing,
      last: row.last_missing,
      explained: row.explained_at !== null,
    }
  );
}

/** Closes a gap with a reason, once. False when it was explained before. */
export async function explainGapRecord(
  trx: Executor,
  explanation: { readonly id: string; readonly by: string; readonly at: Date; readonly reason: string },
): Promise<boolean> {
  const row = await trx
    .updateTable('sequence_gap')
    .set({ explained_by: explanation.by, explained_at: explanation.at, reason: explanation.reason })
    .where('id', '=', explanation.id)
    .where('explained_at', 'is', null)
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}
