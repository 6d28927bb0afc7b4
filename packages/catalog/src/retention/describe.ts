import type { Hold, KeptItem, Tombstone, VaultCopy } from '@fengcun/contracts';
import { sql } from 'kysely';
import type { Executor } from '../database/connect.ts';
import { type PageRequest, pageOf, timeKeyOf } from '../page/page.ts';
import { describeVaultCopy, storedCopies } from '../vault-copy/stored-copies.ts';
import { holdsOf } from './holds.ts';

/** How one item is kept. */
export interface KeptRecord {
  readonly classCode: string;
  readonly className: string;
  readonly matter: { readonly id: string; readonly title: string } | null;
  readonly startsAt: Date;
  /** null: for ever */
  readonly until: Date | null;
  readonly lockedUntil: Date | null;
  readonly applied: boolean;
  readonly detail: string | null;
  readonly held: boolean;
  readonly disposal: 'none' | 'under_way' | 'done';
}

/** The item's term and hold, or undefined for an item from before there were any. */
export async function findKept(db: Executor, evidence: string): Promise<KeptRecord | undefined> {
  const row = await db
    .selectFrom('evidence_retention as r')
    .innerJoin('retention_class as c', 'c.code', 'r.class_code')
    .leftJoin('matter as m', 'm.id', 'r.matter_id')
    .selectAll('r')
    .select(['c.name as class_name', 'm.title as matter_title'])
    .where('r.evidence_id', '=', evidence)
    .executeTakeFirst();
  return (
    row && {
      classCode: row.class_code,
      className: row.class_name,
      matter: row.matter_id === null ? null : { id: row.matter_id, title: row.matter_title ?? '' },
      startsAt: row.starts_at,
      until: row.retain_until,
      lockedUntil: row.locked_until,
      applied: row.applied_revision === row.revision,
      detail: row.detail,
      held: row.held,
      disposal: row.disposal,
    }
  );
}

/** Holds, copies and tombstone of one item. */
export async function keepingOf(
  db: Executor,
  evidence: string,
): Promise<{ readonly holds: Hold[]; readonly copies: VaultCopy[]; readonly tombstone: Tombstone | null }> {
  return {
    holds: await holdsOf(db, evidence),
    copies: (await storedCopies(db, evidence)).map(describeVaultCopy),
    tombstone: await findTombstone(db, evidence),
  };
}

/** What is left of an item that was disposed of, or null. */
export async function findTombstone(
  db: Executor,
  evidence: string,
): Promise<(Tombstone & { readonly eventId: number }) | null> {
  const row = await db
    .selectFrom('tombstone as t')
    .innerJoin('disposition as d', 'd.id', 't.disposition_id')
    .innerJoin('account as a', 'a.id', 'd.requested_by')
    .leftJoin('account as b', 'b.id', 'd.decided_by')
    .selectAll('t')
    .select(['a.name as requested_by', 'b.name as decided_by'])
    .where('t.evidence_id', '=', evidence)
    .executeTakeFirst();
  if (!row) return null;
  return {
    disposition: row.disposition_id,
    disposedAt: row.disposed_at.toISOString(),
    requestedBy: row.requested_by,
    decidedBy: row.decided_by ?? '',
    objects: row.objects,
    eventId: row.event_id,
  };
}

/**
 * Items of these units whose term and lock have run out, under no hold and in no disposition, longest overdue first. Rejects
 * `cursor_invalid`.
 */
export async function listDue(
  db: Executor,
  units: readonly string[],
  now: Date,
  page: PageRequest,
): Promise<{ items: KeptItem[]; next: string | null }> {
  if (units.length === 0) return { items: [], next: null };
  const after = timeKeyOf(page.cursor);
  const beyond =
    after === undefined
      ? sql`true`
      : sql`(r.retain_until, r.evidence_id) > (${after.at}::timestamptz, ${after.id}::uuid)`;
  const { rows } = await sql<Due>`
    select e.id, e.name, e.kind, e.size, e.unit_id, n.name as unit_name, e.captured_at, due.class_code, due.retain_until
    from unnest(${[...units]}::uuid[]) u (id)
    cross join lateral (
      select r.* from evidence_retention r
      where r.unit_id = u.id and r.retain_until is not null and not r.held and r.disposal = 'none'
        and r.retain_until <= ${now}::timestamptz and (r.locked_until is null or r.locked_until <= ${now}::timestamptz) and ${beyond}
        and not exists (
          select from disposition d where d.evidence_id = r.evidence_id and d.state in ('requested', 'approved', 'disposing'))
      order by r.retain_until, r.evidence_id limit ${page.limit + 1}
    ) due
    join evidence e on e.id = due.evidence_id
    join unit n on n.id = e.unit_id
    order by due.retain_until, e.id limit ${page.limit + 1}`.execute(db);
  const { items, next } = pageOf(rows, page.limit, (row) => ({ at: row.retain_until, id: row.id }));
  return {
    items: items.map((row) => ({
      id: row.id,
      name: row.name,
      kind: row.kind,
      size: row.size,
      unit: { id: row.unit_id, name: row.unit_name },
      capturedAt: row.captured_at.toISOString(),
      class: row.class_code,
      until: row.retain_until.toISOString(),
    })),
    next,
  };
}

interface Due {
  readonly id: string;
  readonly name: string;
  readonly kind: KeptItem['kind'];
  readonly size: number;
  readonly unit_id: string;
  readonly unit_name: string;
  readonly captured_at: Date;
  readonly class_code: string;
  readonly retain_until: Date;
}
