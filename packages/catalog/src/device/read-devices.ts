import type { Device, DeviceDetail } from '@fengcun/contracts';
import { type RawBuilder, sql } from 'kysely';
import type { Executor } from '../database/connect.ts';
import { CatalogError } from '../errors.ts';
import type { PageRequest } from '../page/page.ts';

export interface DeviceFilter {
  /** part of serial number, name, model or holder's name */
  readonly q?: string;
  readonly kind?: Device['kind'];
  readonly state?: Device['state'];
  readonly holder?: string;
}

/** A recorder with its unit's path, for whoever decides who may do what with it. */
export interface DeviceEntry extends Omit<DeviceDetail, 'actions'> {
  readonly unitPath: readonly string[];
}

interface Named {
  readonly id: string;
  readonly name: string;
}

interface Row {
  readonly id: string;
  readonly serial: string;
  readonly kind: Device['kind'];
  readonly name: string;
  readonly model: string | null;
  readonly unit_id: string;
  readonly unit_name: string;
  readonly unit_path: string[];
  readonly state: Device['state'];
  readonly holder: (Named & { readonly officerNumber: string | null }) | null;
  readonly created_at: Date;
  readonly last_offload_at: Date | null;
  readonly last_dock: Named | null;
  readonly clock_offset_ms: number | null;
}

interface DetailRow extends Row {
  readonly clock_note: string | null;
  readonly state_reason: string | null;
  readonly revision: number;
  readonly changed_by: Named | null;
  readonly changed_at: Date | null;
  readonly items: number;
  readonly serial_open: boolean;
}

const columns = sql`d.id, d.serial, d.kind, d.name, d.model, d.unit_id, u.name as unit_name, u.path as unit_path, d.state, d.created_at,
  d.last_offload_at, last.dock as last_dock, last.clock_offset_ms,
  case when h.id is not null then jsonb_build_object('id', h.id, 'name', h.name, 'officerNumber', h.officer_number) end as holder`;

const tables = sql`device d join unit u on u.id = d.unit_id left join account h on h.id = d.holder_id
  left join lateral (
    select (extract(epoch from o.device_clock - o.dock_clock) * 1000)::bigint as clock_offset_ms,
      case when k.id is not null then jsonb_build_object('id', k.id, 'name', k.name) end as dock
    from offload o left join dock k on k.id = o.dock_id
    where o.device_id = d.id order by o.opened_at desc, o.id desc limit 1
  ) last on true`;

/** Whether anything was ever handed over under the serial number of device `d`. */
export const handedOver = sql<boolean>`exists (select from offload o where o.device_id = d.id)
  or exists (select from evidence e where e.device_id = d.id)
  or exists (select from upload p where p.device_id = d.id and p.state in ('receiving', 'received', 'sealing'))`;

/** The device, or undefined. Who may see it is not asked here. */
export async function findDeviceEntry(db: Executor, id: string): Promise<DeviceEntry | undefined> {
  const { rows } = await sql<DetailRow>`
    select ${columns}, d.clock_note, d.state_reason, d.revision, d.changed_at,
      (select jsonb_build_object('id', a.id, 'name', a.name) from account a where a.id = d.changed_by) as changed_by,
      (select count(*)::int from evidence_search s where s.device_id = d.id) as items,
      not (${handedOver}) as serial_open
    from ${tables} where d.id = ${id}`.execute(db);
  const [row] = rows;
  return (
    row && {
      ...toDevice(row),
      clockNote: row.clock_note,
      stateReason: row.state_reason,
      revision: row.revision,
      changed: row.changed_by && row.changed_at && { by: row.changed_by, at: row.changed_at.toISOString() },
      items: row.items,
      serialOpen: row.serial_open,
      unitPath: row.unit_path,
    }
  );
}

/** Recorders of the given units by serial number, in pages, and how many of all those units nobody has registered. Rejects `cursor_invalid`. */
export async function listDevices(
  db: Executor,
  scope: { readonly units: readonly string[]; readonly within: readonly string[] },
  { q, kind, state, holder }: DeviceFilter,
  page: PageRequest,
): Promise<{ readonly items: Device[]; readonly next: string | null; readonly unregistered: number }> {
  const after = serialOf(page.cursor);
  if (scope.units.length === 0) return { items: [], next: null, unregistered: 0 };
  const conditions: RawBuilder<unknown>[] = [
    sql`d.unit_id = any(${[...scope.within]}::uuid[])`,
    ...(kind === undefined ? [] : [sql`d.kind = ${kind}`]),
    ...(state === undefined ? [] : [sql`d.state = ${state}`]),
    ...(holder === undefined ? [] : [sql`d.holder_id = ${holder}`]),
    ...(q === undefined
      ? []
      : [
          sql`strpos(search_fold(concat_ws(' ', d.serial, d.name, d.model, h.name, h.officer_number)), search_fold(${q}::text)) > 0`,
        ]),
    ...(after === undefined ? [] : [sql`d.serial > ${after}`]),
  ];
  const [{ rows }, { rows: counted }] = await Promise.all([
    sql<Row>`select ${columns} from ${tables} where ${sql.join(conditions, sql` and `)}
      order by d.serial limit ${page.limit + 1}`.execute(db),
    sql<{ unregistered: number }>`select count(*)::int as unregistered from device
      where state = 'unregistered' and unit_id = any(${[...scope.units]}::uuid[])`.execute(db),
  ]);
  const items = rows.slice(0, page.limit).map(toDevice);
  const last = items.at(-1);
  const next = rows.length > page.limit && last ? Buffer.from(last.serial).toString('base64url') : null;
  return { items, next, unregistered: counted[0]?.unregistered ?? 0 };
}

function serialOf(cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined;
  const bytes = Buffer.from(cursor, 'base64url');
  const serial = bytes.toString('utf8');
  if (serial === '' || serial.includes('\0') || !Buffer.from(serial).equals(bytes)) {
    throw new CatalogError('cursor_invalid');
  }
  return serial;
}

const toDevice = (row: Row): Device => ({
  id: row.id,
  serial: row.serial,
  kind: row.kind,
  name: row.name,
  model: row.model,
  unit: { id: row.unit_id, name: row.unit_name },
  state: row.state,
  holder: row.holder,
  firstSeenAt: row.created_at.toISOString(),
  lastOffloadAt: row.last_offload_at?.toISOString() ?? null,
  lastDock: row.last_dock,
  clockOffsetMs: row.clock_offset_ms,
});
