import type { ActorDraft } from '@fengcun/contracts';
import { personal } from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';
import { sql } from 'kysely';
import { notifyChange } from '../change/notify.ts';
import type { Database, Executor } from '../database/connect.ts';
import { appendEvent } from '../ledger/append-event.ts';
import { enqueue } from '../outbox/enqueue.ts';

/** Why an item is to be kept under a class. */
export type RetentionReason =
  /** it was recorded under this matter */
  | { readonly matter: string }
  /** a person's own words */
  | { readonly reason: string }
  /** a class or matter it stands under was changed */
  | { readonly rule: 'class_changed' | 'matter_changed' };

export interface RetentionAssignment {
  readonly evidence: string;
  readonly classCode: string;
  readonly because: RetentionReason;
  readonly actor: ActorDraft;
}

/**
 * - `extended`: it is kept longer from now on
 * - `unchanged`: it is kept as long already; a matter is remembered all the same
 * - `being_disposed`: an approved disposition is under way or done
 */
export type AssignOutcome = 'extended' | 'unchanged' | 'being_disposed' | 'unknown_item' | 'unknown_class';

/**
 * Puts an item under a class, in the caller's transaction: only ever to keep it longer, however often it is called. Event
 * `retention.assigned`; a job then extends the locks in the vaults.
 */
export async function assignRetention(
  trx: Executor,
  { evidence, classCode, because, actor }: RetentionAssignment,
  clock: Clock,
): Promise<AssignOutcome> {
  const kept = await trx
    .selectFrom('evidence_retention')
    .selectAll()
    .where('evidence_id', '=', evidence)
    .forUpdate()
    .executeTakeFirst();
  if (!kept) return 'unknown_item';
  if (kept.disposal !== 'none') return 'being_disposed';
  const wanted = await trx
    .selectFrom('retention_class')
    .select(['code', 'revision', sql<Date | null>`retention_end(${kept.starts_at}::timestamptz, term)`.as('until')])
    .where('code', '=', classCode)
    .executeTakeFirst();
  if (!wanted) return 'unknown_class';
  const matter = 'matter' in because ? await matterOf(trx, because.matter) : {};
  const longer = kept.retain_until !== null && (wanted.until === null || wanted.until > kept.retain_until);
  if (!longer) {
    const seen = wanted.code === kept.class_code ? { class_revision: wanted.revision } : {};
    const news = { ...matter, ...seen };
    if (Object.keys(news).length > 0)
      await trx.updateTable('evidence_retention').set(news).where('evidence_id', '=', evidence).execute();
    return 'unchanged';
  }
  await trx
    .updateTable('evidence_retention')
    .set({
      ...matter,
      class_code: wanted.code,
      class_revision: wanted.revision,
      retain_until: wanted.until,
      revision: sql`revision + 1`,
      attempts: 0,
      updated_at: clock.now(),
    })
    .where('evidence_id', '=', evidence)
    .execute();
  await appendEvent(
    trx,
    {
      type: 'retention.assigned',
      actor,
      subject: { kind: 'evidence', id: evidence },
      data: {
        class: wanted.code,
        previous: kept.class_code,
        until: wanted.until?.toISOString() ?? null,
        because: 'reason' in because ? { reason: personal(because.reason) } : because,
      },
    },
    clock,
  );
  await enqueue(trx, 'retain', evidence, { evidence });
  await notifyChange(trx, { kind: 'evidence', id: evidence, unit: kept.unit_id });
  return 'extended';
}

async function matterOf(
  trx: Executor,
  id: string,
): Promise<{ readonly matter_id: string; readonly matter_revision: number } | Record<never, never>> {
  const row = await trx.selectFrom('matter').select(['id', 'revision']).where('id', '=', id).executeTakeFirst();
  return row ? { matter_id: row.id, matter_revision: row.revision } : {};
}

/** Items whose class or matter was changed since they were looked at. */
export async function findOutdatedRetention(db: Database, limit: number): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    (select r.evidence_id as id from retention_class c
      join evidence_retention r on r.class_code = c.code and r.class_revision < c.revision and r.disposal = 'none' limit ${limit})
    union
    (select r.evidence_id from matter m
      join evidence_retention r on r.matter_id = m.id and r.matter_revision < m.revision and r.disposal = 'none' limit ${limit})`.execute(
    db,
  );
  return rows.map(({ id }) => id);
}

/** Brings an item up to the rules as they are now, which may keep it longer and never shorter. */
export async function refreshRetention(
  db: Database,
  { evidence, actor }: { readonly evidence: string; readonly actor: ActorDraft },
  clock: Clock,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const kept = await trx
      .selectFrom('evidence_retention as r')
      .leftJoin('matter as m', 'm.id', 'r.matter_id')
      .select(['r.class_code', 'm.class_code as matter_class', 'm.revision as matter_revision'])
      .where('r.evidence_id', '=', evidence)
      .executeTakeFirst();
    if (!kept) return;
    const refresh = (classCode: string, rule: 'class_changed' | 'matter_changed') =>
      assignRetention(trx, { evidence, classCode, because: { rule }, actor }, clock);
    await refresh(kept.class_code, 'class_changed');
    if (kept.matter_class === null || kept.matter_revision === null) return;
    await refresh(kept.matter_class, 'matter_changed');
    await trx
      .updateTable('evidence_retention')
      .set({ matter_revision: kept.matter_revision })
      .where('evidence_id', '=', evidence)
      .where('disposal', '=', 'none')
      .execute();
  });
}
