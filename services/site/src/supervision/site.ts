import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  endOrphans,
  type PostgresServer,
  type RedisServer,
  type StopStep,
  startPostgres,
  startRedis,
} from '@fengcun/local';
import { type Logger, readConfig, text } from '@fengcun/runtime';
import { formatSigningKey } from '@fengcun/tlog';
import type { SharedSettings, WebSettings, WorkerSettings } from '../children/settings.ts';
import { prepareDatabase, type SiteDatabase } from '../data/database.ts';
import { openKeys, type SiteKeys } from '../data/keys.ts';
import type { SiteLayout } from '../data/layout.ts';
import { SiteError } from '../errors.ts';
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
  readonly programs: Programs;
  readonly logger: Logger;
  /** Told before every step, for a person who waits. */
  readonly onStep: (chinese: string, english: string) => void;
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

type PartName = 'web' | 'worker' | 'redis' | 'postgres';

/** First who takes work in, then who does it, then what they stand on. */
const stopOrder: readonly PartName[] = ['web', 'worker', 'redis', 'postgres'];

/**
 * Starts everything on a data directory whose lock the caller holds, and answers when all of it is ready. What a killed predecessor left
 * running there is ended first. When anything fails, what was started is stopped again.
 *
 * @throws SiteError, LocalError
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
    const programNames = ['web', 'worker'] as const;
    await together(programNames.map((name) => endOrphans('node', join(layout.run, name), orphanShutdown)));
    const port = await claimAddress(options.host, options.port);
    const firstStart = !(await exists(join(layout.postgres, 'cluster')));
    for (const directory of [layout.log, layout.run, layout.scratch]) {
      await mkdir(directory, { recursive: true, mode: 0o700 });
    }
    const keys = await openKeys(layout);

    step('正在启动 PostgreSQL 和 Redis', 'starting PostgreSQL and Redis');
    const [postgres, redis] = await together([keepPostgres(parts, layout, logger), keepRedis(parts, layout, logger)]);

    step('正在更新数据库结构', 'bringing the database up to date');
    const database = await prepareDatabase(postgres, keys.passwords);

    const shared: SharedSettings = {
      siteId: keys.siteId,
      ...readConfig(process.env, siteSettings),
      databaseUrls: database.urls,
      redisUrl: redis.url,
      vaultDir: layout.vault,
    };
    const url = urlOf(options.host, port);
    step('正在启动各项服务', 'starting the services');
    const worker: WorkerSettings = { ...shared, scratchDir: layout.scratch };
    const web: WebSettings = {
      ...shared,
      host: options.host,
      port,
      logSigningKey: formatSigningKey(keys.logKey),
      signingMemory: join(layout.keys, 'log-signing-memory'),
    };
    await together([
      keepProgram(parts, 'worker', options, worker),
      keepProgram(parts, 'web', options, web, () => answersReady(url)),
    ]);
    if (interrupt.aborted) throw new SiteError('interrupted', '启动被中断。', 'The start was interrupted.');
    return { url, host: options.host, port, firstStart, database, keys, stop };
  } catch (error) {
    await stop();
    throw error;
  }
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
async function together<T extends readonly Promise<unknown>[]>(
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
