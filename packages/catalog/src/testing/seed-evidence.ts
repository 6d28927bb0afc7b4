import { sql } from 'kysely';
import type { Database } from '../database/connect.ts';
import { newId } from '../id/id.ts';

export interface SeedOptions {
  readonly rows: number;
  /** leaves of the tree of units: one bureau, `counties` below it, `sections` below each; sizes are uneven as in life */
  readonly counties: number;
  readonly sections: number;
  readonly officers: number;
  readonly devices: number;
  /** rows by statement */
  readonly batch?: number;
  readonly onProgress?: (rows: number) => void;
}

export interface Seeded {
  readonly bureau: string;
  readonly counties: readonly string[];
  readonly sections: readonly string[];
  readonly devices: readonly string[];
  /** officer numbers are `100000` and up */
  readonly officers: number;
}

/**
 * Fills a database with evidence as years of work leave it: three years of recordings, half of them in a tenth of the units, one in twenty
 * audio, rare documents, one in a thousand quarantined, two in a hundred marked. For benchmarks; `db` is the owner's pool. Rows have no
 * objects in any vault, and all are sealed by one event.
 */
export async function seedEvidence(db: Database, options: SeedOptions): Promise<Seeded> {
  const units = await seedUnits(db, options);
  const account = newId();
  await sql`insert into account (id, login, name, unit_id, password_hash, created_at)
    values (${account}, ${`seed-${account}`}, 'Seed', ${units.bureau}, '', now())`.execute(db);
  const devices = await seedDevices(db, units.sections, options.devices);
  const { rows: events } = await sql<{ id: number }>`
    insert into ledger_event (type, at, actor_kind, actor_id, subject_kind, subject_id, entry)
    values ('evidence.sealed', now(), 'system', 'seed', 'evidence', 'seed', '{}') returning id`.execute(db);
  const event = events[0]?.id ?? 0;
  const rebuildIndexes = await withoutIndexes(db);
  const batch = options.batch ?? 20_000;
  for (let first = 0; first < options.rows; first += batch) {
    const last = Math.min(options.rows, first + batch) - 1;
    await db.transaction().execute(async (tx) => {
      // No trigger runs: what they would check holds by construction, and the tally is made at the end.
      await sql`set local session_replication_role = replica`.execute(tx);
      await sql`create temporary table seed on commit drop as
        with drawn as (
          select n, gen_random_uuid() as id, hashint8extended(n, 1) as a, hashint8extended(n, 2) as b, hashint8extended(n, 3) as c
          from generate_series(${first}::bigint, ${last}::bigint) n
        )
        select n, id, abs(b % 1000) as mill, abs(c % 100000) as dice,
          (${[...units.sections]}::uuid[])[1 + case when a % 2 = 0
            then abs(b % greatest(1, ${units.sections.length}::int / 10)) else abs(b % ${units.sections.length}::int) end] as unit_id,
          1 + abs(c % ${devices.length}::int) as device,
          date_trunc('milliseconds', timestamptz '2023-01-01' + interval '3 years' * (abs(a % 1000000) / 1e6)) as captured_at
        from drawn`.execute(tx);
      await sql`insert into upload (id, unit_id, account_id, name, kind, metadata, part_size, vault_key, vault_transfer, state,
          created_at, updated_at, expires_at)
        select id, unit_id, ${account}, 'seed', 'video', '{}', 1, 'seed/' || id, 'seed', 'sealed', captured_at, captured_at, captured_at
        from seed`.execute(tx);
      await sql`insert into evidence (id, state, unit_id, device_id, device_serial, account_id, officer_number, name, kind, size,
          key_mark, captured_at, received_at, sealed_at, received_parts, read_back_bytes, sha256, sm3, tree_root, tree_leaf_size,
          vault_driver, vault_key, vault_version, protection, lock_mode, event_id)
        select id, case when mill = 7 then 'quarantined' else 'sealed' end, unit_id, (${[...devices]}::uuid[])[device], 'S' || device,
          ${account}, (100000 + dice % ${options.officers}::int)::text,
          case when dice % 200 = 0 then '现场勘查' when dice % 50 = 0 then '询问笔录' else 'REC' end
            || to_char(captured_at, 'YYYYMMDD_HH24MISS') || '_' || n
            || case when mill < 50 then '.mp3' when mill < 52 then '.pdf' when mill < 60 then '.jpg' else '.mp4' end,
          case when mill < 50 then 'audio' when mill < 52 then 'document' when mill < 60 then 'image' else 'video' end,
          200000000 + dice * 1000, dice % 100 < 2, captured_at, captured_at + interval '6 hours', captured_at + interval '7 hours',
          1, 200000000 + dice * 1000, digest, digest, digest, 4194304, 'disk', 'seed/' || id, 'seed', 'advisory', 'none', ${event}
        from seed, lateral (select sha256(convert_to(id::text, 'UTF8')) as digest) d`.execute(tx);
      await sql`insert into derivative (evidence_id, kind, state, data, updated_at)
        select id, kind, 'ready', jsonb_build_object('durationMs', dice * 10), captured_at
        from seed, unnest(array['probe', 'proxy']) kind`.execute(tx);
    });
    options.onProgress?.(last + 1);
  }
  await sql`insert into evidence_tally (unit_id, slot, sealed, quarantined, bytes)
    select unit_id, -1, count(*) filter (where state = 'sealed'), count(*) filter (where state = 'quarantined'), sum(size)
    from evidence group by unit_id`.execute(db);
  await db.connection().execute(async (connection) => {
    await sql`set statement_timeout = 0`.execute(connection);
    await sql`set maintenance_work_mem = '512MB'`.execute(connection);
    await rebuildIndexes(connection);
    await sql`vacuum analyze`.execute(connection);
    await sql`reset all`.execute(connection);
  });
  return { ...units, devices, officers: options.officers };
}

/** Drops what can be built again faster than kept up; answers how to build it. */
async function withoutIndexes(db: Database): Promise<(on: Database) => Promise<void>> {
  const { rows } = await sql<{ name: string; definition: string }>`
    select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition
    from pg_index i where i.indrelid = 'evidence'::regclass and not i.indisunique`.execute(db);
  for (const { name } of rows) await sql`drop index ${sql.table(name)}`.execute(db);
  return async (on) => {
    for (const { definition } of rows) await sql.raw(definition).execute(on);
  };
}

async function seedUnits(db: Database, { counties, sections }: SeedOptions) {
  const bureau = newId();
  const insert = (id: string, path: readonly string[]) =>
    sql`insert into unit (id, parent_id, name, code, path)
      values (${id}, ${path.at(-1) ?? null}, ${`单位 ${id.slice(-6)}`}, ${id}, ${[...path, id]}::uuid[])`.execute(db);
  await insert(bureau, []);
  const made = { bureau, counties: [] as string[], sections: [] as string[] };
  for (let c = 0; c < counties; c++) {
    const county = newId();
    await insert(county, [bureau]);
    made.counties.push(county);
    for (let s = 0; s < sections; s++) {
      const section = newId();
      await insert(section, [bureau, county]);
      made.sections.push(section);
    }
  }
  return made;
}

async function seedDevices(db: Database, sections: readonly string[], count: number): Promise<string[]> {
  const devices = Array.from({ length: count }, newId);
  await sql`insert into device (id, serial, kind, name, unit_id, state, created_at)
    select id, 'S' || n || '-' || id, 'body_camera', '记录仪 ' || n, (${[...sections]}::uuid[])[1 + n % ${sections.length}::int], 'in_use', now()
    from unnest(${devices}::uuid[]) with ordinality as d (id, n)`.execute(db);
  return devices;
}
