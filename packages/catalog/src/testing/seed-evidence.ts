import { sql } from 'kysely';
import { connect, type Database } from '../database/connect.ts';
import { newId } from '../id/id.ts';

export interface SeedOptions {
  /** the owner's URL */
  readonly url: string;
  readonly rows: number;
  /** leaves of the tree of units: one bureau, `counties` below it, `sections` below each; sizes are uneven as in life */
  readonly counties: number;
  readonly sections: number;
  readonly officers: number;
  readonly devices: number;
}

export interface Seeded {
  readonly bureau: string;
  readonly counties: readonly string[];
  readonly sections: readonly string[];
  readonly devices: readonly string[];
  readonly cases: readonly string[];
  /** officer numbers are `100000` and up */
  readonly officers: number;
}

/**
 * Fills a database with evidence as years of work leave it: three years of recordings, half of them in a tenth of the units, one in twenty
 * audio, rare documents, one in a thousand quarantined, two in a hundred marked, three in ten described with title, place, tags and, half of
 * them, a case. For benchmarks: rows have no uploads and no objects in any vault, and all are sealed by one event. Nothing is checked and no
 * trigger runs while it fills; what they would have written is written here, and indexes are built at the end.
 */
export async function seedEvidence(options: SeedOptions): Promise<Seeded> {
  const db = connect({ url: options.url, name: 'seed', max: 3 });
  try {
    const seeded = await seedSurroundings(db, options);
    const rebuild = await withoutIndexes(db);
    const chunks = Math.max(1, Math.round(options.rows / 100_000));
    const bounds = Array.from({ length: chunks + 1 }, (_, n) => Math.round((options.rows * n) / chunks));
    const parts = bounds
      .slice(1)
      .map((last, n) => ({ table: `seed_part_${n}`, first: bounds[n] ?? 0, last: last - 1 }));
    await inParallel(
      parts.map(({ table, first, last }) => async () => {
        await draw(db, seeded, table, first, last, options);
        await fillSearch(db, table);
      }),
    );
    // The index of terms takes one core as long as everything else takes the other.
    await inParallel([
      ...rebuild.filter(({ gin }) => gin).map(({ build }) => build),
      ...parts.map(
        ({ table }) =>
          () =>
            fillEvidence(db, seeded, table),
      ),
      ...rebuild.filter(({ gin }) => !gin).map(({ build }) => build),
    ]);
    await tallies(db);
    return seeded;
  } finally {
    await db.destroy();
  }
}

/** Two at a time: PostgreSQL uses a core for each connection. */
async function inParallel(work: readonly (() => Promise<void>)[]): Promise<void> {
  const queue = [...work];
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) await next();
  };
  await Promise.all([worker(), worker()]);
}

/** A connection on which nothing is checked, no trigger runs and nothing takes too long. */
const unchecked = <T>(db: Database, work: (on: Database) => Promise<T>): Promise<T> =>
  db.connection().execute(async (on) => {
    await sql`set session_replication_role = replica`.execute(on);
    await sql`set statement_timeout = 0`.execute(on);
    await sql`set maintenance_work_mem = '512MB'`.execute(on);
    await sql`set work_mem = '64MB'`.execute(on);
    return work(on as Database);
  });

const titles = [
  '现场检查',
  '查封扣押财物',
  '强制拆除违法建筑',
  '送达行政处罚决定书',
  '询问当事人',
  '留置送达',
  '公告送达',
  '听证会全程',
  '抽样取证',
  '责令改正通知书',
];
const subjects = ['张记餐馆', '李氏超市', '华兴建材市场', '龙泉加油站', '新世纪商城', '阳光幼儿园'];
const streets = ['市场路', '人民路', '解放大道', '建设街', '工业园区', '高新区', '老城区', '滨河路'];
const tags = ['夜查', '投诉', '复查', '联合执法', '专项整治'];
const surnames = ['张', '王', '李', '赵', '陈', '刘', '杨', '黄', '周', '吴'];
const givenNames = ['伟', '芳', '娜', '敏', '静', '强', '磊', '洋', '艳', '勇', '军', '杰'];

/** Draws the recordings of a part, in a table of its own. */
async function draw(
  db: Database,
  { sections, devices }: Seeded,
  table: string,
  first: number,
  last: number,
  { rows, officers }: SeedOptions,
): Promise<void> {
  const secondsApart = (3 * 365 * 86_400) / rows;
  await unchecked(db, async (on) => {
    await sql`create unlogged table ${sql.table(table)} as
      with hashed as (
        select n, abs(hashint8extended(n, 1) % 1000003) as a, abs(hashint8extended(n, 2) % 1000003) as b,
          abs(hashint8extended(n, 3) % 1000003) as c, abs(hashint8extended(n, 4) % 1000003) as d
        from generate_series(${first}::bigint, ${last}::bigint) n
      ), drawn as (
        select *, b % 1000 as mill,
          1 + (case when a % 2 = 0 then b % greatest(1, ${sections.length}::int / 10) else b % ${sections.length}::int end) as section,
          1 + c % ${devices.length}::int as device, 1 + d % ${officers}::int as officer,
          date_trunc('milliseconds', timestamptz '2023-01-01' + n * ${secondsApart}::float8 * interval '1 second' + (a % 86400) * interval '1 second')
            as captured_at,
          case when d % 10 < 3 then 1 + (a + c) % 6000 end as said
        from hashed
      )
      select *, (lpad(to_hex((extract(epoch from captured_at) * 1000)::bigint), 12, '0') || '7' || substr(md5(n::text), 1, 3) || '8'
          || substr(md5(n::text), 4, 15))::uuid as id,
        case when mill < 50 then 'audio' when mill < 52 then 'document' when mill < 60 then 'image' else 'video' end as kind,
        case when mill = 7 then 'quarantined' else 'sealed' end as state, c % 100 < 2 as key_mark,
        'REC' || to_char(captured_at, 'YYYYMMDD_HH24MISS') || '_' || n
          || case when mill < 50 then '.mp3' when mill < 52 then '.pdf' when mill < 60 then '.jpg' else '.mp4' end as name
      from drawn order by captured_at`.execute(on);
    // Worked out once: a query would do it again for every gram.
    await sql`alter table ${sql.table(table)} add column week integer, add column folded text`.execute(on);
    await sql`update ${sql.table(table)} set week = search_week(captured_at), folded = lower(name)`.execute(on);
    await sql`analyze ${sql.table(table)}`.execute(on);
  });
}

const fillEvidence = (db: Database, { cases }: Seeded, table: string): Promise<void> =>
  unchecked(db, async (on) => {
    await sql`insert into evidence (id, state, unit_id, device_id, device_serial, account_id, officer_number, name, kind, size,
        key_mark, captured_at, received_at, sealed_at, received_parts, read_back_bytes, sha256, sm3, tree_root, tree_leaf_size,
        vault_driver, vault_key, vault_version, protection, lock_mode, event_id)
      select s.id, s.state, u.unit_id, v.id, v.serial, o.id, o.number, s.name, s.kind, 200000000 + c * 1000, s.key_mark, s.captured_at,
        captured_at + interval '6 hours', captured_at + interval '7 hours', 1, 200000000 + c * 1000, digest, digest, digest, 4194304,
        'disk', 'seed/' || s.id, 'seed', 'advisory', 'none', 1
      from ${sql.table(table)} s join seed_unit u on u.n = s.section join seed_device v on v.n = s.device join seed_officer o on o.n = s.officer,
        lateral (select sha256(convert_to(s.id::text, 'UTF8')) as digest) d`.execute(on);
    await sql`insert into derivative (evidence_id, kind, state, data, updated_at)
      select id, made, 'ready', jsonb_build_object('durationMs', c * 10), captured_at
      from ${sql.table(table)}, unnest(array['probe', 'proxy']) made`.execute(on);
    await sql`insert into evidence_description (evidence_id, version, title, place, tags, case_id, account_id, described_at, event_id)
      select s.id, 1, t.title, t.place, t.tags, case when s.a % 2 = 0 then (${[...cases]}::uuid[])[t.case_n] end, o.id, s.captured_at, 1
      from ${sql.table(table)} s join seed_title t on t.n = s.said join seed_officer o on o.n = s.officer`.execute(on);
    await sql`drop table ${sql.table(table)}`.execute(on);
  });

const fillSearch = (db: Database, table: string): Promise<void> =>
  unchecked(db, async (on) => {
    // What `index_evidence` would write, with the hashes of everything that recurs taken once: only the name is each recording's own.
    await sql`insert into evidence_search (evidence_id, captured_at, week, unit_id, kind, state, key_mark, device_id, officer_number,
        title, place, tags, case_id, case_number, text, terms)
      select s.id, s.captured_at, s.week, u.unit_id, s.kind, s.state, s.key_mark, v.id, o.number, t.title, t.folded_place,
        coalesce(t.tags, '{}'), c.id, c.number, concat_ws(E'\n', s.folded, o.text, v.text, t.text, c.number),
        array(
          select (s.week::bigint << 32) | hash from unnest(o.hashes || v.hashes || u.hashes || t.hashes || c.hashes
            || ${hashOf(sql`search_key('kind', s.kind)`)} || case when s.state = 'quarantined' then ${hashOf(sql`search_key('state', s.state)`)} end
            || case when s.key_mark then ${hashOf(sql`search_key('mark', '')`)} end
            || case when s.n < 100 then ${hashOf(sql`'=' || s.n`)} end) hash where hash is not null
          union all
          select (s.week::bigint << 32) | ${hashOf(sql`substr(s.folded, i, 3)`)} from generate_series(1, length(s.folded) - 2) i
        )
      from ${sql.table(table)} s join seed_unit u on u.n = s.section join seed_device v on v.n = s.device join seed_officer o on o.n = s.officer
      left join seed_title t on t.n = s.said
      left join seed_case c on c.n = t.case_n and s.a % 2 = 0`.execute(on);
  });

/** Units, devices, officers, cases and what will be said, with the grams of each. */
async function seedSurroundings(db: Database, options: SeedOptions): Promise<Seeded> {
  const bureau = newId();
  const made = { bureau, counties: [] as string[], sections: [] as string[] };
  await unchecked(db, async (on) => {
    const insert = (id: string, path: readonly string[]) =>
      sql`insert into unit (id, parent_id, name, code, path)
        values (${id}, ${path.at(-1) ?? null}, ${`单位 ${id.slice(-6)}`}, ${id}, ${[...path, id]}::uuid[])`.execute(on);
    await insert(bureau, []);
    for (let c = 0; c < options.counties; c++) {
      const county = newId();
      await insert(county, [bureau]);
      made.counties.push(county);
      for (let s = 0; s < options.sections; s++) {
        const section = newId();
        await insert(section, [bureau, county]);
        made.sections.push(section);
      }
    }
    await sql`create table seed_unit as
      select n, unit_id, array(select ${hashOf(sql`search_key('unit', above::text)`)} from unit, unnest(path) above where id = unit_id) as hashes
      from unnest(${made.sections}::uuid[]) with ordinality as u (unit_id, n)`.execute(on);
    await sql`create table seed_device as
      select n, gen_random_uuid() as id, 'S' || n || '-DSJ-V8' as serial, '执法记录仪 ' || n as name from generate_series(1, ${options.devices}::int) n`.execute(
      on,
    );
    await sql`insert into device (id, serial, kind, name, unit_id, state, created_at)
      select d.id, d.serial, 'body_camera', d.name, u.unit_id, 'in_use', now()
      from seed_device d join seed_unit u on u.n = 1 + d.n % ${made.sections.length}::int`.execute(on);
    await grams(on, 'seed_device', sql`array[serial, name]`, sql`array[search_key('device', id::text)]`);
    await sql`create table seed_officer as
      select n, gen_random_uuid() as id, (99999 + n)::text as number,
        (${surnames}::text[])[1 + n % ${surnames.length}::int] || (${givenNames}::text[])[1 + (n / 10) % ${givenNames.length}::int]
          || (array['', '国', '明', '华', '志'])[1 + (n / 120) % 5] as name
      from generate_series(1, ${options.officers}::int) n`.execute(on);
    await sql`insert into account (id, login, name, officer_number, unit_id, created_at)
      select id, 'seed-' || number, name, number, ${bureau}::uuid, now() from seed_officer`.execute(on);
    await grams(on, 'seed_officer', sql`array[number, name]`, sql`array[search_key('officer', number)]`);
    await sql`create table seed_case as
      select n, gen_random_uuid() as id, '豫商执罚字〔' || 2023 + n % 3 || '〕第' || n || '号' as number from generate_series(1, 2000) n`.execute(
      on,
    );
    await sql`insert into case_file (id, number, unit_id, title, opened_by, opened_at)
      select c.id, search_fold(c.number), ${bureau}::uuid, '案卷 ' || c.n, o.id, now() from seed_case c join seed_officer o on o.n = 1`.execute(
      on,
    );
    await sql`update seed_case set number = search_fold(number)`.execute(on);
    await grams(on, 'seed_case', sql`array[number]`, sql`array[search_key('case', id::text)]`);
    await sql`create table seed_title as
      select n, (${titles}::text[])[1 + n % ${titles.length}::int] || '：' || (${subjects}::text[])[1 + (n / 10) % ${subjects.length}::int] || n / 60 as title,
        (${streets}::text[])[1 + n % ${streets.length}::int] || n % 500 || '号' as place,
        array[(${tags}::text[])[1 + n % ${tags.length}::int]] as tags, 1 + n % 2000 as case_n
      from generate_series(1, 6000) n`.execute(on);
    await sql`alter table seed_title add column folded_place text generated always as (search_fold(place)) stored`.execute(
      on,
    );
    await grams(
      on,
      'seed_title',
      sql`array[title, place] || tags`,
      sql`array[search_key('tag', search_fold(tags[1]))]`,
    );
  });
  const { rows: devices } = await sql<{ id: string }>`select id from seed_device order by n`.execute(db);
  const { rows: cases } = await sql<{ id: string }>`select id from seed_case order by n`.execute(db);
  const ids = (found: readonly { readonly id: string }[]) => found.map(({ id }) => id);
  return { ...made, devices: ids(devices), cases: ids(cases), officers: options.officers };
}

type Part = ReturnType<typeof sql>;

async function grams(on: Database, table: string, lines: Part, keys: Part): Promise<void> {
  const name = sql.table(table);
  await sql`alter table ${name} add column text text, add column hashes bigint[]`.execute(on);
  await sql`update ${name} set text = (select string_agg(search_fold(line), E'\n' order by n) from unnest(${lines}) with ordinality l (line, n)),
    hashes = array(select ${hashOf(sql`key`)} from (
      select gram as key from unnest(${lines}) line, unnest(search_grams(search_fold(line))) gram union all select unnest(${keys})) keys)`.execute(
    on,
  );
  await sql`analyze ${name}`.execute(on);
}

const hashOf = (key: Part) => sql`(hashtext(${key})::bigint & 4294967295)`;

/** Drops what can be built again faster than kept up; answers how to build each. */
async function withoutIndexes(
  db: Database,
): Promise<readonly { readonly gin: boolean; readonly build: () => Promise<void> }[]> {
  const { rows } = await sql<{ name: string; definition: string }>`
    select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition
    from pg_index i where i.indrelid in ('evidence'::regclass, 'evidence_search'::regclass, 'derivative'::regclass) and not i.indisunique`.execute(
    db,
  );
  for (const { name } of rows) await sql`drop index ${sql.table(name)}`.execute(db);
  return rows.map(({ definition }) => ({
    gin: definition.includes('USING gin'),
    build: () =>
      unchecked(db, async (on) => {
        await sql.raw(definition).execute(on);
      }),
  }));
}

/** What the triggers of sealing count, and what PostgreSQL has to know of the tables. */
const tallies = (db: Database): Promise<void> =>
  unchecked(db, async (on) => {
    await sql`insert into evidence_tally (unit_id, slot, sealed, quarantined, bytes)
      select unit_id, -1, count(*) filter (where state = 'sealed'), count(*) filter (where state = 'quarantined'), sum(size)
      from evidence group by unit_id`.execute(on);
    await sql`insert into search_week select distinct week from evidence_search`.execute(on);
    await sql`insert into evidence_period (grain, starts_on, unit_id, kind, state, key_mark, slot, items)
      select 'day', china_day(captured_at), unit_id, kind, state, key_mark, 0, count(*) from evidence_search group by 2, 3, 4, 5, 6`.execute(
      on,
    );
    await sql`insert into evidence_period (grain, starts_on, unit_id, kind, state, key_mark, slot, items)
      select 'month', date_trunc('month', starts_on)::date, unit_id, kind, state, key_mark, 0, sum(items)
      from evidence_period where grain = 'day' group by 2, 3, 4, 5, 6`.execute(on);
    for (const table of [
      'evidence',
      'evidence_search',
      'evidence_period',
      'derivative',
      'evidence_description',
      'unit',
      'account',
      'search_week',
    ])
      await sql`vacuum (analyze) ${sql.table(table)}`.execute(on);
    for (const table of ['seed_unit', 'seed_device', 'seed_officer', 'seed_case', 'seed_title'])
      await sql`drop table ${sql.table(table)}`.execute(on);
  });
