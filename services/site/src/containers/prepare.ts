import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { connect, offerSetUp } from '@fengcun/catalog';
import { writeFileDurably } from '@fengcun/local';
import { systemClock } from '@fengcun/runtime';
import { ed25519Signer, formatSigningKey, formatVerifierKey } from '@fengcun/tlog';
import { prepareDatabase } from '../data/database.ts';
import { openKeys } from '../data/keys.ts';
import { layoutOf } from '../data/layout.ts';

/**
 * Gets everything ready for services that run alone, and ends: the site's keys (made once, kept in `--data`), database, roles and schema, and
 * for each service a directory under `--out` with what it may know and nothing else: `env`, to be read with `node --env-file`, and the files
 * that it names. Safe to repeat at every start.
 *
 * `--postgres` and `--redis` are URLs without passwords; those are read from files.
 */
const { values } = parseArgs({
  options: {
    data: { type: 'string', default: '/var/lib/fengcun' },
    out: { type: 'string', default: '/out' },
    /** the services' own path of their directory under `--out` */
    seen: { type: 'string', default: '/run/fengcun' },
    postgres: { type: 'string', default: 'postgres://postgres@postgres:5432/postgres' },
    'postgres-password-file': { type: 'string', default: '/run/secrets/postgres-password' },
    redis: { type: 'string', default: 'redis://redis:6379' },
    'redis-password-file': { type: 'string', default: '/run/secrets/redis-password' },
  },
});

const layout = layoutOf(values.data);
const postgres = new URL(values.postgres);
const urlOf = (database: string, { user, password }: { user: string; password: string }): string => {
  const url = new URL(postgres);
  url.username = user;
  url.password = password;
  url.pathname = `/${database}`;
  return url.href;
};
const superuser = { user: postgres.username, password: await secretIn(values['postgres-password-file']) };
const server = {
  url: urlOf(postgres.pathname.slice(1), superuser),
  urlOf: (database: string, login: { user: string; password: string } = superuser) => urlOf(database, login),
};
const redis = new URL(values.redis);
redis.password = await secretIn(values['redis-password-file']);

await mkdir(layout.root, { recursive: true, mode: 0o700 });
const keys = await openKeys(layout);
const { urls, ownerUrl } = await prepareDatabase(server, keys.passwords);

const site = { FENGCUN_SITE_ID: keys.siteId };
const logKeys = { FENGCUN_LOG_KEYS: formatVerifierKey(ed25519Signer(keys.logKey).key) };
await handOut('upload', { FENGCUN_DATABASE_URL: urls.fengcun_upload, ...site, ...logKeys });
await handOut('access', {
  FENGCUN_DATABASE_URL: urls.fengcun_access,
  ...site,
  ...logKeys,
  FENGCUN_LOG_ORIGIN: keys.logKey.name,
  FENGCUN_SITE_SECRET_FILE: await secretFile('access', 'site-secret', keys.siteSecret),
});
await handOut('ledger', {
  FENGCUN_DATABASE_URL: urls.fengcun_ledger,
  ...site,
  FENGCUN_LOG_KEY: await secretFile('ledger', 'log-signing-key', formatSigningKey(keys.logKey)),
});
await handOut('worker', { FENGCUN_DATABASE_URL: urls.fengcun_worker, FENGCUN_REDIS_URL: redis.href });

const owner = connect({ url: ownerUrl, name: 'fengcun-set-up', max: 1 });
const code = await offerSetUp(owner, systemClock);
await owner.destroy();
process.stdout.write('准备完成 ready\n');
if (code !== undefined)
  process.stdout.write(`首位管理员的一次性设置码 one-time code for the first administrator: ${code}\n`);

async function secretIn(path: string): Promise<string> {
  const secret = (await readFile(path, 'utf8')).trim();
  if (secret === '') throw new Error(`${path} is empty; put a password into it.`);
  return secret;
}

/** Puts a secret into a file of the service's own and answers the path under which it sees it. */
async function secretFile(service: string, name: string, secret: string): Promise<string> {
  await mkdir(join(values.out, service), { recursive: true, mode: 0o700 });
  await writeFileDurably(join(values.out, service, name), `${secret}\n`);
  return join(values.seen, name);
}

async function handOut(service: string, environment: Readonly<Record<string, string>>): Promise<void> {
  const lines = Object.entries(environment).map(([name, value]) => `${name}="${value}"`);
  await secretFile(service, 'env', lines.join('\n'));
}
