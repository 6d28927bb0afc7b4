import { type Alarm, toldOf } from '@fengcun/contracts';
import { sql } from 'kysely';
import type { Executor } from '../database/connect.ts';
import { CatalogError } from '../errors.ts';
import { type PageRequest, pageOf, timeKeyOf } from '../page/page.ts';

interface AlarmRow {
  readonly id: string;
  readonly kind: Alarm['kind'];
  readonly unit_id: string | null;
  readonly unit_name: string | null;
  readonly subject_kind: string | null;
  readonly subject_id: string | null;
  readonly detail: string;
  readonly raised_at: Date;
  readonly acknowledged_at: Date | null;
  readonly by_name: string | null;
  readonly note: string | null;
}

/** Alarms of these units and of the whole site, open ones first, newest first. Rejects `cursor_invalid`. */
export async function listAlarms(
  db: Executor,
  units: readonly string[],
  filter: { readonly open?: boolean },
  page: PageRequest,
): Promise<{ items: Alarm[]; next: string | null }> {
  const after = placeOf(page.cursor);
  const { rows } = await sql<AlarmRow>`
    select ${columns}
    from alarm left join unit on unit.id = alarm.unit_id left join account on account.id = alarm.acknowledged_by
    where (alarm.unit_id is null or alarm.unit_id = any(${[...units]}::uuid[]))
      and ${filter.open === undefined ? sql`true` : sql`(acknowledged_at is null) = ${filter.open}`}
      and ${after ? sql`((acknowledged_at is null), raised_at, alarm.id) < (${after.open}::boolean, ${after.at}::timestamptz, ${after.id}::uuid)` : sql`true`}
    order by (acknowledged_at is null) desc, raised_at desc, alarm.id desc
    limit ${page.limit + 1}`.execute(db);
  const { items, next } = pageOf(rows, page.limit, (row) => ({ at: row.raised_at, id: row.id }));
  const last = items.at(-1);
  return {
    items: items.map(toAlarm),
    next: next === null ? null : `${last?.acknowledged_at === null ? 'o' : 'a'}${next}`,
  };
}

/** One alarm, or undefined. Who may see it is not asked here. */
export async function findAlarm(db: Executor, id: string): Promise<Alarm | undefined> {
  const { rows } = await sql<AlarmRow>`
    select ${columns}
    from alarm left join unit on unit.id = alarm.unit_id left join account on account.id = alarm.acknowledged_by
    where alarm.id = ${id}`.execute(db);
  return rows[0] && toAlarm(rows[0]);
}

const columns = sql`alarm.id, alarm.kind, alarm.unit_id, unit.name as unit_name, alarm.subject_kind, alarm.subject_id, alarm.detail,
  alarm.raised_at, alarm.acknowledged_at, account.name as by_name, alarm.note`;

/** The letter before the usual cursor says in which half of the list, open or acknowledged, the page ended. */
function placeOf(cursor: string | undefined): { open: boolean; at: Date; id: string } | undefined {
  if (cursor === undefined) return undefined;
  const key = /^[oa]./.test(cursor) ? timeKeyOf(cursor.slice(1)) : undefined;
  if (!key) throw new CatalogError('cursor_invalid');
  return { open: cursor.startsWith('o'), ...key };
}

function toAlarm(row: AlarmRow): Alarm {
  return {
    id: row.id,
    kind: row.kind,
    unit: row.unit_id === null ? null : { id: row.unit_id, name: row.unit_name ?? '' },
    subject:
      row.subject_kind === null || row.subject_id === null ? null : { kind: row.subject_kind, id: row.subject_id },
    ...toldOf(row.detail),
    raisedAt: row.raised_at.toISOString(),
    acknowledged:
      row.acknowledged_at === null
        ? null
        : { by: row.by_name ?? '', at: row.acknowledged_at.toISOString(), note: row.note ?? '' },
  };
}
