import type { Executor } from '../database/connect.ts';

/** Which of these vault keys an upload, in whatever state, was begun under. */
export async function knownVaultKeys(db: Executor, keys: readonly string[]): Promise<ReadonlySet<string>> {
  if (keys.length === 0) return new Set();
  const rows = await db.selectFrom('upload').select('vault_key').where('vault_key', 'in', keys).execute();
  return new Set(rows.map((row) => row.vault_key));
}
