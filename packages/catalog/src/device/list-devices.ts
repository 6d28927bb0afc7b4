import type { Device } from '@fengcun/contracts';
import type { Executor } from '../database/connect.ts';

/** Recorders of the given units, by serial number. */
export async function listDevices(db: Executor, units: readonly string[]): Promise<Device[]> {
  if (units.length === 0) return [];
  const rows = await db
    .selectFrom('device')
    .innerJoin('unit', 'unit.id', 'device.unit_id')
    .select(['device.id', 'device.serial', 'device.kind', 'device.name', 'device.unit_id', 'unit.name as unit_name'])
    .select(['device.state', 'device.last_offload_at'])
    .where('device.unit_id', 'in', [...units])
    .orderBy('device.serial')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    serial: row.serial,
    kind: row.kind,
    name: row.name,
    unit: { id: row.unit_id, name: row.unit_name },
    state: row.state,
    lastOffloadAt: row.last_offload_at?.toISOString() ?? null,
  }));
}
