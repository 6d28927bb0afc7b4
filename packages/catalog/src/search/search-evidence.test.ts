import { createTestDatabase, seedEvidence, type TestDatabase } from '@fengcun/catalog/testing';
import { testPostgresUrl } from '@fengcun/local/testing';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../database/connect.ts';
import { listEvidence } from '../evidence/list-evidence.ts';
import { type UnitScope, unitScope } from '../unit/scope.ts';
import type { EvidenceFilter } from './evidence-filter.ts';
import { refreshSearch } from './refresh-search.ts';
import { readTimeline } from './timeline.ts';

interface Item {
  readonly id: string;
  readonly at: Date;
  readonly unit: string;
  readonly kind: string;
  readonly state: string;
  readonly mark: boolean;
  readonly device: string;
  readonly officer: string;
  readonly case: string | null;
  readonly place: string | null;
  readonly tags: string[];
  /** every text of the item, folded */
  readonly lines: string[];
}

let database: TestDatabase;
let owner: Database;
let access: Database;
let items: readonly Item[];
let seeded: Awaited<ReturnType<typeof seedEvidence>>;
const now = new Date('2026-02-01T00:00:00Z');

beforeAll(async () => {
  database = await createTestDatabase(testPostgresUrl());
  owner = database.as('owner');
  access = database.as('fengcun_access');
  const shape = { rows: 3000, counties: 3, sections: 4, officers: 40, devices: 20 };
  seeded = await seedEvidence({ url: database.ownerUrl, ...shape });
  const { rows } = await sql<Item>`
    select e.id, e.captured_at as at, e.unit_id as unit, e.kind, e.state, e.key_mark as mark, e.device_id as device,
      e.officer_number as officer, d.case_id as case, lower(normalize(d.place, nfkc)) as place, coalesce(d.tags, '{}') as tags,
      array_remove(array[e.name, e.officer_number, a.name, e.device_serial, v.name, d.title, d.place, c.number] || d.tags, null) as lines
    from evidence e join account a on a.officer_number = e.officer_number join device v on v.id = e.device_id
    left join evidence_description d on d.evidence_id = e.id left join case_file c on c.id = d.case_id
    order by e.captured_at desc, e.id desc`.execute(owner);
  items = rows.map((row) => ({ ...row, lines: row.lines.map((line) => line.normalize('NFKC').toLowerCase()) }));
}, 120_000);
afterAll(() => database.drop());

/** All pages, seven at a time so that there are many. */
async function found(filter: EvidenceFilter, scope?: UnitScope, most = 70): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await listEvidence(access, scope ?? (await unitScope(access, [seeded.bureau])), filter, {
      cursor,
      limit: 7,
    });
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.next ?? undefined;
  } while (cursor && ids.length < most);
  return ids;
}
const expected = (passes: (item: Item) => boolean, most = 70) =>
  items
    .filter(passes)
    .slice(0, most)
    .map(({ id }) => id);
const has =
  (...words: string[]) =>
  (item: Item) =>
    words.every((word) => item.lines.some((line) => line.includes(word)));

describe('a search finds exactly what has every word in it, newest first', () => {
  it.each<[string, string, (item: Item) => boolean]>([
    ['a word of a title', '查封', has('查封')],
    ['one character', '听', has('听')],
    ['words that stand apart', '现场检查人民路', has('现场', '检查', '人民路')],
    ['a part of a serial', '7-dsj', has('7-dsj')],
    ['whatever the case and width', 'ＲＥＣ2024', has('rec2024')],
    ['digits inside of a name', '2024031', has('2024031')],
    ['an officer by name', '张', has('张')],
    ['an officer by number', '100012', has('100012')],
    [
      'a device by name',
      '执法记录仪 12',
      (item) => has('执法', '记录仪')(item) && item.lines.some((l) => /(^|[^a-z0-9])12($|[^a-z0-9])/.test(l)),
    ],
    ['a phrase', '"执法记录仪 12"', has('执法记录仪 12')],
    ['a case number', '〔2025〕第17号', has('2025', '第17号')],
    [
      'a number that stands alone',
      '17',
      (item) => item.lines.some((line) => /(^|[^a-z0-9])17($|[^a-z0-9])/.test(line)),
    ],
    ['what every recording has', 'rec', has('rec')],
    ['what none has', '纵火', has('纵火')],
    ['what would be a wildcard elsewhere', 'rec%', has('rec%')],
    ['nothing to look for', '% -', () => false],
  ])('%s', async (_name, q, passes) => {
    expect(await found({ q })).toEqual(expected(passes));
  });
});

describe('filters', () => {
  const from = new Date('2024-03-01T05:00:00Z');
  const to = new Date('2024-09-17T05:00:00Z');
  it.each<[string, () => EvidenceFilter, (item: Item) => boolean]>([
    ['none', () => ({}), () => true],
    ['kind', () => ({ kind: 'audio' }), (i) => i.kind === 'audio'],
    ['state', () => ({ state: 'quarantined' }), (i) => i.state === 'quarantined'],
    ['sealed', () => ({ state: 'sealed' }), (i) => i.state === 'sealed'],
    ['mark', () => ({ keyMark: true }), (i) => i.mark],
    ['no mark', () => ({ keyMark: false }), (i) => !i.mark],
    ['device', () => ({ device: seeded.devices[3] ?? '' }), (i) => i.device === seeded.devices[3]],
    ['officer', () => ({ officer: '100007' }), (i) => i.officer === '100007'],
    [
      'case',
      () => ({ case: items.find((i) => i.case)?.case ?? '' }),
      (i) => i.case === items.find((j) => j.case)?.case,
    ],
    ['tag', () => ({ tag: '夜查' }), (i) => i.tags.includes('夜查')],
    ['place', () => ({ place: '人民路1' }), (i) => i.place?.includes('人民路1') ?? false],
    ['time', () => ({ from, to }), (i) => i.at >= from && i.at < to],
    [
      'all at once',
      () => ({ q: 'rec', kind: 'video', keyMark: false, tag: '投诉', from, to }),
      (i) => i.kind === 'video' && !i.mark && i.tags.includes('投诉') && i.at >= from && i.at < to,
    ],
  ])('%s', async (_name, filter, passes) => {
    expect(await found(filter())).toEqual(expected(passes));
    const timeline = await readTimeline(access, await unitScope(access, [seeded.bureau]), filter(), now);
    expect(timeline).toMatchObject({ total: items.filter(passes).length, countedFrom: null });
    for (const bar of timeline.bars) {
      const inside = items.filter((i) => i.at >= new Date(bar.from) && i.at < new Date(bar.to) && passes(i));
      expect(inside, bar.from).toHaveLength(bar.count);
    }
  });

  it('never reach beyond the units of the reader', async () => {
    for (const unit of [seeded.counties[1] ?? '', seeded.sections[2] ?? '']) {
      const scope = await unitScope(access, [unit]);
      const own = (item: Item) => scope.units.includes(item.unit);
      expect(await found({}, scope)).toEqual(expected(own));
      expect(await found({ q: 'rec', kind: 'audio' }, scope)).toEqual(expected((i) => own(i) && i.kind === 'audio'));
      const { total } = await readTimeline(access, scope, {}, now);
      expect(total).toBe(items.filter(own).length);
    }
    expect(await found({ q: 'rec' }, { units: [], everything: false, tops: [] })).toEqual([]);
  });

  it('reach what a moved unit brought along, at once', async () => {
    const [moved = '', into = ''] = [seeded.sections[0], seeded.counties[2]];
    const before = items.filter((item) => item.unit === moved).length;
    expect(before).toBeGreaterThan(0);
    await sql`update unit set parent_id = ${into}, path = (select path from unit where id = ${into}) || id where id = ${moved}`.execute(
      owner,
    );
    const own = (item: Item, units: readonly string[]) => units.includes(item.unit);
    for (const refreshed of [false, true]) {
      if (refreshed) while ((await refreshSearch(access)) > 0);
      const scope = await unitScope(access, [into]);
      expect(scope.units).toContain(moved);
      expect(await found({ q: 'rec' }, scope)).toEqual(expected((item) => own(item, scope.units)));
    }
  });

  it('find a recording by the new name of its officer, and no more by the old one', async () => {
    await sql`update account set name = '欧阳青' where officer_number = '100003'`.execute(owner);
    while ((await refreshSearch(access)) > 0);
    expect(await found({ q: '欧阳青' })).toEqual(expected((item) => item.officer === '100003'));
  });
});

it('what bulk seeding writes is what the database would', async () => {
  const before = await sql<{ id: string; terms: string[] }>`
    select evidence_id as id, array(select distinct unnest(terms) order by 1) as terms from evidence_search order by 1`.execute(
    owner,
  );
  await sql`select index_evidence(array(select id from evidence))`.execute(owner);
  const after = await sql<{ id: string; terms: string[] }>`
    select evidence_id as id, array(select distinct unnest(terms) order by 1) as terms from evidence_search order by 1`.execute(
    owner,
  );
  expect(after.rows).toEqual(before.rows);
});
