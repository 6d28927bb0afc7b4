import {
  appendEvent,
  type Database,
  expireUpload,
  listOverdueUploads,
  listUnclearedTransfers,
  markCleared,
  notifyChange,
  type UnclearedTransfer,
} from '@fengcun/catalog';
import type { Clock, Logger } from '@fengcun/runtime';
import { parseObjectKey, type Vault } from '@fengcun/vault';

export interface ExpiryOptions {
  readonly catalog: Database;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'warn'>;
}

const batch = 100;

/**
 * Expires the uploads that were never completed in their time, each with its event, and then frees the vault of what they and terminated
 * ones left. Any number of processes may do it at once. Answers how many uploads expired.
 */
export async function expireUploads(options: ExpiryOptions): Promise<number> {
  const { catalog, clock, vault, log } = options;
  let expired = 0;
  for (const id of await listOverdueUploads(catalog, clock.now(), batch)) if (await expireOne(options, id)) expired++;
  for (const transfer of await listUnclearedTransfers(catalog, batch)) {
    await clearTransfer({ catalog, vault, clock }, transfer).catch((error: unknown) =>
      log.warn({ err: error, upload: transfer.uploadId }, 'an ended upload could not be cleared from the vault'),
    );
  }
  return expired;
}

async function expireOne({ catalog, clock }: ExpiryOptions, id: string): Promise<boolean> {
  return catalog.transaction().execute(async (trx) => {
    const upload = await expireUpload(trx, id, clock.now());
    if (!upload) return false;
    await appendEvent(
      trx,
      {
        type: 'upload.expired',
        actor: { kind: 'system', id: 'upload', name: null },
        subject: { kind: 'evidence', id },
        data: { offset: upload.durableOffset, size: upload.size },
      },
      clock,
    );
    await notifyChange(trx, {
      kind: 'upload',
      id,
      unit: upload.unitId,
      offload: upload.offloadId,
      name: upload.name,
      state: 'expired',
      offset: upload.durableOffset,
      size: upload.size,
    });
    return true;
  });
}

/** Removes an ended upload's bytes from the vault. The event came first: dying in between leaves bytes, never a silent removal. */
export async function clearTransfer(
  { catalog, vault, clock }: Pick<ExpiryOptions, 'catalog' | 'vault' | 'clock'>,
  transfer: UnclearedTransfer,
): Promise<void> {
  await vault.abort({ key: parseObjectKey(transfer.vaultKey), id: transfer.vaultTransfer });
  await catalog.transaction().execute((trx) => markCleared(trx, transfer.uploadId, clock.now()));
}
