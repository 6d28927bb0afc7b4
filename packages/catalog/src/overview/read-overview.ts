import type { Overview } from '@fengcun/contracts';
import { sql } from 'kysely';
import type { Executor } from '../database/connect.ts';

interface Row {
  readonly sealed: number;
  readonly quarantined: number;
  readonly bytes: number;
  readonly sealed_today: number;
  readonly receiving: number;
  readonly sealing: number;
  readonly alarms: number;
  readonly pending: number;
  readonly size: number | null;
  readonly root: Buffer | null;
  readonly signed_at: Date | null;
}

/**
 * The work desk's numbers for these units, all exact. Totals come from the tally kept at sealing; what is counted here is bounded by a day's
 * work or by what is still open. `dayStart`: when today began where the site is.
 */
export async function readOverview(db: Executor, units: readonly string[], dayStart: Date): Promise<Overview> {
  const own = sql`any(${[...units]}::uuid[])`;
  const { rows } = await sql<Row>`
    select tally.*, today.*, open.*, alarms.*, pending.*, checkpoint.*
    from (
      select coalesce(sum(sealed), 0)::bigint as sealed, coalesce(sum(quarantined), 0)::bigint as quarantined,
        coalesce(sum(bytes), 0)::bigint as bytes
      from evidence_tally where unit_id = ${own}
    ) tally
    cross join (select count(*) as sealed_today from evidence where unit_id = ${own} and state = 'sealed' and sealed_at >= ${dayStart}) today
    cross join (
      select count(*) filter (where state = 'receiving') as receiving, count(*) filter (where state <> 'receiving') as sealing
      from upload where unit_id = ${own} and state in ('receiving', 'received', 'sealing')
    ) open
    cross join (
      select count(*) as alarms from alarm where acknowledged_at is null and (unit_id is null or unit_id = ${own})
    ) alarms
    cross join (select count(*) as pending from ledger_pending) pending
    left join lateral (select size, root, signed_at from ledger_checkpoint order by size desc limit 1) checkpoint on true`.execute(
    db,
  );
  const row = rows[0];
  if (!row) throw new Error('The overview query answered no row');
  return {
    evidence: { sealed: row.sealed, quarantined: row.quarantined, bytes: row.bytes, sealedToday: row.sealed_today },
    uploads: { receiving: row.receiving, sealing: row.sealing },
    alarms: { open: row.alarms },
    ledger: {
      size: row.size ?? 0,
      root: row.root?.toString('base64') ?? null,
      signedAt: row.signed_at?.toISOString() ?? null,
      pending: row.pending,
    },
  };
}
