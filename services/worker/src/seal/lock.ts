import type { SealClaim } from '@fengcun/catalog';
import { lockTarget } from '@fengcun/policy';
import type { ObjectVersion, Protection, Vault } from '@fengcun/vault';
import { WorkerError } from '../errors.ts';

const dayMs = 24 * 60 * 60 * 1000;

/**
 * The term of the kind's default class, and no less than `days`. Both are counted from when the bytes arrived, so that a repeated seal asks
 * for the same date; but at least a day from now, for an upload that had to wait longer than its retention: what is sealed is locked.
 */
export function retainUntil(
  { receivedAt, retainUntil: term }: Pick<SealClaim, 'receivedAt' | 'retainUntil'>,
  days: number,
  now: Date,
): Date {
  const least = Math.max(receivedAt.getTime() + days * dayMs, now.getTime() + dayMs);
  return new Date(Math.max(least, lockTarget(term, now).getTime()));
}

/**
 * Locks a version until at least `until` and answers what the vault itself then says. A lock that already reaches further stays: retention
 * is extend-only. Rejects `lock_missing` when the vault took the call and shows no such lock: a lock is what can be read back.
 */
export async function lockUntil(vault: Vault, version: ObjectVersion, until: Date): Promise<Protection> {
  if (!covers(await vault.protection(version), until)) await vault.retain(version, until);
  const shown = await vault.protection(version);
  if (!covers(shown, until)) {
    throw new WorkerError(
      'lock_missing',
      `asked until ${until.toISOString()}, shown ${shown.mode} until ${shown.retainUntil?.toISOString() ?? 'never'}`,
    );
  }
  return shown;
}

const covers = (protection: Protection, until: Date): boolean =>
  protection.mode === 'compliance' && protection.retainUntil !== null && protection.retainUntil >= until;
