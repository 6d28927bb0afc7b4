import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DemoFacts, layoutOf, type SiteLayout } from '@fengcun/site';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, inject } from 'vitest';
import { endEverythingIn, kill, processTable } from './process-table.ts';
import './provided.ts';
import { eventually } from './eventually.ts';
import { type Credentials, type Person, type PersonName, personOf, signIn } from './person.ts';
import { runSite } from './site-command.ts';
import { chosenVault, type TestVault } from './test-vault.ts';

export type PartName = 'web' | 'worker' | 'postgres' | 'redis' | 's3';

/** Where each part works, by which its processes are known. */
const places: Readonly<Record<PartName, string>> = {
  web: 'run/web',
  worker: 'run/worker',
  postgres: 'postgres/cluster',
  redis: 'redis/files',
  s3: 's3',
};

/** Whose pid stands for a part that has several processes. */
const leaders: Readonly<Partial<Record<PartName, string>>> = { s3: 'radosgw' };

/** The whole product, running as a user runs it. */
export interface Product {
  /** origin */
  readonly url: string;
  readonly layout: SiteLayout;
  readonly demo: DemoFacts;
  readonly vault: TestVault;
  /** when this test file began with it */
  readonly openedAt: Date;
  /** The catalogue as its owner sees it: for looking, and for the faults that only an owner can make. */
  readonly database: pg.Pool;
  /** One of the demo's people, signed in. */
  person(name: PersonName): Promise<Person>;
  /** SIGKILLs one part, all its processes at once, and answers its (leading) pid. */
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

/** The run's product on that vault, started by the first who asks. */
export function openProduct(vault: TestVault = chosenVault()): Promise<Product> {
  return openProductIn(inject('fengcunProductDirs')[vault], vault, vault === 's3' ? ['--s3'] : []);
}

/** A product in a directory of the test's own, which has to stop it with `closeProduct`. */
export async function openProductIn(directory: string, vault: TestVault, flags: readonly string[]): Promise<Product> {
  const layout = layoutOf(directory);
  const openedAt = new Date();
  await start(layout, '0', flags);
  const state = await readState(layout);
  const { url } = state;
  let supervisor = state.pid;
  let database = await ownersPool(layout);
  const demo: DemoFacts = JSON.parse(await readFile(layout.demo, 'utf8'));
  const people = new Map<PersonName, Promise<Person>>();
  const processesOf = async (part: PartName) =>
    (await processTable()).filter(
      ({ parent, directory }) => parent === supervisor && directory === join(layout.root, places[part]),
    );
  const partOf = async (part: PartName) => {
    const leader = leaders[part];
    return (await processesOf(part)).find(({ program }) => leader === undefined || program === leader);
  };

  return {
    url,
    layout,
    demo,
    vault,
    openedAt,
    get database() {
      return database;
    },
    person(name) {
      const known = people.get(name) ?? signedIn(layout, url, accountOf(demo, name));
      people.set(name, known);
      return known;
    },
    async kill(part) {
      const found = await partOf(part);
      if (!found) throw new Error(`${part} is not running`);
      for (const { pid } of await processesOf(part)) kill(pid);
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
      await start(layout, new URL(url).port, flags);
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

/** Stops the product in a directory; one that did not stop in order is ended and told of. */
export async function closeProduct(directory: string): Promise<void> {
  const { exitCode, output } = await runSite(['stop', '--data', directory]);
  await endEverythingIn(directory);
  if (exitCode !== 0) process.stdout.write(`the product did not stop in order:\n${output}\n`);
}

async function start(layout: SiteLayout, port: string, flags: readonly string[]): Promise<void> {
  const args = ['start', '--data', layout.root, '--port', port, '--demo', '--detach', ...flags];
  const { exitCode, output } = await runSite(args);
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

function accountOf(demo: DemoFacts, name: PersonName): Credentials {
  const account = demo.accounts.find(({ login }) => login === name);
  if (!account) throw new Error(`the demo has no account "${name}"`);
  return account;
}

/**
 * Somebody signed in. A code of a second factor is good once, so that a test file that signed in anew would wait for the next one: people
 * who have one stay signed in from file to file.
 */
async function signedIn(layout: SiteLayout, url: string, account: Credentials): Promise<Person> {
  if (account.secondFactor === undefined) return signIn(url, account);
  const kept = `${layout.root}.${account.login}.cookie`;
  const cookie = await readFile(kept, 'utf8').catch(() => '');
  const earlier = cookie === '' ? undefined : personOf(url, cookie);
  const known = await earlier?.call('whoAmI').catch(() => undefined);
  if (earlier && known?.login === account.login) return earlier;
  const person = await signIn(url, account);
  await writeFile(kept, person.headers.cookie ?? '');
  return person;
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
