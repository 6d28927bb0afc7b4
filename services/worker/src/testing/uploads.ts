import { createHash, randomBytes } from 'node:crypto';
import { type Database, enqueue, newId } from '@fengcun/catalog';
import { parseObjectKey, type StoredPart, type Transfer, type Vault } from '@fengcun/vault';

/** A unit with a dock and a device, as every upload needs them. */
export interface TestBureau {
  readonly unit: string;
  readonly dock: string;
  readonly device: string;
}

export async function seedBureau(db: Database): Promise<TestBureau> {
  const bureau = { unit: newId(), dock: newId(), device: newId() };
  const created_at = new Date();
  await db
    .insertInto('unit')
    .values({ id: bureau.unit, parent_id: null, name: '城东中队', code: bureau.unit, path: [bureau.unit] })
    .execute();
  await db
    .insertInto('dock')
    .values({ id: bureau.dock, name: '一号采集站', unit_id: bureau.unit, created_at })
    .execute();
  await db
    .insertInto('device')
    .values({
      id: bureau.device,
      serial: `SN${bureau.device.slice(-7)}`,
      kind: 'body_camera',
      name: '执法记录仪',
      unit_id: bureau.unit,
      state: 'in_use',
      created_at,
    })
    .execute();
  return bureau;
}

export interface UploadDraft {
  readonly name?: string;
  readonly kind?: 'video' | 'audio' | 'document' | 'other';
  readonly size: number;
  readonly partSize?: number;
  /** hex; null: not declared */
  readonly declaredSha256?: string | null;
  readonly receivedSha256?: string | null;
  readonly receivedAt?: Date;
  readonly officer?: string | null;
  /** announces the file in an offload first, with this size and digest */
  readonly announced?: { readonly size: number; readonly sha256: string };
}

/** An upload under way, part by part, as the upload service would write it. */
export interface TestUpload {
  readonly id: string;
  readonly transfer: Transfer;
  readonly parts: readonly StoredPart[];
  /** Sends a part, or sends it again. */
  sendPart(partNumber: number, bytes: Uint8Array): Promise<void>;
  /** The last byte has arrived: `received`, and the seal is asked for. */
  finish(): Promise<void>;
}

export async function beginUpload(
  db: Database,
  vault: Vault,
  bureau: TestBureau,
  draft: UploadDraft,
): Promise<TestUpload> {
  const id = newId();
  const partSize = draft.partSize ?? 16 * 1024 * 1024;
  const key = parseObjectKey(`original/${id.slice(0, 2)}/${id}`);
  const transfer = await vault.createTransfer(key, partSize);
  const offload = draft.announced ? await announce(db, bureau, draft.announced) : null;
  const now = new Date();
  await db
    .insertInto('upload')
    .values({
      id,
      unit_id: bureau.unit,
      device_id: bureau.device,
      dock_id: bureau.dock,
      offload_id: offload,
      offload_ordinal: offload === null ? null : 0,
      officer_number: draft.officer === undefined ? '410001' : draft.officer,
      name: draft.name ?? '现场 执法 📹.mp4',
      kind: draft.kind ?? 'video',
      size: draft.size,
      declared_sha256: draft.declaredSha256 ? Buffer.from(draft.declaredSha256, 'hex') : null,
      received_sha256: draft.receivedSha256 ? Buffer.from(draft.receivedSha256, 'hex') : null,
      metadata: '{}',
      part_size: partSize,
      vault_key: key,
      vault_transfer: transfer.id,
      created_at: now,
      updated_at: now,
      expires_at: new Date(now.getTime() + 86_400_000),
    })
    .execute();
  const parts = new Map<number, StoredPart>();
  return {
    id,
    transfer,
    get parts() {
      return [...parts.values()];
    },
    async sendPart(partNumber, bytes) {
      const writer = await vault.openPart(transfer, partNumber, 0);
      for (let at = 0; at < bytes.length; at += 1024 * 1024) await writer.write(bytes.subarray(at, at + 1024 * 1024));
      const part = await writer.commit(createHash('sha256').update(bytes).digest('hex'));
      parts.set(partNumber, part);
      const row = { size: part.size, sha256: Buffer.from(part.sha256, 'hex'), etag: part.etag };
      await db
        .insertInto('upload_part')
        .values({ upload_id: id, part_number: partNumber, ...row })
        .onConflict((conflict) => conflict.columns(['upload_id', 'part_number']).doUpdateSet(row))
        .execute();
      const durable = [...parts.values()].reduce((sum, stored) => sum + stored.size, 0);
      await db
        .updateTable('upload')
        .set({ durable_offset: durable, updated_at: new Date() })
        .where('id', '=', id)
        .execute();
    },
    async finish() {
      await db.transaction().execute(async (trx) => {
        const at = draft.receivedAt ?? new Date();
        await trx
          .updateTable('upload')
          .set({ state: 'received', received_at: at, updated_at: at })
          .where('id', '=', id)
          .execute();
        await enqueue(trx, 'seal', id, { evidence: id });
      });
    },
  };
}

/** A whole upload of these bytes, ready to be sealed. */
export async function receiveUpload(
  db: Database,
  vault: Vault,
  bureau: TestBureau,
  bytes: Uint8Array,
  draft: Omit<UploadDraft, 'size'> = {},
): Promise<TestUpload> {
  const upload = await beginUpload(db, vault, bureau, { ...draft, size: bytes.length });
  const { partSize } = upload.transfer;
  for (let at = 0; at < bytes.length; at += partSize) {
    await upload.sendPart(at / partSize + 1, bytes.subarray(at, at + partSize));
  }
  await upload.finish();
  return upload;
}

async function announce(db: Database, bureau: TestBureau, file: { size: number; sha256: string }): Promise<string> {
  const id = newId();
  const opened = new Date('2026-03-01T08:00:00Z');
  await db
    .insertInto('offload')
    .values({
      id,
      device_id: bureau.device,
      dock_id: bureau.dock,
      unit_id: bureau.unit,
      officer_number: '410001',
      announcement: randomBytes(32),
      device_clock: new Date(opened.getTime() + 5250),
      dock_clock: new Date(opened.getTime() + 250),
      opened_at: opened,
    })
    .execute();
  await db
    .insertInto('offload_file')
    .values({
      offload_id: id,
      ordinal: 0,
      name: 'a.mp4',
      size: file.size,
      sha256: Buffer.from(file.sha256, 'hex'),
      kind: 'video',
      key_mark: false,
    })
    .execute();
  return id;
}
