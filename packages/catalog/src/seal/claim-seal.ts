import type { Clock } from '@fengcun/runtime';
import { sql } from 'kysely';
import { notifyChange } from '../change/notify.ts';
import type { Database, Executor } from '../database/connect.ts';
import type { UploadTable } from '../database/schema.ts';
import { defaultRetention } from '../retention/rules.ts';
import type { LedgerPart } from '../upload/part-ledger.ts';

/** What the announcement said of the file before a byte was sent. */
export interface AnnouncedFile {
  readonly size: number;
  readonly sha256: string;
}

/** The right to seal one upload, for as long as nobody takes it over, with everything known about what arrived. */
export interface SealClaim {
  readonly id: string;
  /** fences every write: a later claim has a higher one */
  readonly token: number;
  readonly unit: string;
  readonly device: { readonly id: string; readonly serial: string } | null;
  readonly dock: { readonly id: string; readonly name: string } | null;
  readonly account: string | null;
  readonly offload: { readonly id: string; readonly deviceClockOffsetMs: number | null } | null;
  readonly announced: AnnouncedFile | null;
  readonly officer: string | null;
  readonly name: string;
  readonly kind: UploadTable['kind'];
  /** bytes; null while the length is deferred, which a received upload's no longer is */
  readonly size: number | null;
  readonly declaredSha256: string | null;
  /** over the bytes as they arrived, when one process saw them all */
  readonly receivedSha256: string | null;
  readonly recordedFrom: Date | null;
  readonly recordedTo: Date | null;
  readonly receivedAt: Date;
  /** when the term of the kind's default class ends; null: never */
  readonly retainUntil: Date | null;
  readonly keyMark: boolean;
  readonly transfer: { readonly key: string; readonly id: string; readonly partSize: number };
  readonly parts: readonly LedgerPart[];
}

export type ClaimOutcome =
  | { readonly kind: 'claimed'; readonly claim: SealClaim }
  /** nothing to do: sealed or quarantined already, still receiving, given up, or no such upload */
  | { readonly kind: 'not_due'; readonly state: string | null };

/**
 * Takes the seal of a received upload, from another worker too if one has it: whoever claims last is the one whose writes count, so a dead
 * worker is never waited for and a live one is at worst repeated.
 */
export async function claimSeal(db: Database, id: string, lease: { clock: Clock; ms: number }): Promise<ClaimOutcome> {
  const now = lease.clock.now();
  return db.transaction().execute(async (trx) => {
    const upload = await trx
      .updateTable('upload')
      .set({
        state: 'sealing',
        seal_token: sql`seal_token + 1`,
        seal_until: new Date(now.getTime() + lease.ms),
        updated_at: now,
      })
      .where('id', '=', id)
      .where('state', 'in', ['received', 'sealing'])
      .returningAll()
      .executeTakeFirst();
    if (!upload) {
      const found = await trx.selectFrom('upload').select('state').where('id', '=', id).executeTakeFirst();
      return { kind: 'not_due', state: found?.state ?? null };
    }
    await notifyChange(trx, {
      kind: 'upload',
      id,
      unit: upload.unit_id,
      offload: upload.offload_id,
      name: upload.name,
      state: 'sealing',
      offset: upload.durable_offset,
      size: upload.size,
    });
    const [parts, device, dock, offload, announced] = await contextOf(trx, upload);
    const receivedAt = upload.received_at ?? upload.updated_at;
    return {
      kind: 'claimed',
      claim: {
        id,
        token: upload.seal_token,
        unit: upload.unit_id,
        device: device ?? null,
        dock: dock ?? null,
        account: upload.account_id,
        offload: offload ? { id: offload.id, deviceClockOffsetMs: deviceClockOffset(offload) } : null,
        announced: announced ? { size: announced.size, sha256: announced.sha256.toString('hex') } : null,
        officer: upload.officer_number,
        name: upload.name,
        kind: upload.kind,
        size: upload.size,
        declaredSha256: upload.declared_sha256?.toString('hex') ?? null,
        receivedSha256: upload.received_sha256?.toString('hex') ?? null,
        recordedFrom: upload.recorded_from,
        recordedTo: upload.recorded_to,
        receivedAt,
        retainUntil: await defaultRetention(trx, upload.kind, receivedAt),
        keyMark: upload.key_mark,
        transfer: { key: upload.vault_key, id: upload.vault_transfer, partSize: upload.part_size },
        parts: parts.map((part) => ({ ...part, sha256: part.sha256.toString('hex') })),
      },
    };
  });
}

/** Keeps the claim from looking abandoned. False: somebody else has it now; stop. */
export async function renewSeal(db: Executor, claim: SealClaim, lease: { clock: Clock; ms: number }): Promise<boolean> {
  const now = lease.clock.now();
  return touch(db, claim, { seal_until: new Date(now.getTime() + lease.ms), updated_at: now });
}

/** Gives the claim back after a failure, so that the next attempt is not taken for a second worker. */
export async function releaseSeal(db: Executor, claim: SealClaim, clock: Clock): Promise<void> {
  await touch(db, claim, { seal_until: null, updated_at: clock.now() });
}

async function touch(
  db: Executor,
  claim: SealClaim,
  values: { seal_until: Date | null; updated_at: Date },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('upload')
    .set(values)
    .where('id', '=', claim.id)
    .where('state', '=', 'sealing')
    .where('seal_token', '=', claim.token)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

type UploadRow = {
  readonly id: string;
  readonly device_id: string | null;
  readonly dock_id: string | null;
  readonly offload_id: string | null;
  readonly offload_ordinal: number | null;
};

/** One connection takes one query at a time: these follow each other, as the transaction's snapshot of what arrived. */
async function contextOf(db: Executor, upload: UploadRow) {
  const parts = await partsOf(db, upload.id);
  const device = upload.device_id
    ? await db.selectFrom('device').select(['id', 'serial']).where('id', '=', upload.device_id).executeTakeFirst()
    : undefined;
  const dock = upload.dock_id
    ? await db.selectFrom('dock').select(['id', 'name']).where('id', '=', upload.dock_id).executeTakeFirst()
    : undefined;
  const offload = upload.offload_id
    ? await db.selectFrom('offload').selectAll().where('id', '=', upload.offload_id).executeTakeFirst()
    : undefined;
  const announced =
    upload.offload_id !== null && upload.offload_ordinal !== null
      ? await db
          .selectFrom('offload_file')
          .select(['size', 'sha256'])
          .where('offload_id', '=', upload.offload_id)
          .where('ordinal', '=', upload.offload_ordinal)
          .executeTakeFirst()
      : undefined;
  return [parts, device, dock, offload, announced] as const;
}

const partsOf = (db: Executor, id: string) =>
  db
    .selectFrom('upload_part')
    .select(['part_number as partNumber', 'size', 'sha256', 'etag'])
    .where('upload_id', '=', id)
    .orderBy('part_number')
    .execute();

/**
 * How far the device's clock was ahead, in ms. The dock reads both clocks at one moment, so their difference holds even when the
 * announcement reached us late; without a dock's clock the time of the announcement is the best there is.
 */
function deviceClockOffset(offload: {
  readonly device_clock: Date | null;
  readonly dock_clock: Date | null;
  readonly opened_at: Date;
}): number | null {
  if (!offload.device_clock) return null;
  return offload.device_clock.getTime() - (offload.dock_clock ?? offload.opened_at).getTime();
}
