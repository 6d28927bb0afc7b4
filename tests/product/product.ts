import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DemoFacts, layoutOf, type SiteLayout } from '@fengcun/site';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, inject } from 'vitest';
import { kill, processTable } from './process-table.ts';
import './provided.ts';
import { eventually } from './eventually.ts';
import { type Person, type PersonName, signIn } from './person.ts';
import { runSite } from './site-command.ts';

export type PartName = 'web' | 'worker' | 'postgres' | 'redis';

/** Where each part works, by which its process is known. */
const places: Readonly<Record<PartName, string>> = {
  web: 'run/web',
  worker: 'run/worker',
  postgres: 'postgres/cluster',
  redis: 'redis/files',
};

/** The whole product, running as a user runs it. */
export interface Product {
  /** origin */
  readonly url: string;
  readonly layout: SiteLayout;
  readonly demo: DemoFacts;
  /** when this test file began with it */
  readonly openedAt: Date;
  /** The catalogue as its owner sees it: for looking, and for the faults that only an owner can make. */
  readonly database: pg.Pool;
  /** One of the demo's people, signed in. */
  person(name: PersonName): Promise<Person>;
  /** SIGKILLs one part and answers its pid. */
  kill(part: PartName): Promise<number>;
  /** Waits until a part that was killed runs again, as another process. */
  isBack(part: PartName, killed: number): Promise<void>;
  /** SIGKILLs the supervisor and all parts at once. */
  killEverything(): Promise<void>;
  /** Starts it again on the same address, after `killEverything`. */
  startAgain(): Promise<void>;
  flushRedis(): Promise<void>;
}

const pools = new Set<pg.Pool>();
// What a test file holds it gives back; the product runs on.
afterAll(async () => {
  await Promise.all([...pools].map((pool) => pool.end()));
});

/** The run's product, started by the first who asks. */
export async function openProduct(): Promise<Product> {
  const layout = layoutOf(inject('fengcunProductDir'));
  const openedAt = new Date();
  await start(layout, '0');
  const state = await readState(layout);
  const { url } = state;
  let supervisor = state.pid;
  let database = await ownersPool(layout);
  const demo: DemoFacts = JSON.parse(await readFile(layout.demo, 'utf8'));
  const people = new Map<PersonName, Promise<Person>>();
  const partOf = async (part: PartName) =>
    (await processTable()).find(
      ({ parent, directory }) => parent === supervisor && directory === join(layout.root, places[part]),
    );

  return {
    url,
    layout,
    demo,
    openedAt,
    get database() {
      return database;
    },
    person(name) {
      const known = people.get(name) ?? signIn(url, accountOf(demo, name));
      people.set(name, known);
      return known;
    },
    async kill(part) {
      const found = await partOf(part);
      if (!found) throw new Error(`${part} is not running`);
      kill(found.pid);
      return found.pid;
    },
    async isBack(part, killed) {
      await eventually(async () => {
        const found = await partOf(part);
        if (!found || found.pid === killed) throw new Error(`${part} is not back`);
        if (part === 'postgres') await database.query('select 1');
      });
      await isReady(url);
    },
    async killEverything() {
      const children = (await processTable()).filter(({ parent }) => parent === supervisor);
      for (const pid of [supervisor, ...children.map((child) => child.pid)]) kill(pid);
    },
    async startAgain() {
      await start(layout, new URL(url).port);
      supervisor = (await readState(layout)).pid;
      // PostgreSQL has a port of its own choosing.
      database = await ownersPool(layout);
    },
    async flushRedis() {
      const redis = new Redis(await redisUrl(layout), { maxRetriesPerRequest: 1 });
      await redis.flushall().finally(() => redis.disconnect());
    },
  };
}

async function start(layout: SiteLayout, port: string): Promise<void> {
  const { exitCode, output } = await runSite(['start', '--data', layout.root, '--port', port, '--demo', '--detach']);
  if (exitCode === 0) return;
  const log = await readFile(join(layout.log, 'site.log'), 'utf8').catch(() => '');
  throw new Error(`the product did not start (exit code ${exitCode}):\n${output}\n${log.slice(-4000)}`);
}

export async function isReady(url: string): Promise<void> {
  await eventually(async () => {
    const response = await fetch(`${url}/health/ready`);
    const text = await response.text();
    if (!response.ok) throw new Error(`not ready: ${text}`);
  });
}

async function readState(layout: SiteLayout): Promise<{ url: string; pid: number }> {
  return JSON.parse(await readFile(layout.state, 'utf8'));
}

function accountOf(demo: DemoFacts, name: PersonName): { login: string; password: string } {
  const account = demo.accounts.find(({ login }) => login === name);
  if (!account) throw new Error(`the demo has no account "${name}"`);
  return account;
}

async function ownersPool(layout: SiteLayout): Promise<pg.Pool> {
  const passwords: { fengcun_owner: string } = JSON.parse(
    await readFile(join(layout.keys, 'database-passwords.json'), 'utf8'),
  );
  // The fourth line of postmaster.pid is the port (miscadmin.h, LOCK_FILE_LINE_PORT).
  const port = (await readFile(join(layout.postgres, 'cluster', 'postmaster.pid'), 'utf8')).split('\n')[3];
  const pool = new pg.Pool({
    host: '127.0.0.1',
    port: Number(port),
    user: 'fengcun_owner',
    password: passwords.fengcun_owner,
    database: 'fengcun',
    max: 4,
    connectionTimeoutMillis: 10_000,
    application_name: 'system-tests',
  });
  // Tests kill PostgreSQL: a lost connection is reported by the next query.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  pools.add(pool);
  return pool;
}

async function redisUrl(layout: SiteLayout): Promise<string> {
  const settings = await readFile(join(layout.redis, 'redis.conf'), 'utf8');
  const setting = (name: string) => new RegExp(`^${name} (.*)$`, 'm').exec(settings)?.[1] ?? '';
  return `redis://:${setting('requirepass')}@127.0.0.1:${setting('port')}`;
}
