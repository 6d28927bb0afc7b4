import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accessService, defaultAccessLimits } from '@fengcun/access';
import { createTestDatabase, seedEvidence } from '@fengcun/catalog/testing';
import { makePerson } from '@fengcun/identity/testing';
import { startPostgres } from '@fengcun/local';
import { createHttpServer, createLogger, createMetrics } from '@fengcun/runtime';
import { openVault } from '@fengcun/vault';
import { quantile } from './statistics.ts';
import { printSection } from './table.ts';

const requests = 100;
const aimMs = 50;
const seedAimSeconds = 60;

/** p50 and p95 of pages of 50 from the evidence list, through HTTP routing, validation and policy, with each kind of filter and search. */
export async function benchList(rows: number): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'fengcun-bench-list-'));
  const postgres = await startPostgres({ dataDir: join(directory, 'postgres'), durable: false });
  try {
    const database = await createTestDatabase(postgres.url);
    const begun = performance.now();
    const shape = { rows, counties: 10, sections: 20, officers: 3000, devices: 2000 };
    const seeded = await seedEvidence({ url: database.ownerUrl, ...shape });
    const seedSeconds = (performance.now() - begun) / 1000;
    const owner = database.as('owner');
    const bureau = { id: seeded.bureau, name: '市局', path: [seeded.bureau] };
    const county = { id: seeded.counties[0] ?? '', name: '县局', path: [seeded.bureau, seeded.counties[0] ?? ''] };
    const readers = {
      'whole bureau': await makePerson(owner, 'supervisor', { unit: bureau }),
      'one county': await makePerson(owner, 'supervisor', { unit: county }),
    };
    const app = createHttpServer({
      logger: createLogger({ name: 'bench', level: 'silent' }),
      metrics: createMetrics('bench'),
      health: [],
    });
    const site = {
      id: 'bench',
      name: 'bench',
      version: '0',
      timeZone: 'Asia/Shanghai',
      maxUploadSize: 1,
      logOrigin: 'bench',
    };
    const vault = await openVault({ driver: 'disk', root: join(directory, 'vault') });
    const catalog = database.as('fengcun_access');
    const rates = { general: 1e7, search: 1e7, sign_in: 1e7 };
    const config = { site, logKeys: [], ...defaultAccessLimits, rates, siteSecret: randomBytes(32) };
    await app.register(accessService, { config, catalog, vault });
    await app.ready();
    printSection(`Evidence list, ${rows} rows`, [
      {
        what: 'seeding',
        measured: `${seedSeconds.toFixed(0)} s`,
        aim: { text: `at most ${seedAimSeconds} s`, reached: seedSeconds <= seedAimSeconds },
      },
    ]);
    for (const [whose, { cookie }] of Object.entries(readers)) {
      const ask = async (url: string) => {
        const reply = await app.inject({ url, headers: { cookie } });
        if (reply.statusCode !== 200) throw new Error(`${url} was answered with ${reply.statusCode}: ${reply.body}`);
        return reply;
      };
      const lines = [];
      for (const [what, query] of Object.entries(filtersOf(seeded))) {
        const taken: number[] = [];
        let cursor = '';
        for (let i = 0; i < requests; i++) {
          const start = performance.now();
          const reply = await ask(`/api/evidence?limit=50&${query}${cursor}`);
          taken.push(performance.now() - start);
          const { next } = reply.json<{ next: string | null }>();
          cursor = next ? `&cursor=${encodeURIComponent(next)}` : '';
        }
        lines.push(lineOf(what, taken));
      }
      printSection(`Pages of 50, ${requests} requests each, ${whose} visible`, lines);
      const timelines = [];
      for (const [what, query] of Object.entries(timelinesOf(seeded))) {
        const taken: number[] = [];
        for (let i = 0; i < requests / 5; i++) {
          const start = performance.now();
          await ask(`/api/evidence/timeline?${query}`);
          taken.push(performance.now() - start);
        }
        timelines.push(lineOf(what, taken));
      }
      printSection(`Timeline, ${requests / 5} requests each, ${whose} visible`, timelines);
    }
    await app.close();
    await vault.close();
    await database.drop();
  } finally {
    await postgres.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

type Seeded = Awaited<ReturnType<typeof seedEvidence>>;

const q = (text: string, more = '') => `q=${encodeURIComponent(text)}${more}`;
const year = '&from=2024-01-01T00:00:00Z&to=2025-01-01T00:00:00Z';

/** Every filter of the page by itself, and those put together that are hardest to put together. */
const filtersOf = ({ devices, sections, cases }: Seeded): Readonly<Record<string, string>> => ({
  'no filter': '',
  'kind=audio': 'kind=audio',
  'kind=document (rare)': 'kind=document',
  'state=quarantined': 'state=quarantined',
  'state=sealed': 'state=sealed',
  'keyMark=true': 'keyMark=true',
  'keyMark=false': 'keyMark=false',
  'one unit': `unit=${sections[3]}`,
  'one device': `device=${devices[17]}`,
  'one officer': 'officer=100123',
  'one officer, audio, one year': `officer=100123&kind=audio${year}`,
  'one week of 2023': 'from=2023-06-01T00:00:00Z&to=2023-06-08T00:00:00Z',
  'one case': `case=${cases[5]}`,
  'one tag': `tag=${encodeURIComponent('夜查')}`,
  'part of a place': `place=${encodeURIComponent('人民路')}`,
  'tag, place, audio, marked': `tag=${encodeURIComponent('夜查')}&place=${encodeURIComponent('人民路')}&kind=audio&keyMark=true`,
  'document, marked': 'kind=document&keyMark=true',
  'word that nothing has': q('纵火'),
  'word that nothing has, one year': q('纵火', year),
  'letters that nothing has': q('zzyzx'),
  'digits that nothing has': q('9876543'),
  'word that everything has': q('rec'),
  'word that nearly everything has': q('.mp4'),
  'word that everything has, long ago': q('rec', '&to=2023-03-01T00:00:00Z'),
  'one character': q('张'),
  'two characters': q('查封'),
  'two words apart': q('现场检查人民路'),
  phrase: q('"执法记录仪 12"'),
  'rare title': q('龙泉加油站77'),
  'officer by name': q('张伟国'),
  'part of a serial': q('77-dsj'),
  'part of a date': q('2024031'),
  'number that stands alone': q('12'),
  'case number': q('〔2025〕第593号'),
  'common word, rare kind': q('rec', '&kind=document'),
  'rare word, rare kind': q('听证会', '&kind=document'),
  'common word that the kind never has': q('.mp3', '&kind=video'),
  'common word, quarantined': q('mp4', '&state=quarantined'),
  'common word, audio, marked, one year': q('rec', `&kind=audio&keyMark=true${year}`),
  'common word, one officer': q('mp4', '&officer=100123'),
  'common word, one unit': q('rec', `&unit=${sections[5]}`),
});

const timelinesOf = ({ devices }: Seeded): Readonly<Record<string, string>> => ({
  'no filter': '',
  'kind=audio, marked': 'kind=audio&keyMark=true',
  'one month': 'from=2024-02-29T16:00:00Z&to=2024-03-31T16:00:00Z',
  'one day': 'from=2024-03-09T16:00:00Z&to=2024-03-10T16:00:00Z',
  'one device': `device=${devices[17]}`,
  'rare word': q('龙泉加油站77'),
  'word that nothing has': q('纵火'),
  'word that everything has': q('rec'),
});

function lineOf(what: string, taken: readonly number[]) {
  const p95 = quantile(taken, 0.95);
  return {
    what,
    measured: `p50 ${quantile(taken, 0.5).toFixed(1)} ms   p95 ${p95.toFixed(1)} ms`,
    aim: { text: `at most ${aimMs} ms`, reached: p95 <= aimMs },
  };
}
