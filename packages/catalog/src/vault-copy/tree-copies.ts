import type { VaultName } from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';
import type { Database, Executor } from '../database/connect.ts';
import { appendEvent } from '../ledger/append-event.ts';
import { lockKeptRetention } from '../retention/lock-kept.ts';

/** The object with the leaves of an item's part tree, in one vault. */
export interface StoredTree {
  readonly vault: VaultName;
  readonly key: string;
  readonly versionId: string;
}

/** Where the leaves of an item's part tree are, at most one object for each vault, the primary one first. */
export async function storedTrees(db: Executor, evidence: string): Promise<readonly StoredTree[]> {
  const sealed = await db
    .selectFrom('evidence')
    .select(['tree_key', 'tree_version'])
    .where('id', '=', evidence)
    .executeTakeFirst();
  const rows = await db
    .selectFrom('tree_copy')
    .select(['vault', 'vault_key as key', 'vault_version as versionId'])
    .where('evidence_id', '=', evidence)
    .where('superseded_at', 'is', null)
    .orderBy('vault')
    .execute();
  if (!sealed?.tree_key || !sealed.tree_version || rows.some(({ vault }) => vault === 'primary')) return rows;
  return [{ vault: 'primary', key: sealed.tree_key, versionId: sealed.tree_version }, ...rows];
}

/** Makes an object the one with the leaves in its vault; what was there before stays where it is. In the caller's transaction. */
export async function noteTreeCopy(trx: Executor, evidence: string, tree: StoredTree, now: Date): Promise<void> {
  await trx
    .updateTable('tree_copy')
    .set({ superseded_at: now })
    .where('evidence_id', '=', evidence)
    .where('vault', '=', tree.vault)
    .where('superseded_at', 'is', null)
    .execute();
  await trx
    .insertInto('tree_copy')
    .values({
      evidence_id: evidence,
      vault: tree.vault,
      vault_key: tree.key,
      vault_version: tree.versionId,
      created_at: now,
    })
    .execute();
}

/** Leaves made anew from a copy that was read whole, in the place of some that were lost or changed. */
export interface RestoredLeaves {
  readonly evidence: string;
  readonly tree: StoredTree;
  /** version that is read no longer; null where there was none */
  readonly replaced: string | null;
  /** of the part tree, lower-case hex */
  readonly root: string;
  /** of the item's retention, when the leaves were locked as it asked */
  readonly revision: number;
}

/**
 * Notes restored leaves, on record. False: their item is being disposed of, its retention was changed meanwhile, or somebody else has restored
 * them; nothing was written.
 */
export async function commitRestoredLeaves(
  db: Database,
  { evidence, tree, replaced, root, revision }: RestoredLeaves,
  by: { readonly service: string; readonly clock: Clock },
): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const kept = await lockKeptRetention(trx, evidence);
    if (kept?.revision !== revision) return false;
    const present = (await storedTrees(trx, evidence)).find(({ vault }) => vault === tree.vault);
    if ((present?.versionId ?? null) !== replaced) return false;
    await noteTreeCopy(trx, evidence, tree, by.clock.now());
    await appendEvent(
      trx,
      {
        type: 'copy.leaves_restored',
        actor: { kind: 'system', id: by.service, name: null },
        subject: { kind: 'evidence', id: evidence },
        data: { vault: tree.vault, version: tree.versionId, replaced, root },
      },
      by.clock,
    );
    return true;
  });
}
