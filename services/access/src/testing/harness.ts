import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '@fengcun/catalog';
import { createTestDatabase, type TestDatabase } from '@fengcun/catalog/testing';
import { testAudience } from '@fengcun/identity/testing';
import { testPostgresUrl } from '@fengcun/local/testing';
import { type Clock, createHttpServer, createLogger, createMetrics } from '@fengcun/runtime';
import { ed25519Signer, formatVerifierKey, generateSigningKey, type NoteSigner } from '@fengcun/tlog';
import { openDiskVault, type Vault } from '@fengcun/vault';
import type { FastifyInstance } from 'fastify';
import { type AccessConfig, accessService, defaultAccessLimits } from '../index.ts';

export interface TestClock extends Clock {
  /** goes on by ms; time otherwise stands still */
  advance(ms: number): void;
}

export interface Harness {
  readonly app: FastifyInstance;
  readonly database: TestDatabase;
  readonly owner: Database;
  readonly vault: Vault;
  readonly vaultDir: string;
  readonly clock: TestClock;
  readonly signer: NoteSigner;
  /** a second service process on the same database and vault */
  another(options?: HarnessOptions): Promise<FastifyInstance>;
  close(): Promise<void>;
}

export interface HarnessOptions {
  readonly config?: Partial<AccessConfig>;
  readonly consoleDir?: string;
  /** wraps the vault, to inject faults */
  readonly vault?: (vault: Vault) => Vault;
}

/** The whole service on a database and a vault of its own. */
export async function startHarness(options: HarnessOptions = {}): Promise<Harness> {
  const database = await createTestDatabase(testPostgresUrl());
  const vaultDir = await mkdtemp(join(tmpdir(), 'fengcun-access-'));
  const vault = await openDiskVault({ root: vaultDir, reserveBytes: 0 });
  const clock = standingClock();
  const signer = ed25519Signer(generateSigningKey('log.test.example'));
  const apps: FastifyInstance[] = [];
  const another = async ({ config, consoleDir, vault: wrap = (it) => it }: HarnessOptions = {}) => {
    const app = createHttpServer({
      logger: createLogger({ name: 'test', level: process.env.TEST_LOG ?? 'silent' }),
      metrics: createMetrics('test'),
      health: [],
    });
    await app.register(accessService, {
      config: { ...testConfig(signer), ...config },
      catalog: database.as('fengcun_access'),
      vault: wrap(vault),
      clock,
      ...(consoleDir ? { consoleDir } : {}),
    });
    await app.ready();
    apps.push(app);
    return app;
  };
  return {
    app: await another(options),
    database,
    owner: database.as('owner'),
    vault,
    vaultDir,
    clock,
    signer,
    another,
    async close() {
      await Promise.all(apps.map((app) => app.close()));
      await vault.close();
      await database.drop();
      await rm(vaultDir, { recursive: true, force: true });
    },
  };
}

const testConfig = (signer: NoteSigner): AccessConfig => ({
  ...defaultAccessLimits,
  site: {
    id: testAudience,
    name: '测试局',
    version: '0.0.0',
    timeZone: 'Asia/Shanghai',
    maxUploadSize: 1e12,
    logOrigin: signer.key.name,
  },
  logKeys: [formatVerifierKey(signer.key)],
});

function standingClock(): TestClock {
  let at = Date.now();
  return {
    now: () => new Date(at),
    advance: (ms) => {
      at += ms;
    },
  };
}
