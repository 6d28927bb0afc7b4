import { appendEvent, type DeviceRecord, type Executor, findOrNoteDevice, raiseAlarmOnce } from '@fengcun/catalog';
import { type ActorDraft, finding } from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';

/**
 * The device a sender names, noted as `unregistered` with its event when nobody knows it yet. In the caller's transaction. What the register
 * says of a device is no reason to refuse its footage: one that was lost or retired is taken too, and raises an alarm.
 */
export async function registerDevice(
  trx: Executor,
  sighting: { readonly serial: string; readonly unitId: string; readonly actor: ActorDraft },
  clock: Clock,
): Promise<DeviceRecord> {
  const { serial, unitId, actor } = sighting;
  const { device, isNew } = await findOrNoteDevice(trx, { serial, unitId, now: clock.now() });
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
  if (device.state === 'lost' || device.state === 'retired') await alarmOnce(trx, device, clock);
  return device;
}

/** One alarm stands for everything such a device hands over until somebody has looked. */
async function alarmOnce(trx: Executor, device: DeviceRecord, clock: Clock): Promise<void> {
  const subject = { kind: 'device', id: device.id } as const;
  await raiseAlarmOnce(
    trx,
    {
      kind: 'device_unexpected',
      unit: device.unitId,
      subject,
      findings: [
        finding(device.state === 'lost' ? 'lost_device_seen' : 'retired_device_seen', { device: device.serial }),
      ],
      by: 'upload',
    },
    clock,
  );
}
