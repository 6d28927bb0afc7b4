import { appendEvent, type DeviceRecord, type Executor, findOrNoteDevice } from '@fengcun/catalog';
import type { ActorDraft } from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';
import { problem } from '../problems.ts';

/**
 * The device a sender names, noted as `unregistered` with its event when nobody knows it yet. In the caller's transaction. Throws
 * `device_retired`.
 */
export async function registerDevice(
  trx: Executor,
  sighting: { readonly serial: string; readonly unitId: string; readonly actor: ActorDraft },
  clock: Clock,
): Promise<DeviceRecord> {
  const { serial, unitId, actor } = sighting;
  const { device, isNew } = await findOrNoteDevice(trx, { serial, unitId, now: clock.now() });
  if (device.state === 'retired') throw problem('device_retired');
  if (isNew) {
    await appendEvent(
      trx,
      {
        type: 'device.registered',
        actor,
        subject: { kind: 'device', id: device.id },
        data: { serial, kind: 'other', unit: unitId, state: device.state },
      },
      clock,
    );
  }
  return device;
}
