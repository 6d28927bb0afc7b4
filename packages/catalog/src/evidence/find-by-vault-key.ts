import type { Executor } from '../database/connect.ts';

/** The item whose original is kept under this key, in whichever vault; undefined where there is none. */
export async function findByVaultKey(
  db: Executor,
  key: string,
): Promise<{ readonly id: string; readonly unit: string } | undefined> {
  return db.selectFrom('evidence').select(['id', 'unit_id as unit']).where('vault_key', '=', key).executeTakeFirst();
}
