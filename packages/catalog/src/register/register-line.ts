import type { Purpose, RegisterEntry, RegisterKind } from '@fengcun/contracts';
import { type RawBuilder, sql } from 'kysely';
import type { Executor } from '../database/connect.ts';

/** One event of the log as the register and reports show it. */
export interface RegisterLine extends Omit<RegisterEntry, 'data'> {
  readonly data: unknown;
  /** values behind the entry's commitments, by JSON pointer */
  readonly openings: Readonly<Record<string, string>>;
  /** RFC 6962 leaf hash, hex; null while it has no index */
  readonly leafHash: string | null;
}

interface Row {
  readonly event_id: number;
  readonly at: Date;
  readonly type: string;
  readonly kind: RegisterKind | null;
  readonly actor_kind: RegisterLine['actor']['kind'];
  readonly actor_id: string;
  readonly actor_unit: { id: string; name: string } | null;
  readonly evidence_id: string | null;
  readonly item_unit: { id: string; name: string } | null;
  readonly item_title: string | null;
  readonly request_id: string | null;
  readonly request_number: number | null;
  readonly purpose: Purpose | null;
  readonly case_number: string | null;
  readonly entry: Buffer;
  readonly index: number | null;
  readonly leaf_hash: Buffer | null;
  readonly openings: Record<string, string>;
}

/**
 * These events, in the order given. Names and titles are the log's own: what the item was called when it happened is opened from the last
 * description, or the seal, before the event, whatever it is called today.
 */
export async function readLines(db: Executor, events: readonly number[]): Promise<readonly RegisterLine[]> {
  if (events.length === 0) return [];
  const { rows } = await sql<Row>`
    select e.id as event_id, e.at, e.type, r.kind, e.actor_kind, e.actor_id, r.request_id, r.purpose, e.entry, l.index, l.leaf_hash,
      ${named(sql`r.actor_unit_id`)} as actor_unit, item.id as evidence_id, ${named(sql`item.unit_id`)} as item_unit,
      ${titleAt(sql`item.id`, sql`item.event_id`, sql`e.id`)} as item_title,
      (select q.number from access_request q where q.id = r.request_id) as request_number,
      (select c.number from case_file c where c.id = r.case_id) as case_number,
      coalesce((select jsonb_object_agg(o.path, o.value) from ledger_opening o where o.event_id = e.id), '{}') as openings
    from unnest(${[...events]}::bigint[]) with ordinality as wanted (id, place)
    join ledger_event e on e.id = wanted.id
    left join register_entry r on r.event_id = e.id
    left join ledger_entry l on l.event_id = e.id
    left join evidence item on item.id = case when e.subject_kind = 'evidence' then coalesce(r.evidence_id, ${asUuid(sql`e.subject_id`)}) end
    order by wanted.place`.execute(db);
  return rows.map(toLine);
}

const asUuid = (text: RawBuilder<unknown>) =>
  sql`case when ${text} ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then ${text}::uuid end`;

const named = (unit: RawBuilder<unknown>) =>
  sql`(select jsonb_build_object('id', u.id, 'name', u.name) from unit u where u.id = ${unit})`;

/** What the item was called at an event, from the log's openings. */
const titleAt = (item: RawBuilder<unknown>, sealed: RawBuilder<unknown>, event: RawBuilder<unknown>) => sql`coalesce(
  (select o.value from (
    select d.event_id from evidence_description d where d.evidence_id = ${item} and d.event_id <= ${event} order by d.version desc limit 1
  ) said join ledger_opening o on o.event_id = said.event_id and o.path = '/data/title'),
  (select o.value from ledger_opening o where o.event_id = ${sealed} and o.path = '/data/name'))`;

function toLine(row: Row): RegisterLine {
  const entry = JSON.parse(row.entry.toString('utf8')) as { data: unknown; authorisation?: string };
  const data = typeof entry.data === 'object' && entry.data !== null ? entry.data : {};
  return {
    event: row.event_id,
    index: row.index,
    at: row.at.toISOString(),
    kind: row.kind ?? 'change',
    type: row.type,
    actor: {
      kind: row.actor_kind,
      id: row.actor_id,
      name: row.openings['/actor/name'] ?? null,
      unit: row.actor_unit,
    },
    item: row.evidence_id === null ? null : { id: row.evidence_id, title: row.item_title, unit: row.item_unit },
    request: row.request_id === null ? null : { id: row.request_id, number: row.request_number },
    purpose: row.purpose,
    caseNumber: row.case_number,
    rule: 'rule' in data && typeof data.rule === 'string' ? data.rule : null,
    authorisation: entry.authorisation ?? null,
    data: entry.data,
    openings: row.openings,
    leafHash: row.leaf_hash?.toString('hex') ?? null,
  };
}
