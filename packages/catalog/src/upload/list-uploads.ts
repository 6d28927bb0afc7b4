import { type UploadProgress, uploadStates } from '@fengcun/contracts';
import { sql } from 'kysely';
import type { Executor } from '../database/connect.ts';
import { type PageRequest, pageOf, type TimeKey, timeKeyOf } from '../page/page.ts';

const open = uploadStates.filter((state) => state === 'receiving' || state === 'received' || state === 'sealing');

/** Uploads of the given units that are not sealed yet, newest first. Rejects `cursor_invalid`. */
export async function listOpenUploads(
  db: Executor,
  units: readonly string[],
  page: PageRequest,
): Promise<{ items: UploadProgress[]; next: string | null }> {
  if (units.length === 0) return { items: [], next: null };
  const after: TimeKey | undefined = timeKeyOf(page.cursor);
  const rows = await db
    .selectFrom('upload')
    .innerJoin('unit', 'unit.id', 'upload.unit_id')
    .leftJoin('device', 'device.id', 'upload.device_id')
    .select([
      'upload.id',
      'upload.name',
      'upload.unit_id',
      'unit.name as unit_name',
      'upload.offload_id',
      'upload.device_id',
      'device.serial',
      'upload.size',
      'upload.durable_offset',
      'upload.state',
      'upload.created_at',
      'upload.received_at',
    ])
    .where('upload.unit_id', 'in', [...units])
    .where('upload.state', 'in', open)
    .$if(after !== undefined, (query) =>
      query.where(sql<boolean>`(upload.created_at, upload.id) < (${after?.at}::timestamptz, ${after?.id}::uuid)`),
    )
    .orderBy('upload.created_at', 'desc')
    .orderBy('upload.id', 'desc')
    .limit(page.limit + 1)
    .execute();
  const { items, next } = pageOf(rows, page.limit, (row) => ({ at: row.created_at, id: row.id }));
  return {
    next,
    items: items.map((row) => ({
      id: row.id,
      name: row.name,
      unit: { id: row.unit_id, name: row.unit_name },
      offload: row.offload_id,
      device: row.device_id === null ? null : { id: row.device_id, serial: row.serial ?? '' },
      size: row.size,
      offset: row.durable_offset,
      state: row.state,
      createdAt: row.created_at.toISOString(),
      receivedAt: row.received_at?.toISOString() ?? null,
    })),
  };
}

/** How many uploads are in each state before sealing. */
export async function countUnsealedUploads(
  db: Executor,
): Promise<Readonly<Record<'receiving' | 'received' | 'sealing', number>>> {
  const rows = await db
    .selectFrom('upload')
    .select((eb) => ['state', eb.fn.countAll<number>().as('count')])
    .where('state', 'in', open)
    .groupBy('state')
    .execute();
  const counts = new Map<string, number>(rows.map(({ state, count }) => [state, count]));
  return {
    receiving: counts.get('receiving') ?? 0,
    received: counts.get('received') ?? 0,
    sealing: counts.get('sealing') ?? 0,
  };
}
