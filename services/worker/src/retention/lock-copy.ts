import { lockTarget } from '@fengcun/policy';
import type { ObjectVersion, Protection, Vault } from '@fengcun/vault';
import { WorkerError } from '../errors.ts';
import { lockUntil } from '../seal/lock.ts';

/** What an item's keeping asks of each of its objects. */
export interface LockWish {
  /** null: for ever */
  readonly until: Date | null;
  readonly held: boolean;
}

/**
 * Makes the vault lock a version as wished, and answers what the vault itself then says. A term that has run out asks for nothing more, and a
 * lock that reaches further stays. Rejects `lock_missing` or `hold_missing` when what was asked for cannot be read back.
 */
export async function lockCopy(vault: Vault, version: ObjectVersion, wish: LockWish, now: Date): Promise<Protection> {
  const target = lockTarget(wish.until, now);
  const locked = target > now ? await lockUntil(vault, version, target) : await vault.protection(version);
  if (locked.legalHold === wish.held) return locked;
  await vault.setLegalHold(version, wish.held);
  const shown = await vault.protection(version);
  if (shown.legalHold !== wish.held) {
    throw new WorkerError('hold_missing', `asked to ${wish.held ? 'hold' : 'let go of'} ${version.key}`);
  }
  return shown;
}
