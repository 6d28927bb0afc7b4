import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { LocalError } from '../errors.ts';
import { diskFull, prepareDirectory } from '../process/data-directory.ts';
import { lockDirectory } from '../process/directory-lock.ts';
import { type ManagedChild, type ServerExit, type StopStep, spawnManaged } from '../process/managed-child.ts';
import { endOrphans } from '../process/orphans.ts';
import { freePort, portTaken, requireFreePort } from '../process/port.ts';
import { findOnPath, run } from '../process/run.ts';
import { readOrCreateSecret } from '../process/secret-file.ts';

export interface RedisOptions {
  /** Everything of this server is in here: its files, configuration, password, lock. Made if it does not exist. */
  readonly dataDir: string;
  /** TCP port on 127.0.0.1; without it any free one. */
  readonly port?: number;
  /** File for the server's log. Default `<dataDir>/redis.log`. */
  readonly log?: string;
  /** `false` keeps nothing on disk: for tests only. Default `true`: append-only file, synced every second. */
  readonly durable?: boolean;
  /** Refuse to start with less room on the disk. Default 64 MiB. */
  readonly minFreeBytes?: number;
  /** How long loading may take. Default 2 minutes. */
  readonly startTimeoutMs?: number;
  /**
   * What to do with an append-only file that Redis cannot read: `fail`, or `set-aside` (rename it, start empty, say so in `setAside`) where
   * everything in Redis can be made again.
   */
  readonly unreadableData?: 'fail' | 'set-aside';
}

export interface RedisServer {
  readonly pid: number;
  readonly port: number;
  readonly password: string;
  readonly url: string;
  /** Where unreadable data was put, if it was. */
  readonly setAside: string | undefined;
  /** Resolves when the server has ended; `expected` tells whether we stopped it. */
  readonly exited: Promise<ServerExit>;
  /** Lets Redis finish its file, then ends it; also gives the directory back. */
  stop(): Promise<void>;
}

const shutdown: readonly StopStep[] = [
  { signal: 'SIGTERM', waitMs: 15_000 },
  { signal: 'SIGKILL', waitMs: 5_000 },
];

/** BullMQ's recommended minimum. */
const oldestRedis = [6, 2] as const;

/**
 * Starts Redis on a directory and returns when it answers: 127.0.0.1 only, password, append-only file synced every second, never
 * evicting. The unfinished last command of a server that was killed is cut off on loading. What an owner that was killed left
 * running there is stopped first.
 *
 * @throws LocalError
 */
export async function startRedis(options: RedisOptions): Promise<RedisServer> {
  const { dataDir } = options;
  await prepareDirectory(dataDir, options.minFreeBytes ?? 64 * 1024 * 1024);
  const lock = await lockDirectory(dataDir);
  try {
    const program = await findRedis();
    const files = join(dataDir, 'files');
    await endOrphans('redis', files, shutdown);
    const password = await readOrCreateSecret(join(dataDir, 'redis.password'));
    const { child, port, setAside } = await launchReadable(program, password, options);
    void child.exited.then(() => lock.release());
    return {
      pid: child.pid,
      port,
      password,
      url: `redis://:${password}@127.0.0.1:${port}`,
      setAside,
      exited: child.exited,
      stop: () => child.stop(shutdown),
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/**
 * The redis-server of the PATH.
 *
 * @throws LocalError `program_missing`, `program_version`
 */
export async function findRedis(searchPath = process.env.PATH ?? ''): Promise<string> {
  const program = await findOnPath('redis-server', searchPath);
  if (program === undefined) {
    throw new LocalError(
      'program_missing',
      'Redis is not installed. On Debian or Ubuntu: apt-get install redis-server.',
    );
  }
  const { output } = await run(program, ['--version']);
  const version = /v=(\d+)\.(\d+)/.exec(output);
  const [major, minor] = [Number(version?.[1]), Number(version?.[2])];
  if (!(major > oldestRedis[0] || (major === oldestRedis[0] && minor >= oldestRedis[1]))) {
    throw new LocalError(
      'program_version',
      `Redis ${oldestRedis.join('.')} or newer is needed; ${program} says "${output}".`,
    );
  }
  return program;
}

interface Launched {
  readonly child: ManagedChild;
  readonly port: number;
  readonly setAside: string | undefined;
}

async function launchReadable(program: string, password: string, options: RedisOptions): Promise<Launched> {
  try {
    return { ...(await launch(program, password, options)), setAside: undefined };
  } catch (error) {
    if (options.unreadableData !== 'set-aside' || !(error instanceof LocalError) || error.code !== 'data_unreadable')
      throw error;
    const setAside = join(options.dataDir, `files.unreadable-${new Date().toISOString().replaceAll(':', '')}`);
    await rename(join(options.dataDir, 'files'), setAside);
    return { ...(await launch(program, password, options)), setAside };
  }
}

async function launch(
  program: string,
  password: string,
  options: RedisOptions,
): Promise<{ child: ManagedChild; port: number }> {
  if (options.port !== undefined && options.port !== 0) {
    await requireFreePort(options.port, 'Redis');
    return { child: await launchOn(options.port, program, password, options), port: options.port };
  }
  // A free port can be taken by someone else between the look and the use.
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    try {
      return { child: await launchOn(port, program, password, options), port };
    } catch (error) {
      if (attempt === 5 || !(error instanceof LocalError) || error.code !== 'port_taken') throw error;
    }
  }
}

async function launchOn(port: number, program: string, password: string, options: RedisOptions): Promise<ManagedChild> {
  const { dataDir, durable = true } = options;
  const files = join(dataDir, 'files');
  const configuration = join(dataDir, 'redis.conf');
  const logFile = options.log ?? join(dataDir, 'redis.log');
  await mkdir(files, { recursive: true, mode: 0o700 });
  await mkdir(join(logFile, '..'), { recursive: true, mode: 0o700 });
  await writeFile(configuration, settings(files, port, password, durable), { mode: 0o600 });
  const child = await spawnManaged({
    command: program,
    args: [configuration],
    cwd: files,
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    logFile,
    orphanSignal: 'SIGTERM',
  });
  try {
    await waitReady(child, port, password, options.startTimeoutMs ?? 120_000, logFile, files);
  } catch (error) {
    await child.stop(shutdown);
    throw error;
  }
  return child;
}

function settings(files: string, port: number, password: string, durable: boolean): string {
  return `${[
    '# Written at every start; changes made here are lost.',
    'bind 127.0.0.1',
    `port ${port}`,
    'protected-mode yes',
    `requirepass ${password}`,
    `dir ${quoted(files)}`,
    'daemonize no',
    'supervised no',
    'logfile ""',
    `appendonly ${durable ? 'yes' : 'no'}`,
    'appendfsync everysec',
    'aof-load-truncated yes',
    'save ""',
    // A queue that forgets jobs silently is worse than one that refuses them.
    'maxmemory-policy noeviction',
  ].join('\n')}\n`;
}

/** redis.conf understands double quotes with C-like escapes. */
function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

async function waitReady(
  child: ManagedChild,
  port: number,
  password: string,
  timeoutMs: number,
  logFile: string,
  files: string,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await answers(port, password))) {
    if (child.exit() !== undefined) throw await startFailure(child, port, logFile, files);
    if (performance.now() > deadline) {
      throw new LocalError(
        'start_timeout',
        `Redis was not ready after ${Math.round(timeoutMs / 1000)} s; ${logFile} tells what it is doing.`,
      );
    }
    await delay(15);
  }
}

/** Only our own server knows the password, so an answer is also proof that no stranger listens on the port. */
async function answers(port: number, password: string): Promise<boolean> {
  const redis = new Redis({
    host: '127.0.0.1',
    port,
    password,
    lazyConnect: true,
    connectTimeout: 2_000,
    retryStrategy: () => null,
    enableReadyCheck: false,
    maxRetriesPerRequest: 0,
  });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    // While it loads its file, Redis answers everything with an error that starts with LOADING.
    return (await redis.ping()) === 'PONG';
  } catch {
    return false;
  } finally {
    redis.disconnect();
  }
}

async function startFailure(child: ManagedChild, port: number, logFile: string, files: string): Promise<LocalError> {
  const log = await child.logTail();
  if (/address already in use|could not create server tcp listening socket|failed listening on port/i.test(log))
    return portTaken(port, 'Redis');
  if (/no space left on device/i.test(log)) return diskFull(files);
  if (
    /bad file format reading the append only file|error reading the append only file|unknown command .* reading the append only file|invalid aof manifest|aof manifest|internal error in rdb|fatal error loading/i.test(
      log,
    )
  ) {
    return new LocalError(
      'data_unreadable',
      `Redis cannot read ${files}; ${logFile} says why. Move that directory away to start with an empty queue.`,
    );
  }
  return new LocalError(
    'start_failed',
    `Redis ended while starting: ${log.trim().split('\n').at(-1) ?? 'no reason given'}. ${logFile} has the whole story.`,
  );
}
