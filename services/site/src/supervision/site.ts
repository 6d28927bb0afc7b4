import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  endOrphans,
  type PostgresServer,
  type RedisServer,
  type RgwServer,
  type StopStep,
  startPostgres,
  startRedis,
  startRgw,
} from '@fengcun/local';
import { type Logger, readConfig, text } from '@fengcun/runtime';
import { formatSigningKey } from '@fengcun/tlog';
import { readWorkerConfig } from '@fengcun/worker/config';
import type { SharedSettings, WebSettings, WorkerSettings } from '../children/settings.ts';
import { prepareDatabase, type SiteDatabase } from '../data/database.ts';
import { openKeys, type SiteKeys } from '../data/keys.ts';
import type { SiteLayout } from '../data/layout.ts';
import { SiteError } from '../errors.ts';
import { checkLines, checkVault } from '../vault/check.ts';
import type { VaultChoice } from '../vault/choice.ts';
import { diskVault, factsOf, givenS3Vault, ownS3Vault, type SiteVault, type VaultFacts } from '../vault/engine.ts';
import { keepVaultRecord, readVaultRecord, requireSameVault } from '../vault/record.ts';
import { claimAddress, urlOf } from './address.ts';
import { type Kept, keepRunning, type Running } from './keep-running.ts';
import { logFileOf, startNodeProgram } from './node-program.ts';

/** The two programs of a site, by path. */
export interface Programs {
  readonly web: string;
  readonly worker: string;
}

export interface SiteOptions {
  readonly layout: SiteLayout;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly vault: VaultChoice;
  readonly programs: Programs;
  readonly logger: Logger;
  /** Told before every step, for a person who waits. */
  readonly onStep: (chinese: string, english: string) => void;
  /** Told what a step found out. */
  readonly onOutcome: (chinese: string, english: string, details: readonly string[]) => void;
  /** When it fires while the site is starting, the start is undone. */
  readonly interrupt: AbortSignal;
}

export interface Site {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Nothing was here before. */
  readonly firstStart: boolean;
  readonly database: SiteDatabase;
  readonly keys: SiteKeys;
  readonly vault: VaultFacts;
  stop(): Promise<void>;
}

/** What may be said about the site beside the command line. */
const siteSettings = {
  siteName: text('FENGCUN_SITE_NAME', { fallback: '封存' }),
  timeZone: {
    ...text('FENGCUN_TIME_ZONE', { fallback: 'Asia/Shanghai' }),
    allowed: 'an IANA time zone',
    parse: timeZone,
  },
};

function timeZone(name: string): string | undefined {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

/** An orphan has been closing since its supervisor died; one that is still there does not get much more time. */
const orphanShutdown: readonly StopStep[] = [
  { signal: 'SIGTERM', waitMs: 5_000 },
  { signal: 'SIGKILL', waitMs: 5_000 },
];

type PartName = 'web' | 'worker' | 's3' | 'redis' | 'postgres';

/** First who takes work in, then who does it, then what they stand on. */
const stopOrder: readonly PartName[] = ['web', 'worker', 's3', 'redis', 'postgres'];

/**
 * Starts everything on a data directory whose lock the caller holds, and answers when all of it is ready. What a killed predecessor left
 * running there is ended first. When anything fails, what was started is stopped again.
 *
 * @throws SiteError, LocalError, ConfigError
 */
export async function startSite(options: SiteOptions): Promise<Site> {
  const { layout, logger, interrupt } = options;
  const parts = new Map<PartName, Kept>();
  const stop = async () => {
    for (const name of stopOrder) {
      await parts
        .get(name)
        ?.stop()
        .catch((error: unknown) => logger.error({ part: name, err: error }, 'could not be stopped'));
    }
  };
  const step = (chinese: string, english: string) => {
    if (interrupt.aborted) throw new SiteError('interrupted', '启动被中断。', 'The start was interrupted.');
    options.onStep(chinese, english);
    logger.info(english);
  };
  try {
    // A bad value is told before anything is started.
    const config = readWorkerConfig(process.env);
    const programNames = ['web', 'worker'] as const;
    await together(programNames.map((name) => endOrphans('node', join(layout.run, name), orphanShutdown)));
    const port = await claimAddress(options.host, options.port);
    const firstStart = !(await exists(join(layout.postgres, 'cluster')));
    for (const directory of [layout.log, layout.run, layout.scratch]) {
      await mkdir(directory, { recursive: true, mode: 0o700 });
    }
    const made = await readVaultRecord(layout);
    requireSameVault(made, options.vault);
    const keys = await openKeys(layout);

    if (options.vault.kind === 's3-own')
      step('正在启动 PostgreSQL、Redis 和 S3 存储（Ceph）', 'starting PostgreSQL, Redis and Ceph');
    else step('正在启动 PostgreSQL 和 Redis', 'starting PostgreSQL and Redis');
    const [postgres, redis, rgw] = await together([
      keepPostgres(parts, layout, logger),
      keepRedis(parts, layout, logger),
      options.vault.kind === 's3-own' ? keepRgw(parts, layout, logger) : undefined,
    ]);

    step('正在更新数据库结构', 'bringing the database up to date');
    const database = await prepareDatabase(postgres, keys.passwords);

    const vault = await openedVault(layout, options.vault, rgw);
    let protection: VaultFacts['protection'] = 'advisory';
    if (vault.owner.driver === 's3') {
      step('正在检查 S3 存储是否真能锁定录像', 'trying whether the S3 engine really locks recordings');
      const check = await checkVault(vault.owner);
      const { chinese, english, details } = checkLines(check);
      options.onOutcome(chinese, english, details);
      logger.info({ vault: check }, english);
      protection = check.protection;
    }
    if (made === undefined || made.kind === 's3-given') await keepVaultRecord(layout, options.vault);

    const shared: Omit<SharedSettings, 'vault'> = {
      siteId: keys.siteId,
      ...readConfig(process.env, siteSettings),
      databaseUrls: database.urls,
      redisUrl: redis.url,
    };
    const url = urlOf(options.host, port);
    step('正在启动各项服务', 'starting the services');
    const worker: WorkerSettings = { ...shared, vault: vault.worker, scratchDir: layout.scratch, config };
    const web: WebSettings = {
      ...shared,
      vault: vault.web,
      host: options.host,
      port,
      logSigningKey: formatSigningKey(keys.logKey),
      siteSecret: keys.siteSecret,
      signingMemory: join(layout.keys, 'log-signing-memory'),
    };
    await together([
      keepProgram(parts, 'worker', options, worker),
      keepProgram(parts, 'web', options, web, () => answersReady(url)),
    ]);
    if (interrupt.aborted) throw new SiteError('interrupted', '启动被中断。', 'The start was interrupted.');
    const facts = factsOf(vault.owner, protection);
    return { url, host: options.host, port, firstStart, database, keys, vault: facts, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function openedVault(layout: SiteLayout, choice: VaultChoice, rgw: RgwServer | undefined): Promise<SiteVault> {
  if (choice.kind === 's3-given') return givenS3Vault(layout, choice);
  return rgw === undefined ? diskVault(layout) : ownS3Vault(layout, rgw);
}

async function keepProgram(
  parts: Map<PartName, Kept>,
  name: keyof Programs,
  { layout, programs, logger }: SiteOptions,
  settings: unknown,
  answers?: () => Promise<boolean>,
): Promise<void> {
  const program = {
    name,
    entry: programs[name],
    settings,
    directory: join(layout.run, name),
    logFile: logFileOf(layout.log, name),
    ...(answers === undefined ? {} : { answers }),
  };
  parts.set(name, await keepRunning({ name, logger, start: () => startNodeProgram(program, logger) }));
}

function keepPostgres(parts: Map<PartName, Kept>, layout: SiteLayout, logger: Logger): Promise<PostgresServer> {
  return keepServer(parts, 'postgres', logger, (port) =>
    startPostgres({ dataDir: layout.postgres, log: logFileOf(layout.log, 'postgres'), port }),
  );
}

function keepRedis(parts: Map<PartName, Kept>, layout: SiteLayout, logger: Logger): Promise<RedisServer> {
  return keepServer(parts, 'redis', logger, async (port) => {
    // Everything in Redis can be made again from the catalogue.
    const options = { log: logFileOf(layout.log, 'redis'), unreadableData: 'set-aside' } as const;
    const server = await startRedis({ dataDir: layout.redis, port, ...options });
    const { setAside } = server;
    if (setAside !== undefined) logger.warn({ setAside }, 'the queue could not be read; started empty');
    return server;
  });
}

function keepRgw(parts: Map<PartName, Kept>, layout: SiteLayout, logger: Logger): Promise<RgwServer> {
  return keepServer(parts, 's3', logger, (port) => startRgw({ directory: layout.s3, logDirectory: layout.log, port }));
}

/** Keeps a server on the port of its first start: the programs know only that one. */
async function keepServer<Server extends Running & { readonly port: number }>(
  parts: Map<PartName, Kept>,
  name: PartName,
  logger: Logger,
  startOn: (port: number) => Promise<Server>,
): Promise<Server> {
  let port = 0;
  const servers: Server[] = [];
  const start = async () => {
    const server = await startOn(port);
    port = server.port;
    servers.push(server);
    return server;
  };
  parts.set(name, await keepRunning({ name, logger, start }));
  const [first] = servers;
  if (first === undefined) throw new Error(`${name} runs without having been started`);
  return first;
}

/** Waits for all of them, also when one fails: what still starts has to be known before anything is stopped. */
async function together<T extends readonly (Promise<unknown> | undefined)[]>(
  starts: [...T],
): Promise<{ [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(starts);
  return Promise.all(starts) as Promise<{ [K in keyof T]: Awaited<T[K]> }>;
}

async function answersReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(5_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
