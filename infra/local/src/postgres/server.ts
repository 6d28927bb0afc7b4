import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { LocalError } from '../errors.ts';
import { diskFull, prepareDirectory } from '../process/data-directory.ts';
import { lockDirectory } from '../process/directory-lock.ts';
import { type ManagedChild, type ServerExit, type StopStep, spawnManaged } from '../process/managed-child.ts';
import { endOrphans } from '../process/orphans.ts';
import { freePort, portTaken, requireFreePort } from '../process/port.ts';
import { type Cluster, configureCluster, openCluster, serverEnvironment, superuser } from './cluster.ts';

export interface PostgresOptions {
  /** Everything of this server is in here: the cluster, its password, its lock. Made if it does not exist. */
  readonly dataDir: string;
  /** TCP port on 127.0.0.1; without it any free one. */
  readonly port?: number;
  /** File for the server's log. Default `<dataDir>/postgres.log`. */
  readonly log?: string;
  /** `false` trades durability for speed: for tests only. Default `true`. */
  readonly durable?: boolean;
  readonly maxConnections?: number;
  /** Refuse to start with less room on the disk. Default 256 MiB. */
  readonly minFreeBytes?: number;
  /** How long recovery after a crash may take. Default 5 minutes. */
  readonly startTimeoutMs?: number;
}

export interface PostgresServer {
  readonly pid: number;
  readonly port: number;
  readonly password: string;
  /** URL of the database `postgres` as the superuser. */
  readonly url: string;
  /** URL of another database, or as another user. */
  urlOf(database: string, login?: { user: string; password: string }): string;
  /** Resolves when the server has ended; `expected` tells whether we stopped it. */
  readonly exited: Promise<ServerExit>;
  /** Fast shutdown (open transactions roll back), then immediate, then SIGKILL; also gives the directory back. */
  stop(): Promise<void>;
}

// https://www.postgresql.org/docs/15/server-shutdown.html: SIGINT fast, SIGQUIT immediate (recovery at the next start).
const shutdown: readonly StopStep[] = [
  { signal: 'SIGINT', waitMs: 30_000 },
  { signal: 'SIGQUIT', waitMs: 5_000 },
  { signal: 'SIGKILL', waitMs: 5_000 },
];

/**
 * Starts PostgreSQL on a directory and returns when it answers. First start makes the cluster: UTF-8, data checksums, SCRAM passwords,
 * TCP on 127.0.0.1 only. What an owner that was killed left running there is shut down cleanly first.
 *
 * @throws LocalError
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const { dataDir, durable = true } = options;
  await prepareDirectory(dataDir, options.minFreeBytes ?? 256 * 1024 * 1024);
  const lock = await lockDirectory(dataDir);
  try {
    const path = join(dataDir, 'cluster');
    await endOrphans('postgres', path, shutdown, (pids) => postmasterOf(path, pids));
    // Ours by the lock, and nothing runs here: a pid in this file is stale, even if some other process has that number by now.
    await rm(join(path, 'postmaster.pid'), { force: true });
    const cluster = await openCluster(dataDir, durable);
    const { child, port } = await launch(cluster, options);
    void child.exited.then(() => lock.release());
    return server(child, port, cluster.password);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

function server(child: ManagedChild, port: number, password: string): PostgresServer {
  const urlOf: PostgresServer['urlOf'] = (database, login = { user: superuser, password }) =>
    `postgresql://${encodeURIComponent(login.user)}:${encodeURIComponent(login.password)}@127.0.0.1:${port}/${encodeURIComponent(database)}`;
  return {
    pid: child.pid,
    port,
    password,
    url: urlOf('postgres'),
    urlOf,
    exited: child.exited,
    stop: () => child.stop(shutdown),
  };
}

async function launch(cluster: Cluster, options: PostgresOptions): Promise<{ child: ManagedChild; port: number }> {
  if (options.port !== undefined && options.port !== 0) {
    await requireFreePort(options.port, 'PostgreSQL');
    return { child: await launchOn(options.port, cluster, options), port: options.port };
  }
  // A free port can be taken by someone else between the look and the use.
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    try {
      return { child: await launchOn(port, cluster, options), port };
    } catch (error) {
      if (attempt === 5 || !(error instanceof LocalError) || error.code !== 'port_taken') throw error;
    }
  }
}

async function launchOn(port: number, cluster: Cluster, options: PostgresOptions): Promise<ManagedChild> {
  await configureCluster(cluster, {
    port,
    durable: options.durable ?? true,
    maxConnections: options.maxConnections ?? 100,
  });
  const [command = cluster.programs.postgres, ...args] = [
    ...cluster.unprivileged.prefix,
    cluster.programs.postgres,
    '-D',
    cluster.path,
  ];
  const logFile = options.log ?? join(options.dataDir, 'postgres.log');
  await mkdir(join(logFile, '..'), { recursive: true, mode: 0o700 });
  const child = await spawnManaged({
    command,
    args,
    cwd: cluster.path,
    env: serverEnvironment(),
    logFile,
    orphanSignal: 'SIGINT',
  });
  try {
    await waitReady(child, cluster, port, options.startTimeoutMs ?? 300_000, logFile);
  } catch (error) {
    await child.stop(shutdown);
    throw error;
  }
  return child;
}

async function waitReady(
  child: ManagedChild,
  cluster: Cluster,
  port: number,
  timeoutMs: number,
  logFile: string,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await saysReady(cluster.path, child.pid))) {
    if (child.exit() !== undefined) throw await startFailure(child, cluster, port, logFile);
    if (performance.now() > deadline) {
      throw new LocalError(
        'start_timeout',
        `PostgreSQL was not ready after ${Math.round(timeoutMs / 1000)} s; ${logFile} tells what it is doing.`,
      );
    }
    await delay(15);
  }
  const client = new Client({
    host: '127.0.0.1',
    port,
    user: superuser,
    password: cluster.password,
    database: 'postgres',
    connectionTimeoutMillis: 10_000,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === '28P01') {
      throw new LocalError(
        'data_unreadable',
        `The password in ${join(cluster.path, '..', 'superuser.password')} is not the one this database knows. Restore that file from a backup.`,
        { cause },
      );
    }
    throw new LocalError('start_failed', `PostgreSQL started but does not answer; look at ${logFile}.`, { cause });
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The eighth line of postmaster.pid is the server's own word on whether it accepts connections (miscadmin.h, LOCK_FILE_LINE_PM_STATUS). */
async function saysReady(path: string, pid: number): Promise<boolean> {
  const lines = (await readFile(join(path, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  return lines[0] === String(pid) && lines[7]?.trim() === 'ready';
}

async function postmasterOf(path: string, pids: readonly number[]): Promise<readonly number[]> {
  const [first] = (await readFile(join(path, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  return pids.filter((pid) => String(pid) === first);
}

async function startFailure(child: ManagedChild, cluster: Cluster, port: number, logFile: string): Promise<LocalError> {
  const log = await child.logTail();
  if (/could not bind|address already in use/i.test(log)) return portTaken(port, 'PostgreSQL');
  if (/no space left on device|disk quota exceeded/i.test(log)) return diskFull(cluster.path);
  const fatal = log
    .split('\n')
    .filter((line) => /FATAL|PANIC/.test(line))
    .at(-1);
  const reason = fatal?.replace(/^.*?(?:FATAL|PANIC): +/, '') ?? log.trim().split('\n').at(-1) ?? 'no reason given';
  if (
    /PANIC|invalid checkpoint|could not locate|incompatible|database files|could not open file|not a valid data directory/i.test(
      log,
    )
  ) {
    return new LocalError(
      'data_unreadable',
      `PostgreSQL cannot open ${cluster.path}: ${reason}. Keep the directory as it is, read ${logFile}, and restore from a backup if needed.`,
    );
  }
  return new LocalError('start_failed', `PostgreSQL ended while starting: ${reason}. ${logFile} has the whole story.`);
}
