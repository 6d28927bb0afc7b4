import {
  appendEvent,
  countOpenUploads,
  type Database,
  type DeviceRecord,
  type Executor,
  findAnnouncedFile,
  findOffload,
  finishUpload,
  insertUpload,
  newId,
  notifyChange,
  type UploadDraft,
  type UploadRecord,
  type UploadSender,
} from '@fengcun/catalog';
import { type ActorDraft, personal } from '@fengcun/contracts';
import { actorOf, type DockCaller, type Person } from '@fengcun/identity';
import type { Clock } from '@fengcun/runtime';
import type { Vault } from '@fengcun/vault';
import type { UploadConfig } from '../config.ts';
import { problem } from '../problems.ts';
import { partSizeFor } from '../upload-session/part-size.ts';
import type { FileDescription } from './file-description.ts';
import { originalKey } from './original-key.ts';
import { registerDevice } from './register-device.ts';

export interface BeginContext {
  readonly config: UploadConfig;
  readonly catalog: Database;
  readonly vault: Vault;
  readonly clock: Clock;
}

export interface UploadRequest {
  readonly sender: Person | DockCaller;
  /** null: deferred */
  readonly size: number | null;
  readonly file: FileDescription;
  readonly metadata: ReadonlyMap<string, string>;
  /** the header as sent; empty when there was none */
  readonly metadataHeader: string;
}

/** An upload to send bytes to. */
export interface BegunUpload {
  readonly upload: UploadRecord;
  /** false: the announced file already had one, and that is the one to go on with */
  readonly isNew: boolean;
}

/** How the catalogue names a sender. */
export const senderKey = (sender: Person | DockCaller): UploadSender =>
  sender.kind === 'dock' ? { kind: 'dock', id: sender.dock.id } : { kind: 'account', id: sender.account.id };

/**
 * Creates an upload, or answers the one that an announced file already has. Throws problems `too_large`, `too_many_uploads`, `no_space`,
 * `offload_unknown`, `offload_foreign`, `file_not_announced`.
 */
export async function beginUpload(context: BeginContext, request: UploadRequest): Promise<BegunUpload> {
  const { config, catalog } = context;
  if (request.size !== null && request.size > config.maxSize) throw problem('too_large');
  const origin = await originOf(context, request);
  if (origin.existing) return { upload: origin.existing, isNew: false };
  if ((await countOpenUploads(catalog, senderKey(request.sender))) >= config.openPerSender) {
    throw problem('too_many_uploads', {
      detail: `You have ${config.openPerSender} unfinished uploads. Finish or terminate some of them first.`,
      headers: { 'retry-after': '60' },
    });
  }
  await requireHeadroom(context, request.size);
  return (await create(context, request, origin)) ?? beginUpload(context, request);
}

/** Where a file comes from, and what was announced of it. */
type Origin = Pick<
  UploadDraft,
  'unitId' | 'offload' | 'officerNumber' | 'kind' | 'recordedFrom' | 'recordedTo' | 'keyMark' | 'sequence'
> & { readonly device: string | { readonly serial: string } | null; readonly existing: UploadRecord | undefined };

async function originOf(context: BeginContext, request: UploadRequest): Promise<Origin> {
  const { file, sender } = request;
  if (file.offload !== null) return announcedOrigin(context, request, file.offload);
  return {
    unitId: sender.kind === 'dock' ? sender.dock.unitId : sender.account.unitId,
    device: file.device === null ? null : { serial: file.device },
    offload: null,
    officerNumber: file.officer ?? (sender.kind === 'person' ? sender.account.officerNumber : null),
    kind: file.kind,
    recordedFrom: file.recordedFrom,
    recordedTo: file.recordedTo,
    keyMark: false,
    sequence: null,
    existing: undefined,
  };
}

async function announcedOrigin({ catalog }: BeginContext, request: UploadRequest, id: string): Promise<Origin> {
  const { file, size } = request;
  const sender = senderKey(request.sender);
  const offload = await findOffload(catalog, id);
  if (!offload) throw problem('offload_unknown');
  if (offload.sender.kind !== sender.kind || offload.sender.id !== sender.id) throw problem('offload_foreign');
  if (file.originalName === null || file.sha256 === null || size === null) throw problem('file_not_announced');
  const announced = await findAnnouncedFile(catalog, {
    offloadId: id,
    name: file.originalName,
    size,
    sha256: Buffer.from(file.sha256, 'hex'),
  });
  if (!announced) throw problem('file_not_announced');
  const { ordinal, kind, recordedFrom, recordedTo, keyMark, sequence, upload } = announced;
  return {
    unitId: offload.unitId,
    device: offload.deviceId,
    offload: { id, ordinal },
    officerNumber: offload.officerNumber,
    kind,
    recordedFrom,
    recordedTo,
    keyMark,
    sequence,
    existing: upload,
  };
}

async function requireHeadroom({ vault }: BeginContext, size: number | null): Promise<void> {
  const headroom = await vault.headroom();
  if (headroom !== null && headroom < (size ?? 1)) throw problem('no_space', { headers: { 'retry-after': '300' } });
}

/**
 * A vault transfer, then row and event in one transaction. Dying in between leaves an empty transfer that no row names (`sweepOrphans`). Undefined when a faster request created the announced file's upload.
 */
async function create(context: BeginContext, request: UploadRequest, origin: Origin): Promise<BegunUpload | undefined> {
  const { config, catalog, vault, clock } = context;
  const { file, size, sender } = request;
  const id = newId();
  const partSize = partSizeFor(size ?? config.maxSize, config.partSize);
  const transfer = await vault.createTransfer(originalKey(id), partSize);
  const now = clock.now();
  const actor = actorOf(sender);
  const upload = await catalog
    .transaction()
    .execute(async (trx) => {
      const device = await deviceOf(trx, origin, actor, clock);
      const record = await insertUpload(trx, {
        id,
        unitId: origin.unitId,
        deviceId: device,
        offload: origin.offload,
        sender: senderKey(sender),
        officerNumber: origin.officerNumber,
        name: file.name,
        kind: origin.kind,
        size,
        declaredSha256: file.sha256 === null ? null : Buffer.from(file.sha256, 'hex'),
        recordedFrom: origin.recordedFrom,
        recordedTo: origin.recordedTo,
        keyMark: origin.keyMark,
        sequence: origin.sequence,
        metadata: Object.fromEntries(request.metadata),
        metadataHeader: request.metadataHeader,
        partSize,
        vaultKey: transfer.key,
        vaultTransfer: transfer.id,
        createdAt: now,
        expiresAt: new Date(now.getTime() + config.expiryHours * 3_600_000),
      });
      if (record) await recordStart(trx, record, request, actor, clock);
      return record;
    })
    .catch(async (error: unknown) => {
      await vault.abort(transfer).catch(() => undefined);
      throw error;
    });
  if (upload) return { upload, isNew: true };
  await vault.abort(transfer);
  return undefined;
}

async function recordStart(
  trx: Executor,
  upload: UploadRecord,
  { size, file }: UploadRequest,
  actor: ActorDraft,
  clock: Clock,
): Promise<void> {
  const { id, unitId, offloadId, name } = upload;
  await appendEvent(
    trx,
    {
      type: 'upload.started',
      actor,
      subject: { kind: 'evidence', id },
      data: {
        name: personal(name),
        size,
        declared: file.sha256 === null ? null : { sha256: file.sha256 },
        offload: offloadId,
        unit: unitId,
      },
    },
    clock,
  );
  if (size === 0) {
    // "Such an upload is immediately complete after its creation without transferring data using PATCH requests." (tus 1.0, Creation)
    const now = clock.now();
    const progress = {
      uploadId: id,
      token: upload.leaseToken,
      parts: [],
      offset: 0,
      tailLength: 0,
      expiresAt: now,
      now,
    };
    await finishUpload(trx, { ...progress, receivedSha256: null });
  }
  const state = size === 0 ? 'received' : 'receiving';
  await notifyChange(trx, { kind: 'upload', id, unit: unitId, offload: offloadId, name, state, offset: 0, size });
}

async function deviceOf(trx: Executor, origin: Origin, actor: ActorDraft, clock: Clock): Promise<string | null> {
  const { device } = origin;
  if (device === null || typeof device === 'string') return device;
  const known: DeviceRecord = await registerDevice(trx, { serial: device.serial, unitId: origin.unitId, actor }, clock);
  return known.id;
}
