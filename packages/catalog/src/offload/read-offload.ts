import type { Offload, OffloadFile, OffloadSummary } from '@fengcun/contracts';
import { sql } from 'kysely';
import type { Executor } from '../database/connect.ts';
import { type PageRequest, pageOf, timeKeyOf } from '../page/page.ts';

/** An offload with the state of every file, or undefined. Who may see it is the caller's question (`findOffload`). */
export async function readOffload(db: Executor, id: string): Promise<Offload | undefined> {
  const row = await selectOffloads(db).where('o.id', '=', id).executeTakeFirst();
  if (!row) return undefined;
  const [files, gaps] = await Promise.all([readFiles(db, id, row.device_id), readGaps(db, id)]);
  const missing = files.filter(({ action }) => action === 'upload').map(({ ordinal }) => ordinal);
  return {
    ...toHead(row),
    deviceClock: row.device_clock?.toISOString() ?? null,
    dockClock: row.dock_clock?.toISOString() ?? null,
    deviceClockOffsetMs: deviceClockOffsetMs(row.device_clock, row.dock_clock),
    files,
    missing,
    gaps,
    complete: files.every(({ state }) => state === 'sealed') && gaps.every(({ explained }) => explained !== null),
  };
}

/**
 * How far the device's clock was ahead of the dock's, ms: both were read at the same moment, when the device was docked. (The server's
 * clock at opening is later by however long the dock needed to read and digest the files.)
 */
export function deviceClockOffsetMs(deviceClock: Date | null, dockClock: Date | null): number | null {
  return deviceClock && dockClock ? deviceClock.getTime() - dockClock.getTime() : null;
}

/** Offloads of the given units, newest first. Rejects `cursor_invalid`. */
export async function listOffloadsOf(
  db: Executor,
  filter: {
    readonly units: readonly string[];
    readonly device?: string | undefined;
    readonly dock?: string | undefined;
  },
  page: PageRequest,
): Promise<{ items: OffloadSummary[]; next: string | null }> {
  if (filter.units.length === 0) return { items: [], next: null };
  const after = timeKeyOf(page.cursor);
  const rows = await selectOffloads(db)
    .leftJoinLateral(
      (eb) =>
        eb
          .selectFrom('offload_file as f')
          .leftJoin('upload as u', (join) =>
            join
              .onRef('u.offload_id', '=', 'f.offload_id')
              .onRef('u.offload_ordinal', '=', 'f.ordinal')
              .on('u.state', 'not in', ['expired', 'terminated']),
          )
          .select([
            sql<number>`count(*)::int`.as('files'),
            sql<number>`(count(*) filter (where u.state = 'sealed' or (u.id is null and f.sealed_as is not null)))::int`.as(
              'sealed',
            ),
            sql<number>`(count(*) filter (where u.state = 'quarantined'))::int`.as('quarantined'),
            sql<number>`coalesce(sum(f.size), 0)::bigint`.as('bytes'),
            sql<number>`coalesce(sum(coalesce(u.durable_offset, case when f.sealed_as is null then 0 else f.size end)), 0)::bigint`.as(
              'received',
            ),
          ])
          .whereRef('f.offload_id', '=', 'o.id')
          .as('sums'),
      (join) => join.onTrue(),
    )
    .select(['sums.files', 'sums.sealed', 'sums.quarantined', 'sums.bytes', 'sums.received'])
    .select((eb) =>
      eb
        .selectFrom('sequence_gap as g')
        .select(sql<number>`count(*)::int`.as('n'))
        .whereRef('g.offload_id', '=', 'o.id')
        .where('g.explained_at', 'is', null)
        .as('open_gaps'),
    )
    .where('o.unit_id', 'in', [...filter.units])
    .$if(filter.device !== undefined, (query) => query.where('o.device_id', '=', filter.device ?? ''))
    .$if(filter.dock !== undefined, (query) => query.where('o.dock_id', '=', filter.dock ?? ''))
    .$if(after !== undefined, (query) =>
      query.where(sql<boolean>`(o.opened_at, o.id) < (${after?.at}::timestamptz, ${after?.id}::uuid)`),
    )
    .orderBy('o.opened_at', 'desc')
    .orderBy('o.id', 'desc')
    .limit(page.limit + 1)
    .execute();
  const { items, next } = pageOf(rows, page.limit, (row) => ({ at: row.opened_at, id: row.id }));
  return {
    next,
    items: items.map((row) => ({
      ...toHead(row),
      files: row.files ?? 0,
      sealed: row.sealed ?? 0,
      quarantined: row.quarantined ?? 0,
      openGaps: row.open_gaps ?? 0,
      bytes: row.bytes ?? 0,
      bytesReceived: row.received ?? 0,
    })),
  };
}

const selectOffloads = (db: Executor) =>
  db
    .selectFrom('offload as o')
    .innerJoin('device as d', 'd.id', 'o.device_id')
    .innerJoin('unit as n', 'n.id', 'o.unit_id')
    .leftJoin('dock as k', 'k.id', 'o.dock_id')
    .select([
      'o.id',
      'o.device_id',
      'd.serial',
      'd.name as device_name',
      'o.dock_id',
      'k.name as dock_name',
      'o.unit_id',
      'n.name as unit_name',
      'o.officer_number',
      'o.opened_at',
      'o.device_clock',
      'o.dock_clock',
    ]);

type OffloadRow = Awaited<ReturnType<ReturnType<typeof selectOffloads>['execute']>>[number];

const toHead = (row: OffloadRow) => ({
  id: row.id,
  device: { id: row.device_id, serial: row.serial, name: row.device_name },
  dock: row.dock_id === null ? null : { id: row.dock_id, name: row.dock_name ?? '' },
  unit: { id: row.unit_id, name: row.unit_name },
  officer: row.officer_number,
  openedAt: row.opened_at.toISOString(),
});

async function readFiles(db: Executor, offloadId: string, deviceId: string): Promise<OffloadFile[]> {
  const { rows } = await sql<{
    ordinal: number;
    name: string;
    size: number;
    sha256: Buffer;
    kind: OffloadFile['kind'];
    sequence: number | null;
    upload_id: string | null;
    upload_state: string | null;
    durable_offset: number | null;
    expired: boolean;
    sealed_as: string | null;
  }>`
    select f.ordinal, f.name, f.size, f.sha256, f.kind, f.sequence,
      u.id as upload_id, u.state as upload_state, u.durable_offset,
      u.id is null and exists (
        select from upload x where x.offload_id = f.offload_id and x.offload_ordinal = f.ordinal and x.state = 'expired'
      ) as expired,
      -- sealed since the announcement, by way of another offload of the same device
      coalesce(f.sealed_as, (
        select e.id from evidence e
        where u.id is null and e.device_id = ${deviceId}::uuid and e.sha256 = f.sha256 and e.state = 'sealed'
        order by e.id limit 1)) as sealed_as
    from offload_file f
    left join upload u on u.offload_id = f.offload_id and u.offload_ordinal = f.ordinal
      and u.state not in ('expired', 'terminated')
    where f.offload_id = ${offloadId}::uuid
    order by f.ordinal`.execute(db);
  return rows.map((row) => ({
    ordinal: row.ordinal,
    name: row.name,
    size: row.size,
    sha256: row.sha256.toString('hex'),
    kind: row.kind,
    sequence: row.sequence,
    ...stateOf(row),
  }));
}

function stateOf(row: {
  readonly size: number;
  readonly upload_id: string | null;
  readonly upload_state: string | null;
  readonly durable_offset: number | null;
  readonly expired: boolean;
  readonly sealed_as: string | null;
}): Pick<OffloadFile, 'state' | 'offset' | 'evidence' | 'action'> {
  const offset = row.durable_offset ?? 0;
  switch (row.upload_state) {
    case 'sealed':
    case 'quarantined':
      return { state: row.upload_state, offset, evidence: row.upload_id, action: 'none' };
    case 'received':
    case 'sealing':
      return { state: 'received', offset, evidence: row.upload_id, action: 'wait' };
    case 'receiving':
      return { state: 'receiving', offset, evidence: row.upload_id, action: 'upload' };
    default:
      return row.sealed_as === null
        ? { state: row.expired ? 'expired' : 'announced', offset: 0, evidence: null, action: 'upload' }
        : { state: 'sealed', offset: row.size, evidence: row.sealed_as, action: 'none' };
  }
}

async function readGaps(db: Executor, offloadId: string): Promise<Offload['gaps']> {
  const rows = await db
    .selectFrom('sequence_gap as g')
    .leftJoin('account as a', 'a.id', 'g.explained_by')
    .select(['g.id', 'g.first_missing', 'g.last_missing', 'g.explained_at', 'g.reason', 'a.name'])
    .where('g.offload_id', '=', offloadId)
    .orderBy('g.first_missing')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    from: row.first_missing,
    to: row.last_missing,
    explained:
      row.explained_at === null
        ? null
        : { by: row.name ?? '', at: row.explained_at.toISOString(), reason: row.reason ?? '' },
  }));
}
