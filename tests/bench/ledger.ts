import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  appendEvent,
  connect,
  countPending,
  type Database,
  ensureRoles,
  migrate,
  serviceRoles,
} from '@fengcun/catalog';
import { ledgerService } from '@fengcun/ledger';
import { startPostgres } from '@fengcun/local';
import { createHttpServer, createLogger, createMetrics, systemClock } from '@fengcun/runtime';
import { ed25519Signer, generateSigningKey } from '@fengcun/tlog';
import { median, seconds } from './statistics.ts';
import { printSection, times } from './table.ts';

/** Tessera's figure on spinning disks, the one we measure ourselves against. */
const peerRate = 2900;
const writers = 8;
const perTransaction = 10;

/** Events per second from append to published in a signed checkpoint, on a durable PostgreSQL. */
export async function benchLedger(events: number, rounds: number): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'fengcun-bench-ledger-'));
  const postgres = await startPostgres({ dataDir: join(directory, 'postgres') });
  const pools: Database[] = [];
  const pool = (role: (typeof serviceRoles)[number]) => {
    const url = new URL(postgres.url);
    [url.username, url.password] = [role, 'bench'];
    const database = connect({ url: url.href, name: 'bench', max: writers });
    pools.push(database);
    return database;
  };
  try {
    const passwords = Object.fromEntries(serviceRoles.map((role) => [role, 'bench'])) as Parameters<
      typeof ensureRoles
    >[1];
    await ensureRoles(postgres.url, passwords);
    await migrate(postgres.url);
    const app = createHttpServer({
      logger: createLogger({ name: 'bench', level: 'silent' }),
      metrics: createMetrics('bench'),
      health: [],
    });
    const config = {
      intervalMs: 200,
      batch: 4096,
      audience: 'bench',
      witnessKeys: [],
      signingMemoryPath: join(directory, 'memory'),
      requestsPerMinute: 10_000_000,
    };
    await app.register(ledgerService, {
      config,
      catalog: pool('fengcun_ledger'),
      signer: ed25519Signer(generateSigningKey('bench.invalid/log')),
    });
    await app.ready();
    const [writer, reader] = [pool('fengcun_access'), pool('fengcun_ledger')];
    const rates: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const took = await seconds(async () => {
        await Promise.all(Array.from({ length: writers }, () => append(writer, events / writers)));
        while ((await countPending(reader)) > 0) await sleep(20);
      });
      rates.push(events / took);
    }
    await app.close();
    const rate = median(rates);
    printSection(`Ledger, ${events} events by ${writers} writers, median of ${rounds}`, [
      {
        what: 'append -> published',
        measured: `${Math.round(rate)} events/s`,
        compared: `${times(rate / peerRate)} of ${peerRate}/s`,
        aim: { text: `${peerRate}/s`, reached: rate >= peerRate },
      },
    ]);
  } finally {
    await Promise.all(pools.map((each) => each.destroy()));
    await postgres.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

async function append(catalog: Database, count: number): Promise<void> {
  for (let done = 0; done < count; done += perTransaction) {
    await catalog.transaction().execute(async (trx) => {
      for (let i = 0; i < perTransaction; i++) {
        const event = {
          type: 'play.started',
          actor: { kind: 'system', id: 'bench', name: null },
          subject: { kind: 'evidence', id: '00000000-0000-7000-8000-000000000000' },
          data: { play: '00000000-0000-7000-8000-000000000000', rule: 'bench' },
        } as const;
        await appendEvent(trx, event, systemClock);
      }
    });
  }
}
