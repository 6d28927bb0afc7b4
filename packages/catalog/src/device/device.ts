import type { Device } from '@fengcun/contracts';
import type { Executor } from '../database/connect.ts';
import { newId } from '../id/id.ts';

export interface DeviceRecord {
  readonly id: string;
  readonly serial: string;
  readonly name: string;
  readonly unitId: string;
  readonly state: Device['state'];
}

export async function findDevice(db: Executor, serial: string): Promise<DeviceRecord | undefined> {
  const row = await db
    .selectFrom('device')
    .select(['id', 'serial', 'name', 'unit_id', 'state'])
    .where('serial', '=', serial)
    .executeTakeFirst();
  return row && { id: row.id, serial: row.serial, name: row.name, unitId: row.unit_id, state: row.state };
}

/**
 * The device of this serial number; one that nobody registered is noted as `unregistered` in the given unit, because footage is never
 * refused for want of paperwork. `isNew` tells the caller to record `device.registered` in the same transaction.
 */
export async function findOrNoteDevice(
  trx: Executor,
  sighting: { readonly serial: string; readonly unitId: string; readonly now: Date },
): Promise<{ readonly device: DeviceRecord; readonly isNew: boolean }> {
  const known = await findDevice(trx, sighting.serial);
  if (known) return { device: known, isNew: false };
  const inserted = await trx
    .insertInto('device')
    .values({
      id: newId(),
      serial: sighting.serial,
      kind: 'other',
      name: sighting.serial,
      unit_id: sighting.unitId,
      state: 'unregistered',
      created_at: sighting.now,
    })
    .onConflict((conflict) => conflict.column('serial').doNothing())
    .returning('id')
    .executeTakeFirst();
  const device = await findDevice(trx, sighting.serial);
  if (!device) throw new Error(`Device ${sighting.serial} is gone although devices are never removed`);
  return { device, isNew: inserted !== undefined };
}

/** Notes that a device handed its recordings over. */
export async function noteOffload(trx: Executor, deviceId: string, at: Date): Promise<void> {
  await trx.updateTable('device').set({ last_offload_at: at }).where('id', '=', deviceId).execute();
}
