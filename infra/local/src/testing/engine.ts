import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalError } from '../errors.ts';
import { findPostgres } from '../postgres/programs.ts';
import { startPostgres } from '../postgres/server.ts';
import { lockDirectory } from '../process/directory-lock.ts';
import { findRedis, startRedis } from '../redis/server.ts';

export interface TestEngine {
  /** For people: where the servers come from. */
  readonly description: string;
  readonly postgresUrl: string;
  readonly redisUrl: string;
  stop(): Promise<void>;
}

const directoryPrefix = 'fengcun-test-';

/** Test files run side by side, each with pools of its own. */
const maxConnections = 400;

/**
 * Starts, or finds, the PostgreSQL and Redis that tests run against:
 * 1. the ones named by FENGCUN_TEST_POSTGRES_URL (a superuser) and FENGCUN_TEST_REDIS_URL, both;
 * 2. containers, when FENGCUN_TEST_ENGINE=containers, or when programs are missing and a Docker engine answers;
 * 3. child processes on a fresh temporary directory.
 */
export async function startEngine(environment: NodeJS.ProcessEnv): Promise<TestEngine> {
  const postgresUrl = environment.FENGCUN_TEST_POSTGRES_URL;
  const redisUrl = environment.FENGCUN_TEST_REDIS_URL;
  if (postgresUrl && redisUrl) return givenEngine(postgresUrl, redisUrl);
  if (postgresUrl || redisUrl) {
    throw new Error('FENGCUN_TEST_POSTGRES_URL and FENGCUN_TEST_REDIS_URL go together: set both or neither.');
  }
  const wanted = environment.FENGCUN_TEST_ENGINE;
  if (wanted !== undefined && wanted !== '' && wanted !== 'containers' && wanted !== 'local') {
    throw new Error(`FENGCUN_TEST_ENGINE is "${wanted}"; it can be "local" or "containers".`);
  }
  if (wanted === 'containers') return containerEngine();
  if (wanted !== 'local' && !(await programsInstalled()) && (await dockerAnswers(environment)))
    return containerEngine();
  return localEngine();
}

function givenEngine(postgresUrl: string, redisUrl: string): TestEngine {
  return {
    description: `the given servers: PostgreSQL at ${new URL(postgresUrl).host}, Redis at ${new URL(redisUrl).host}`,
    postgresUrl,
    redisUrl,
    stop: () => Promise.resolve(),
  };
}

async function localEngine(): Promise<TestEngine> {
  await removeAbandoned();
  const directory = await mkdtemp(join(tmpdir(), directoryPrefix));
  const stops: (() => Promise<void>)[] = [() => rm(directory, { recursive: true, force: true, maxRetries: 3 })];
  const stop = async () => {
    for (const step of stops.toReversed()) await step();
  };
  const [postgres, redis] = await Promise.allSettled([
    startPostgres({ dataDir: join(directory, 'postgres'), durable: false, maxConnections }),
    startRedis({ dataDir: join(directory, 'redis'), durable: false }),
  ]);
  if (postgres.status === 'fulfilled') stops.push(() => postgres.value.stop());
  if (redis.status === 'fulfilled') stops.push(() => redis.value.stop());
  if (postgres.status === 'rejected' || redis.status === 'rejected') {
    await stop();
    throw postgres.status === 'rejected' ? postgres.reason : redis.status === 'rejected' ? redis.reason : undefined;
  }
  return {
    description: `child processes: PostgreSQL on port ${postgres.value.port}, Redis on port ${redis.value.port}`,
    postgresUrl: postgres.value.url,
    redisUrl: redis.value.url,
    stop,
  };
}

/** Removes what runs that were killed left in the temporary directory. The lock of a living run is held, and a young one may not have it yet. */
async function removeAbandoned(): Promise<void> {
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith(directoryPrefix));
  for (const name of names) {
    const directory = join(tmpdir(), name);
    try {
      if (Date.now() - (await stat(directory)).mtimeMs < 10 * 60_000) continue;
      await mkdir(join(directory, 'postgres'), { recursive: true });
      const lock = await lockDirectory(join(directory, 'postgres'));
      await rm(directory, { recursive: true, force: true });
      await lock.release();
    } catch {
      // Someone else's, or in use: not ours to remove.
    }
  }
}

async function containerEngine(): Promise<TestEngine> {
  const { GenericContainer, Wait } = await import('testcontainers');
  const postgresContainer = new GenericContainer('postgres:15.14')
    .withEnvironment({
      POSTGRES_PASSWORD: 'fengcun',
      POSTGRES_INITDB_ARGS: '--encoding=UTF8 --locale=C.UTF-8 --data-checksums',
    })
    .withCommand([
      'postgres',
      '-c',
      'fsync=off',
      '-c',
      'synchronous_commit=off',
      '-c',
      `max_connections=${maxConnections}`,
    ])
    .withExposedPorts(5432)
    // The image's entry point starts the server twice: once to set it up, then for good.
    .withWaitStrategy(Wait.forLogMessage(/database system is ready to accept connections/, 2));
  const redisContainer = new GenericContainer('redis:7.4')
    .withCommand(['redis-server', '--save', '', '--maxmemory-policy', 'noeviction'])
    .withExposedPorts(6379)
    .withWaitStrategy(Wait.forLogMessage(/Ready to accept connections/));
  const [postgres, redis] = await Promise.all([postgresContainer.start(), redisContainer.start()]);
  return {
    description: 'containers: postgres:15.14, redis:7.4',
    postgresUrl: `postgresql://postgres:fengcun@${postgres.getHost()}:${postgres.getMappedPort(5432)}/postgres`,
    redisUrl: `redis://${redis.getHost()}:${redis.getMappedPort(6379)}`,
    stop: async () => {
      await Promise.all([postgres.stop(), redis.stop()]);
    },
  };
}

async function programsInstalled(): Promise<boolean> {
  try {
    await findPostgres(undefined);
    await findRedis();
    return true;
  } catch (error) {
    if (error instanceof LocalError) return false;
    throw error;
  }
}

/** Does a Docker engine listen where the environment, or convention, says? */
function dockerAnswers(environment: NodeJS.ProcessEnv): Promise<boolean> {
  const host = environment.DOCKER_HOST ?? 'unix:///var/run/docker.sock';
  return new Promise((resolve) => {
    if (!URL.canParse(host)) return resolve(false);
    const { protocol, hostname, port, pathname } = new URL(host);
    const socket =
      protocol === 'unix:' ? createConnection(pathname) : createConnection(Number(port || '2375'), hostname);
    socket.setTimeout(2_000, () => socket.destroy(new Error('no answer')));
    socket.once('connect', () => {
      resolve(true);
      socket.destroy();
    });
    socket.once('error', () => resolve(false));
    return undefined;
  });
}
