import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '@fengcun/catalog';
import { createTestDatabase, type TestDatabase } from '@fengcun/catalog/testing';
import { testAudience } from '@fengcun/identity/testing';
import { testPostgresUrl } from '@fengcun/local/testing';
import { type Clock, createHttpServer, createLogger, createMetrics, type Logger } from '@fengcun/runtime';
import { ed25519Signer, formatVerifierKey, generateSigningKey, type NoteSigner } from '@fengcun/tlog';
import { openDiskVault, type Vault } from '@fengcun/vault';
import type { FastifyInstance, RouteOptions } from 'fastify';
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
  /** told of every route, before the service is ready */
  readonly onRoute?: (route: RouteOptions) => void;
  /** silent unless given */
  readonly logger?: Logger;
  /** wraps the vault, to inject faults */
  readonly vault?: (vault: Vault) => Vault;
  /** where every original is kept a second time; the caller's to close */
  readonly replica?: Vault;
  /** puts other services on the same server, database and vault, as a site does */
  readonly beside?: (app: FastifyInstance, shared: Shared) => Promise<void>;
}

/** What Fastify says of a route when it is registered. */
export type RegisteredRoute = RouteOptions;

export interface Shared {
  readonly database: TestDatabase;
  readonly vault: Vault;
  readonly clock: TestClock;
  readonly signer: NoteSigner;
}

/** The whole service on a database and a vault of its own. */
export async function startHarness(options: HarnessOptions = {}): Promise<Harness> {
  const database = await createTestDatabase(testPostgresUrl());
  const vaultDir = await mkdtemp(join(tmpdir(), 'fengcun-access-'));
  const vault = await openDiskVault({ root: vaultDir, reserveBytes: 0 });
  const clock = standingClock();
  const signer = ed25519Signer(generateSigningKey('log.test.example'));
  const apps: FastifyInstance[] = [];
  const another = async ({
    beside,
    config,
    consoleDir,
    logger,
    onRoute,
    replica,
    vault: wrap = (it) => it,
  }: HarnessOptions = {}) => {
    const app = createHttpServer({
      logger: logger ?? createLogger({ name: 'test', level: process.env.TEST_LOG ?? 'silent' }),
      metrics: createMetrics('test'),
      health: [],
    });
    if (onRoute) app.addHook('onRoute', onRoute);
    if (beside) await beside(app, { database, vault, clock, signer });
    await app.register(accessService, {
      config: { ...testConfig(signer), ...config },
      catalog: database.as('fengcun_access'),
      vault: wrap(vault),
      ...(replica ? { replica } : {}),
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

const siteSecret = randomBytes(32);

const testConfig = (signer: NoteSigner): AccessConfig => ({
  ...defaultAccessLimits,
  // The log publishes when a test says so, and time goes on when a test says so.
  logFreshnessMs: Number.MAX_SAFE_INTEGER,
  logCheckMs: 0,
  siteSecret,
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
