import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accessService, defaultAccessLimits } from '@fengcun/access';
import { createTestDatabase, seedEvidence } from '@fengcun/catalog/testing';
import { makePerson } from '@fengcun/identity/testing';
import { startPostgres } from '@fengcun/local';
import { createHttpServer, createLogger, createMetrics } from '@fengcun/runtime';
import { openVault } from '@fengcun/vault';
import { sql } from 'kysely';
import { quantile } from './statistics.ts';
import { printSection } from './table.ts';

const requests = 100;
const aimMs = 50;

/** p95 of one page of 50 from the evidence list, through HTTP routing, validation and policy, with each kind of filter. */
export async function benchList(rows: number): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'fengcun-bench-list-'));
  const postgres = await startPostgres({ dataDir: join(directory, 'postgres'), durable: false });
  try {
    const database = await createTestDatabase(postgres.url);
    const owner = database.as('owner');
    const seeded = await seedEvidence(owner, { rows, counties: 10, sections: 20, officers: 3000, devices: 2000 });
    await sql`vacuum analyze`.execute(owner);
    const bureau = { id: seeded.bureau, name: '市局', path: [seeded.bureau] };
    const reader = await makePerson(owner, 'supervisor', { unit: bureau });
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
    await app.register(accessService, { config: { site, logKeys: [], ...defaultAccessLimits }, catalog, vault });
    await app.ready();

    const [device, section] = [seeded.devices[17] ?? '', seeded.sections[3] ?? ''];
    const filters: Readonly<Record<string, string>> = {
      'no filter': '',
      'kind=audio': 'kind=audio',
      'kind=document (rare)': 'kind=document',
      'state=quarantined': 'state=quarantined',
      'keyMark=true': 'keyMark=true',
      'one unit': `unit=${section}`,
      'one device': `device=${device}`,
      'one officer': 'officer=100123',
      'one officer, audio, one year': 'officer=100123&kind=audio&from=2024-01-01T00:00:00Z&to=2025-01-01T00:00:00Z',
      'one week of 2023': 'from=2023-06-01T00:00:00Z&to=2023-06-08T00:00:00Z',
      'part of a name': `name=${encodeURIComponent('执法')}`,
    };
    const lines = [];
    for (const [what, query] of Object.entries(filters)) {
      const taken: number[] = [];
      let cursor = '';
      for (let i = 0; i < requests; i++) {
        const start = performance.now();
        const reply = await app.inject({
          url: `/api/evidence?limit=50&${query}${cursor}`,
          headers: { cookie: reader.cookie },
        });
        taken.push(performance.now() - start);
        if (reply.statusCode !== 200) throw new Error(`${what} was answered with ${reply.statusCode}: ${reply.body}`);
        const { next } = reply.json<{ next: string | null }>();
        cursor = next ? `&cursor=${encodeURIComponent(next)}` : '';
      }
      const p95 = quantile(taken, 0.95);
      lines.push({
        what,
        measured: `p95 ${p95.toFixed(1)} ms`,
        aim: { text: `at most ${aimMs} ms`, reached: p95 <= aimMs },
      });
    }
    printSection(`Evidence list, ${rows} rows, pages of 50, ${requests} requests each, whole bureau visible`, lines);
    await app.close();
    await vault.close();
    await database.drop();
  } finally {
    await postgres.stop();
    await rm(directory, { recursive: true, force: true });
  }
}
