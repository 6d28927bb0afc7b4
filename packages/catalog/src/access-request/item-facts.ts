import { sql } from 'kysely';
import type { Executor } from '../database/connect.ts';

/** What decides about an item, and what an approver has to know of it. */
export interface ItemFacts {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly unit: { readonly id: string; readonly name: string };
  /** unit ids from the root to the item's own unit */
  readonly unitPath: readonly string[];
  readonly officer: string | null;
  readonly capturedAt: Date;
  readonly durationMs: number | null;
  /** under a hold */
  readonly held: boolean;
  /** its content was disposed of */
  readonly disposed: boolean;
  /** the account asked about is its officer, or one of its case */
  readonly ownCase: boolean;
  /** the account asked about holds a live grant for it */
  readonly granted: boolean;
}

interface Row {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly unit_id: string;
  readonly unit_name: string;
  readonly path: string[];
  readonly officer_number: string | null;
  readonly captured_at: Date;
  readonly duration_ms: number | null;
  readonly held: boolean;
  readonly disposed: boolean;
  readonly own_case: boolean;
  readonly granted: boolean;
}

/** The items that there are among `ids`, by id, with what `account` is to each. */
export async function findItemFacts(
  db: Executor,
  ids: readonly string[],
  account: string,
  now: Date,
): Promise<ReadonlyMap<string, ItemFacts>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<Row>`
    select e.id, e.name, e.kind, e.unit_id, u.name as unit_name, u.path, e.officer_number, e.captured_at,
      coalesce(probe.duration_ms, proxy.duration_ms) as duration_ms,
      coalesce(k.held, false) as held, t.evidence_id is not null as disposed,
      coalesce(a.officer_number = e.officer_number, false) or is_case_officer(${account}, e.id) as own_case,
      exists (select from access_grant_item i join access_grant g on g.id = i.grant_id
        where i.evidence_id = e.id and g.account_id = ${account} and g.revoked_at is null
          and g.valid_from <= ${now} and g.valid_until > ${now}) as granted
    from evidence e
    join unit u on u.id = e.unit_id
    left join account a on a.id = ${account}
    left join derivative probe on probe.evidence_id = e.id and probe.kind = 'probe'
    left join derivative proxy on proxy.evidence_id = e.id and proxy.kind = 'proxy'
    left join evidence_retention k on k.evidence_id = e.id
    left join tombstone t on t.evidence_id = e.id
    where e.id = any(${[...ids]}::uuid[])`.execute(db);
  return new Map(
    rows.map((row) => [
      row.id,
      {
        id: row.id,
        name: row.name,
        kind: row.kind,
        unit: { id: row.unit_id, name: row.unit_name },
        unitPath: row.path,
        officer: row.officer_number,
        capturedAt: row.captured_at,
        durationMs: row.duration_ms,
        held: row.held,
        disposed: row.disposed,
        ownCase: row.own_case,
        granted: row.granted,
      },
    ]),
  );
}

/** Where a scan that was sent for a request stands. */
export interface AttachmentFacts {
  readonly evidence: string;
  readonly name: string;
  readonly state: 'arriving' | 'sealed' | 'quarantined';
}

/** The scans among `ids` that this account sent itself, by id; what is not a document or a picture is none. */
export async function findAttachmentFacts(
  db: Executor,
  ids: readonly string[],
  account: string,
): Promise<ReadonlyMap<string, AttachmentFacts>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<AttachmentFacts>`
    select id as evidence, name, case state when 'sealed' then 'sealed' when 'quarantined' then 'quarantined' else 'arriving' end as state
    from upload where id = any(${[...ids]}::uuid[]) and account_id = ${account} and kind in ('document', 'image')
      and state not in ('expired', 'terminated')`.execute(db);
  return new Map(rows.map((row) => [row.evidence, row]));
}
