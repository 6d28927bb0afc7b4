import {
  appendEvent,
  type Database,
  type Executor,
  findByAnnouncement,
  type GapRange,
  insertGaps,
  insertOffload,
  noteOffload,
  notifyChange,
  type OffloadDraft,
  raiseAlarm,
} from '@fengcun/catalog';
import { finding, type OffloadRequest, personal } from '@fengcun/contracts';
import { actorOf, type DockCaller, type Person } from '@fengcun/identity';
import type { Clock } from '@fengcun/runtime';
import { senderKey } from '../uploads/begin-upload.ts';
import { registerDevice } from '../uploads/register-device.ts';
import { announcementDigest, fileDraft } from './announcement.ts';
import { findGaps } from './find-gaps.ts';

/**
 * Opens an offload with its event, its gaps and their alarm, in one transaction; the same announcement answers the offload it opened
 * before. Answers its id.
 */
export async function openAnnouncedOffload(
  context: { readonly catalog: Database; readonly clock: Clock },
  sender: Person | DockCaller,
  request: OffloadRequest,
): Promise<string> {
  const { catalog } = context;
  const announcement = announcementDigest(senderKey(sender), request);
  const known = await findByAnnouncement(catalog, announcement);
  if (known) return known;
  const opened = await catalog.transaction().execute((trx) => open(trx, context.clock, sender, request, announcement));
  if (opened) return opened;
  const faster = await findByAnnouncement(catalog, announcement);
  if (!faster) throw new Error('An announcement was refused as known and is not known');
  return faster;
}

async function open(
  trx: Executor,
  clock: Clock,
  sender: Person | DockCaller,
  request: OffloadRequest,
  announcement: Buffer,
): Promise<string | undefined> {
  const now = clock.now();
  const actor = actorOf(sender);
  const unitId = sender.kind === 'dock' ? sender.dock.unitId : sender.account.unitId;
  const device = await registerDevice(trx, { serial: request.device, unitId, actor }, clock);
  const files = request.files.map(fileDraft);
  const gaps = await findGaps(
    trx,
    device.id,
    files.flatMap(({ sequence }) => (sequence === null ? [] : [sequence])),
  );
  const draft: OffloadDraft = {
    deviceId: device.id,
    unitId,
    sender: senderKey(sender),
    officerNumber: request.officer ?? (sender.kind === 'person' ? sender.account.officerNumber : null),
    announcement,
    deviceClock: request.deviceClock === undefined ? null : new Date(request.deviceClock),
    dockClock: new Date(request.dockClock),
    now,
  };
  const id = await insertOffload(trx, draft, files);
  if (id === undefined) return undefined;
  await noteOffload(trx, device.id, now);
  await appendEvent(
    trx,
    {
      type: 'offload.opened',
      actor,
      subject: { kind: 'offload', id },
      data: {
        device: { id: device.id, serial: device.serial },
        dock: sender.kind === 'dock' ? sender.dock.id : null,
        unit: unitId,
        officer: draft.officerNumber === null ? null : personal(draft.officerNumber),
        files: files.length,
        bytes: files.reduce((sum, { size }) => sum + size, 0),
        announcement: announcement.toString('hex'),
        deviceClock: draft.deviceClock?.toISOString() ?? null,
        dockClock: draft.dockClock?.toISOString() ?? null,
      },
    },
    clock,
  );
  await noteGaps(trx, clock, { id, unitId, device }, gaps);
  await notifyChange(trx, { kind: 'offload', id, unit: unitId });
  return id;
}

async function noteGaps(
  trx: Executor,
  clock: Clock,
  offload: {
    readonly id: string;
    readonly unitId: string;
    readonly device: { readonly id: string; readonly serial: string };
  },
  gaps: readonly GapRange[],
): Promise<void> {
  const { id, unitId, device } = offload;
  const fresh = await insertGaps(trx, { id, deviceId: device.id }, gaps);
  if (fresh.length === 0) return;
  const shown = fresh.slice(0, 5).map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`));
  const missing = { device: device.serial, numbers: shown.join(', ') };
  const more = fresh.length - shown.length;
  await raiseAlarm(
    trx,
    {
      kind: 'sequence_gap',
      unit: unitId,
      subject: { kind: 'offload', id },
      findings: [
        more > 0 ? finding('more_numbers_missing', { ...missing, more }) : finding('numbers_missing', missing),
      ],
      by: 'upload',
    },
    clock,
  );
}
