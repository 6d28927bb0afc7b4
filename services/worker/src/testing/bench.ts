import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '@fengcun/catalog';
import { createTestDatabase, type TestDatabase } from '@fengcun/catalog/testing';
import { DigestPool } from '@fengcun/digest';
import type { JobContext } from '@fengcun/jobs';
import { testPostgresUrl } from '@fengcun/local/testing';
import { createLogger, type Logger, systemClock } from '@fengcun/runtime';
import { openDiskVault, type Vault } from '@fengcun/vault';
import { seedBureau, type TestBureau } from './uploads.ts';

/** A database, a disk vault, a pool of digest threads and a bureau: what one test file of the worker needs. */
export interface TestBench {
  readonly database: TestDatabase;
  /** as the worker's own role */
  readonly catalog: Database;
  readonly owner: Database;
  readonly directory: string;
  readonly vault: Vault;
  /** where every original may be kept a second time */
  readonly replica: Vault;
  /** sets the clock of both vaults, which is `now()`, ahead by ms */
  advance(ms: number): void;
  now(): Date;
  readonly pool: DigestPool;
  readonly bureau: TestBureau;
  readonly logger: Logger;
  close(): Promise<void>;
}

export async function openBench(): Promise<TestBench> {
  const directory = await mkdtemp(join(tmpdir(), 'worker-'));
  const database = await createTestDatabase(testPostgresUrl());
  const owner = database.as('owner');
  let ahead = 0;
  const now = () => new Date(Date.now() + ahead);
  const open = (name: string) => openDiskVault({ root: join(directory, name), reserveBytes: 0, clock: now });
  const [vault, replica] = await Promise.all([open('vault'), open('replica')]);
  const pool = new DigestPool({ threads: 2 });
  return {
    database,
    catalog: database.as('fengcun_worker'),
    owner,
    directory,
    vault,
    replica,
    now,
    advance(ms) {
      ahead += ms;
    },
    pool,
    bureau: await seedBureau(owner),
    logger: createLogger({ name: 'worker-test', level: 'silent' }),
    async close() {
      await pool.close();
      await Promise.all([vault.close(), replica.close()]);
      await database.drop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** What a queue would hand a handler. */
export const jobContext = (logger: Logger, given: Partial<JobContext> = {}): JobContext => ({
  signal: new AbortController().signal,
  attempt: 1,
  last: false,
  logger,
  ...given,
});

export const clock = systemClock;
