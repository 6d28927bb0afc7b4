import { type DispositionRefusal, type Finding, finding, storeFindings, type VaultName } from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';
import { sql } from 'kysely';
import { notifyChange } from '../change/notify.ts';
import type { Database, Executor } from '../database/connect.ts';
import { appendEvent } from '../ledger/append-event.ts';
import { type Staleness, untouched } from '../staleness/staleness.ts';
import { type DispositionJudge, lockKept } from './dispositions.ts';

/** An object that goes with an item. */
export interface DoomedObject {
  readonly vault: VaultName;
  /** `original`: a copy of the recording, which the engine locks; `beside`: part tree, playable copy, pictures */
  readonly what: 'original' | 'beside';
  readonly key: string;
  readonly versionId: string;
  readonly size: number;
}

/** A copy that was being sent when its item was disposed of. */
export interface DoomedTransfer {
  readonly vault: VaultName;
  readonly key: string;
  readonly transfer: string;
}

export interface DisposalPlan {
  readonly disposition: string;
  readonly evidence: string;
  readonly unit: string;
  readonly state: 'approved' | 'disposing';
  readonly objects: readonly DoomedObject[];
  readonly transfers: readonly DoomedTransfer[];
}

/** Everything that would be deleted, or was written down to be; null when the disposition is not to be carried out. */
export async function planDisposal(db: Executor, disposition: string): Promise<DisposalPlan | null> {
  const row = await db.selectFrom('disposition').selectAll().where('id', '=', disposition).executeTakeFirst();
  if (!row || (row.state !== 'approved' && row.state !== 'disposing')) return null;
  const base = { disposition, evidence: row.evidence_id, unit: row.unit_id, state: row.state };
  if (row.state === 'disposing') return { ...base, ...(row.objects as Doomed) };
  return { ...base, ...(await everythingOf(db, row.evidence_id)) };
}

type Doomed = Pick<DisposalPlan, 'objects' | 'transfers'>;

async function everythingOf(db: Executor, evidence: string): Promise<Doomed> {
  const item = await db
    .selectFrom('evidence')
    .select(['size', 'vault_key', 'vault_version', 'tree_key', 'tree_version', 'tree_leaf_size'])
    .where('id', '=', evidence)
    .executeTakeFirstOrThrow();
  const copies = await db.selectFrom('vault_copy').selectAll().where('evidence_id', '=', evidence).execute();
  const derivatives = await db
    .selectFrom('derivative')
    .select(['vault_key', 'vault_version', 'vault_size'])
    .where('evidence_id', '=', evidence)
    .where('vault_version', 'is not', null)
    .execute();
  const objects: DoomedObject[] = [];
  const add = (
    vault: VaultName,
    what: DoomedObject['what'],
    key: string | null,
    version: string | null,
    size: number,
  ) => {
    if (key === null || version === null) return;
    if (objects.some((known) => known.vault === vault && known.key === key && known.versionId === version)) return;
    objects.push({ vault, what, key, versionId: version, size });
  };
  add('primary', 'original', item.vault_key, item.vault_version, item.size);
  for (const copy of copies) {
    if (copy.state !== 'removed') add(copy.vault, 'original', copy.vault_key, copy.vault_version, item.size);
  }
  // Leaves are 32 bytes; only the key and the version matter for deleting.
  const leaves = Math.max(1, Math.ceil(item.size / item.tree_leaf_size)) * 32;
  add('primary', 'beside', item.tree_key, item.tree_version, leaves);
  const trees = await db.selectFrom('tree_copy').selectAll().where('evidence_id', '=', evidence).execute();
  for (const tree of trees) add(tree.vault, 'beside', tree.vault_key, tree.vault_version, leaves);
  for (const made of derivatives) add('primary', 'beside', made.vault_key, made.vault_version, made.vault_size ?? 0);
  const renders = await db
    .selectFrom('redaction_render')
    .select(['vault_key', 'vault_version', 'size', 'play_vault_key', 'play_vault_version', 'play_size'])
    .where('evidence_id', '=', evidence)
    .where('cleared_at', 'is', null)
    .execute();
  for (const made of renders) {
    add('primary', 'beside', made.vault_key, made.vault_version, made.size ?? 0);
    add('primary', 'beside', made.play_vault_key, made.play_vault_version, made.play_size ?? 0);
  }
  const transfers = copies.flatMap(({ vault, vault_key, vault_transfer }) =>
    vault_transfer === null ? [] : [{ vault, key: vault_key, transfer: vault_transfer }],
  );
  return { objects, transfers };
}

/**
 * - `under_way`: written down what goes; from here on nothing stops it
 * - `copying`: a copy of the item is just being made; try again when that is over
 * - `over`: decided otherwise in the meantime, or done
 */
export type BeginOutcome =
  | { readonly kind: 'under_way'; readonly plan: DisposalPlan }
  | { readonly kind: 'refused'; readonly code: DispositionRefusal }
  | { readonly kind: 'copying' }
  | { readonly kind: 'over' };

/**
 * The point of no return: in one transaction `judge` is asked once more, everything that goes is written down, and derivatives are settled
 * so that no worker makes new ones. Repeated after a crash it answers what was written down then.
 */
export async function beginDisposal(
  db: Database,
  disposition: string,
  judge: DispositionJudge,
  by: { readonly service: string; readonly clock: Clock },
): Promise<BeginOutcome> {
  const now = by.clock.now();
  return db.transaction().execute(async (trx): Promise<BeginOutcome> => {
    const evidence = await trx
      .selectFrom('disposition')
      .select('evidence_id')
      .where('id', '=', disposition)
      .executeTakeFirst();
    const kept = evidence && (await lockKept(trx, evidence.evidence_id));
    const plan = await planDisposal(trx, disposition);
    if (!kept || !plan) return { kind: 'over' };
    if (plan.state === 'disposing') return { kind: 'under_way', plan };
    const code = judge(kept);
    if (code !== null) {
      await refuse(trx, plan, code, by);
      return { kind: 'refused', code };
    }
    const copying = await trx
      .selectFrom('vault_copy')
      .select('generation')
      .where('evidence_id', '=', plan.evidence)
      .where('state', 'in', ['pending', 'failed'])
      .where('claimed_until', '>', now)
      .executeTakeFirst();
    if (copying) return { kind: 'copying' };
    const { numUpdatedRows } = await trx
      .updateTable('disposition')
      .set({
        state: 'disposing',
        objects: JSON.stringify({ objects: plan.objects, transfers: plan.transfers }),
        detail: null,
        updated_at: now,
      })
      .where('id', '=', disposition)
      .where('state', '=', 'approved')
      .executeTakeFirst();
    if (numUpdatedRows !== 1n) return { kind: 'over' };
    await trx
      .updateTable('evidence_retention')
      .set({ disposal: 'under_way', updated_at: now })
      .where('evidence_id', '=', plan.evidence)
      .execute();
    await forgetDerivatives(trx, plan.evidence, now);
    return { kind: 'under_way', plan: { ...plan, state: 'disposing' } };
  });
}

/** Why there is nothing to play of an item that was disposed of. */
export const disposedReason = 'disposed';

/** What the probe says of the recording's make stays; everything that shows it goes. */
async function forgetDerivatives(trx: Executor, evidence: string, now: Date): Promise<void> {
  const gone = {
    state: 'nothing_to_play',
    reason: disposedReason,
    detail: storeFindings([finding('play_disposed')]),
    claimed_until: null,
    updated_at: now,
  } as const;
  await trx
    .updateTable('derivative')
    .set({ ...gone, data: null, vault_key: null, vault_version: null, vault_size: null })
    .where('evidence_id', '=', evidence)
    .where('kind', '<>', 'probe')
    .execute();
  await trx
    .updateTable('derivative')
    .set(gone)
    .where('evidence_id', '=', evidence)
    .where('kind', '=', 'probe')
    .where('state', '<>', 'ready')
    .execute();
  await trx.deleteFrom('proxy_key').where('evidence_id', '=', evidence).execute();
  // Redacted versions go with what they show; their plans and reviews are history and stay.
  await trx
    .updateTable('redaction')
    .set({ state: 'withdrawn', withdrawn_at: now, updated_at: now })
    .where('evidence_id', '=', evidence)
    .where('state', '<>', 'withdrawn')
    .execute();
  const renders = trx.updateTable('redaction_render').where('evidence_id', '=', evidence);
  const over = { updated_at: now, claimed_until: null };
  await renders
    .set({ ...over, state: 'cancelled' })
    .where('state', 'in', ['pending', 'making'])
    .execute();
  await renders
    .set({ ...over, state: 'superseded' })
    .where('state', '=', 'ready')
    .execute();
  // What was handed out from here is taken away with it; its own sweep removes the bytes and their keys.
  const issued = trx.updateTable('issued_copy').where('evidence_id', '=', evidence);
  await issued.set({ state: 'removed', updated_at: now }).where('state', '=', 'ready').execute();
  await issued.set({ state: 'cancelled', updated_at: now }).where('state', 'in', ['pending', 'making']).execute();
}

/** Ends an approved disposition that the rules or the engine do not let happen, on record. Nothing was deleted. */
async function refuse(
  trx: Executor,
  { disposition, evidence, unit }: DisposalPlan,
  code: DispositionRefusal,
  { service, clock }: { readonly service: string; readonly clock: Clock },
): Promise<void> {
  const now = clock.now();
  const { numUpdatedRows } = await trx
    .updateTable('disposition')
    .set({ state: 'refused', refusal: code, detail: null, finished_at: now, updated_at: now })
    .where('id', '=', disposition)
    .where('state', '=', 'approved')
    .executeTakeFirst();
  if (numUpdatedRows !== 1n) return;
  await appendEvent(
    trx,
    {
      type: 'disposition.refused',
      actor: { kind: 'system', id: service, name: null },
      subject: { kind: 'evidence', id: evidence },
      data: { disposition, code },
    },
    clock,
  );
  await notifyChange(trx, { kind: 'evidence', id: evidence, unit });
}

/** Counts an attempt that came to no end, with what was found. */
export async function noteDisposalAttempt(
  db: Executor,
  disposition: string,
  findings: readonly Finding[] | null,
  clock: Clock,
): Promise<void> {
  await db
    .updateTable('disposition')
    .set({ attempts: sql`attempts + 1`, detail: findings && storeFindings(findings), updated_at: clock.now() })
    .where('id', '=', disposition)
    .where('state', 'in', ['approved', 'disposing'])
    .execute();
}

/** Writes the tombstone once everything is gone, on record. False: it is written already. */
export async function commitDisposal(
  db: Database,
  plan: DisposalPlan,
  by: { readonly service: string; readonly clock: Clock },
): Promise<boolean> {
  const { disposition, evidence, unit } = plan;
  const now = by.clock.now();
  return db.transaction().execute(async (trx) => {
    const ended = await trx
      .updateTable('disposition')
      .set({ state: 'disposed', detail: null, finished_at: now, updated_at: now })
      .where('id', '=', disposition)
      .where('state', '=', 'disposing')
      .returning(['requested_by', 'decided_by'])
      .executeTakeFirst();
    if (!ended) return false;
    const item = await trx
      .selectFrom('evidence')
      .select(['size', 'sha256', 'sm3', 'tree_root', 'tree_leaf_size'])
      .where('id', '=', evidence)
      .executeTakeFirstOrThrow();
    const event_id = await appendEvent(
      trx,
      {
        type: 'evidence.disposed',
        actor: { kind: 'system', id: by.service, name: null },
        subject: { kind: 'evidence', id: evidence },
        data: {
          disposition,
          requestedBy: ended.requested_by,
          decidedBy: ended.decided_by ?? '',
          size: item.size,
          sha256: item.sha256.toString('hex'),
          sm3: item.sm3.toString('hex'),
          tree: { leafSize: item.tree_leaf_size, root: item.tree_root.toString('hex') },
          objects: plan.objects.length,
        },
      },
      by.clock,
    );
    const objects = plan.objects.length;
    await trx
      .insertInto('tombstone')
      .values({ evidence_id: evidence, disposition_id: disposition, disposed_at: now, objects, event_id })
      .execute();
    await trx
      .updateTable('evidence_retention')
      .set({ disposal: 'done', updated_at: now })
      .where('evidence_id', '=', evidence)
      .execute();
    await trx
      .updateTable('vault_copy')
      .set({ state: 'removed', vault_transfer: null, vault_parts: null, claimed_until: null, updated_at: now })
      .where('evidence_id', '=', evidence)
      .execute();
    await notifyChange(trx, { kind: 'evidence', id: evidence, unit });
    return true;
  });
}

/** Approved dispositions that nobody is carrying out, longest forgotten first; the number of attempts sets the pace. */
export async function findUnfinishedDisposals(db: Database, staleness: Staleness): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('disposition')
    .select('id')
    .where('state', 'in', ['approved', 'disposing'])
    .where(untouched(staleness))
    .orderBy('updated_at')
    .limit(staleness.limit)
    .execute();
  return rows.map((row) => row.id);
}
