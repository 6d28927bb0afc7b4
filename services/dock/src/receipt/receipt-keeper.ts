import { rm } from 'node:fs/promises';
import type { Receipt } from '@fengcun/contracts';
import { type LegName, verifyReceipt } from '@fengcun/verifier';
import { DockError } from '../errors.ts';
import { writeDurably } from '../home/durable-file.ts';
import { digestFile } from '../scan/digest-file.ts';
import { quarantineNotePathOf, receiptPathOf } from './receipt-file.ts';

/** Saves receipts beside the files they are for, and only receipts that hold. */
export interface ReceiptKeeper {
  /**
   * Checks the receipt against the digest this dock computed itself and the log keys it was enrolled with, then writes it durably.
   * Rejects `receipt_does_not_hold`; the file is never touched then.
   */
  keep(path: string, receipt: Receipt, own: { size: number; sha256: string }): Promise<void>;
  /** Leaves a note beside a file that the server quarantined, so that `watch` does not send it for ever. */
  noteQuarantine(path: string, note: { evidence: string | null; sha256: string }): Promise<void>;
}

/**
 * What a dock must see proved before it trusts a receipt. SM3 and the part tree are not among them: the SHA-256 this dock computed
 * itself already ties the receipt to the file, and computing SM3 here would take longer than sending. `verify` checks them all.
 */
const required: ReadonlySet<LegName> = new Set([
  'receipt',
  'entry',
  'size',
  'sha256',
  'inclusion',
  'checkpoint_signature',
  'log_key',
]);

export function createReceiptKeeper(options: { logKeys: readonly string[]; deleteAfterSeal: boolean }): ReceiptKeeper {
  return {
    async keep(path, receipt, own) {
      const text = `${JSON.stringify(receipt, null, 2)}\n`;
      const content = { size: own.size, sha256: own.sha256, sm3: null, tree: null };
      const { legs } = verifyReceipt({ receipt: text, keys: options.logKeys, content });
      const unproved = legs.filter(
        ({ leg, outcome }) => outcome === 'failed' || (required.has(leg) && outcome !== 'passed'),
      );
      if (unproved.length > 0) {
        const names = unproved.map(({ leg }) => leg).join(', ');
        throw new DockError('receipt_does_not_hold', {
          zh: `服务器给出的回执核验未通过（${names}）。请保留文件并告知审计员。`,
          en: `The server's receipt does not hold (${names}). Keep the file and tell the auditor.`,
        });
      }
      await writeDurably(receiptPathOf(path), text, 0o644);
      if (options.deleteAfterSeal) await deleteIfSealed(path, own.sha256);
    },
    async noteQuarantine(path, note) {
      const text = JSON.stringify({ state: 'quarantined', ...note, at: new Date().toISOString() }, null, 2);
      await writeDurably(quarantineNotePathOf(path), `${text}\n`, 0o644);
    },
  };
}

/** The original on the device goes only when what is there now is, byte for byte, what was sealed. */
async function deleteIfSealed(path: string, sha256: string): Promise<void> {
  const now = await digestFile(path, () => undefined);
  if (now !== sha256) {
    throw new DockError('not_sealed', {
      zh: `${path} 已不是封存时的内容，因此没有删除；下次运行会重新登记。`,
      en: `${path} is no longer what was sealed, so it was not deleted. It will be announced anew at the next run.`,
    });
  }
  await rm(path);
}
