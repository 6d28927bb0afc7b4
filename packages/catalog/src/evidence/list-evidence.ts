import type { EvidenceSummary } from '@fengcun/contracts';
import { sql } from 'kysely';
import type { Executor } from '../database/connect.ts';
import { type PageRequest, pageOf, timeKeyOf } from '../page/page.ts';
import type { EvidenceFilter } from '../search/evidence-filter.ts';
import { searchEvidence } from '../search/search-evidence.ts';
import type { UnitScope } from '../unit/scope.ts';

interface SummaryRow {
  readonly id: string;
  readonly name: string;
  readonly title: string | null;
  readonly place: string | null;
  readonly tags: string[] | null;
  readonly case_id: string | null;
  readonly case_number: string | null;
  readonly kind: EvidenceSummary['kind'];
  readonly state: EvidenceSummary['state'];
  readonly size: number;
  readonly unit_id: string;
  readonly unit_name: string;
  readonly device_id: string | null;
  readonly device_serial: string | null;
  readonly officer_number: string | null;
  readonly key_mark: boolean;
  readonly captured_at: Date;
  readonly sealed_at: Date;
  readonly duration_ms: number | null;
  readonly proxy_state: EvidenceSummary['proxy'] | null;
  readonly disposed_at: Date | null;
}

/** Evidence of the scope's units that passes the filter, newest recording first. Rejects `cursor_invalid`, `query_too_long`. */
export async function listEvidence(
  db: Executor,
  scope: UnitScope,
  filter: EvidenceFilter,
  page: PageRequest,
): Promise<{ items: EvidenceSummary[]; next: string | null }> {
  const ids = await searchEvidence(db, scope, filter, timeKeyOf(page.cursor), page.limit + 1);
  const rows = await summaries(db, ids);
  const { items, next } = pageOf(rows, page.limit, (row) => ({ at: row.captured_at, id: row.id }));
  return { items: items.map(toSummary), next };
}

async function summaries(db: Executor, ids: readonly string[]): Promise<readonly SummaryRow[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<SummaryRow>`
    select e.id, e.name, d.title, d.place, d.tags, d.case_id, c.number as case_number, e.kind, e.state, e.size, e.unit_id, u.name as unit_name, e.device_id, e.device_serial,
      e.officer_number, e.key_mark, e.captured_at, e.sealed_at,
      coalesce(probe.duration_ms, proxy.duration_ms) as duration_ms, proxy.state as proxy_state, tombstone.disposed_at
    from evidence e
    join unit u on u.id = e.unit_id
    left join lateral (
      select * from evidence_description d where d.evidence_id = e.id order by d.version desc limit 1
    ) d on true
    left join case_file c on c.id = d.case_id
    left join derivative probe on probe.evidence_id = e.id and probe.kind = 'probe'
    left join derivative proxy on proxy.evidence_id = e.id and proxy.kind = 'proxy'
    left join tombstone on tombstone.evidence_id = e.id
    where e.id = any(${[...ids]}::uuid[])
    order by e.captured_at desc, e.id desc`.execute(db);
  return rows;
}

function toSummary(row: SummaryRow): EvidenceSummary {
  return {
    id: row.id,
    name: row.name,
    title: row.title,
    place: row.place,
    tags: row.tags ?? [],
    case: row.case_id === null || row.case_number === null ? null : { id: row.case_id, number: row.case_number },
    kind: row.kind,
    state: row.state,
    size: row.size,
    unit: { id: row.unit_id, name: row.unit_name },
    device: row.device_id === null ? null : { id: row.device_id, serial: row.device_serial ?? '' },
    officer: row.officer_number,
    keyMark: row.key_mark,
    capturedAt: row.captured_at.toISOString(),
    sealedAt: row.sealed_at.toISOString(),
    durationMs: row.duration_ms,
    // No row: nobody was ever asked for one.
    proxy: row.proxy_state ?? 'nothing_to_play',
    ...(row.disposed_at === null ? {} : { disposedAt: row.disposed_at.toISOString() }),
  };
}
