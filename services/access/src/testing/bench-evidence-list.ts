import { newId } from '@fengcun/catalog';
import { createTestDatabase, type Seeded, type SeedOptions, seedEvidence } from '@fengcun/catalog/testing';
import type { Role } from '@fengcun/contracts';
import { makePerson, testAudience } from '@fengcun/identity/testing';
import { createHttpServer, createLogger, createMetrics } from '@fengcun/runtime';
import type { Vault } from '@fengcun/vault';
import { accessService, defaultAccessLimits } from '../index.ts';

export interface ListFigure {
  readonly reader: string;
  readonly query: string;
  /** ms */
  readonly p50: number;
  readonly p95: number;
  readonly worst: number;
  readonly rows: number;
}

export interface BenchOptions extends SeedOptions {
  /** a superuser's URL */
  readonly serverUrl: string;
  /** requests for each figure */
  readonly rounds: number;
}

/**
 * Measures the evidence list, page of 50, over HTTP in this process, sign-in and visibility included: for readers of everything, of a
 * county and of one section, with each filter, and on a page deep in the list. Answers the figures, slowest first.
 */
export async function benchEvidenceList(options: BenchOptions): Promise<readonly ListFigure[]> {
  const database = await createTestDatabase(options.serverUrl);
  const owner = database.as('owner');
  const app = createHttpServer({
    logger: createLogger({ name: 'bench', level: 'silent' }),
    metrics: createMetrics('bench'),
    health: [],
  });
  try {
    const seeded = await seedEvidence(owner, options);
    await app.register(accessService, {
      config: {
        ...defaultAccessLimits,
        site: {
          id: testAudience,
          name: 'bench',
          version: '0',
          timeZone: 'Asia/Shanghai',
          maxUploadSize: 1,
          logOrigin: 'bench',
        },
        logKeys: [],
      },
      catalog: database.as('fengcun_access'),
      vault: { capabilities: { protection: 'advisory' } } as Vault,
    });
    const reader = async (unit: string, role: Role) => {
      const person = await makePerson(owner, role);
      await owner.updateTable('account_role').set({ unit_id: unit }).where('account_id', '=', person.id).execute();
      return person.cookie;
    };
    const { bureau, counties, sections } = seeded;
    // The unit that `makePerson` makes is outside the bureau; without it the reader of the bureau would not be a reader of everything.
    const readers = [
      ['everything', await reader(bureau, 'bureau_head')],
      ['county', await reader(counties[0] ?? bureau, 'legal')],
      ['section', await reader(sections.at(-1) ?? bureau, 'officer')],
    ] as const;
    await owner
      .updateTable('account')
      .set({ unit_id: bureau })
      .where('unit_id', 'not in', [bureau, ...counties, ...sections])
      .execute();
    await owner
      .deleteFrom('unit')
      .where('id', 'not in', [bureau, ...counties, ...sections])
      .execute();
    const figures: ListFigure[] = [];
    for (const [name, cookie] of readers) {
      for (const query of queriesOf(seeded)) {
        figures.push(
          await measure(name, query, options.rounds, async (url) =>
            (await app.inject({ url, headers: { cookie } })).json(),
          ),
        );
      }
      const times = await timed(options.rounds, () => app.inject({ url: '/api/overview', headers: { cookie } }));
      figures.push({ reader: name, query: 'overview', rows: 1, ...times });
    }
    return figures.toSorted((a, b) => b.p95 - a.p95);
  } finally {
    await app.close();
    await database.drop();
  }
}

interface Page {
  readonly items: readonly unknown[];
  readonly next: string | null;
}

function queriesOf({ devices, sections, counties, officers }: Seeded): readonly Record<string, string>[] {
  const year = { from: '2024-01-01T00:00:00Z', to: '2025-01-01T00:00:00Z' };
  return [
    {},
    year,
    { kind: 'video' },
    { kind: 'document' },
    { kind: 'other' },
    { state: 'quarantined' },
    { state: 'sealed' },
    { keyMark: 'true' },
    { keyMark: 'true', kind: 'document' },
    { keyMark: 'false' },
    { officer: String(100_000 + Math.floor(officers / 2)) },
    { officer: 'nobody' },
    { device: devices[3] ?? '' },
    { device: devices[3] ?? '', kind: 'audio', ...year },
    { offload: newId() },
    { unit: sections[0] ?? '' },
    { unit: counties[0] ?? '', kind: 'audio', ...year },
    { name: '.mp4' },
    { name: '勘查' },
    { name: '笔录', kind: 'audio' },
    { name: '不存在' },
    { name: '20240501' },
    { name: '_31415' },
    { name: '.pdf' },
    { name: '场' },
    { name: '.mp4', ...year },
    { name: 'rec2023', ...year },
  ];
}

/** First page, second page and one a good way down. */
async function measure(
  reader: string,
  query: Record<string, string>,
  rounds: number,
  get: (url: string) => Promise<Page>,
): Promise<ListFigure> {
  const url = (cursor: string | null) =>
    `/api/evidence?${new URLSearchParams({ ...query, ...(cursor ? { cursor } : {}) })}`;
  let cursor: string | null = null;
  const cursors: (string | null)[] = [null];
  let rows = 0;
  for (let page = 0; page < 8; page++) {
    const { items, next } = await get(url(cursor));
    rows += items.length;
    if (!next) break;
    cursor = next;
    cursors.push(next);
  }
  let round = 0;
  const times = await timed(rounds, () => get(url(cursors[round++ % cursors.length] ?? null)));
  return { reader, query: decodeURIComponent(new URLSearchParams(query).toString()) || '(none)', rows, ...times };
}

async function timed(rounds: number, work: () => Promise<unknown>) {
  const times: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const started = performance.now();
    await work();
    times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  const at = (share: number) =>
    Math.round((times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0) * 10) / 10;
  return { p50: at(0.5), p95: at(0.95), worst: at(1) };
}
