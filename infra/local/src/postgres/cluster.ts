import { appendFile, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LocalError } from '../errors.ts';
import { diskFull } from '../process/data-directory.ts';
import { run } from '../process/run.ts';
import { readOrCreateSecret, syncDirectory } from '../process/secret-file.ts';
import { findPostgres, type PostgresPrograms } from './programs.ts';
import { findUnprivileged, own, type Unprivileged } from './unprivileged.ts';

/** Who the server's bootstrap superuser is. The services never log in as this one; migrations and set-up do. */
export const superuser = 'postgres';

export interface Cluster {
  readonly programs: PostgresPrograms;
  readonly unprivileged: Unprivileged;
  /** PGDATA. */
  readonly path: string;
  readonly password: string;
}

export interface ClusterSettings {
  readonly port: number;
  readonly durable: boolean;
  readonly maxConnections: number;
}

/**
 * Opens `<dataDir>/cluster`, or makes it. It is made beside its place and renamed when complete, so that a start that dies half-way
 * leaves no cluster rather than half of one.
 */
export async function openCluster(dataDir: string, durable: boolean): Promise<Cluster> {
  const path = join(dataDir, 'cluster');
  const major = await clusterMajor(path);
  const programs = await findPostgres(major);
  const unprivileged = await findUnprivileged(dataDir);
  const passwordFile = join(dataDir, 'superuser.password');

  if (major !== undefined) {
    await own(path, unprivileged);
    await own(passwordFile, unprivileged);
    return { programs, unprivileged, path, password: await readPassword(passwordFile) };
  }
  const password = await readOrCreateSecret(passwordFile);
  await own(passwordFile, unprivileged);
  await createCluster(path, passwordFile, programs, unprivileged, durable);
  return { programs, unprivileged, path, password };
}

/** Writes this start's settings. They are in the data directory, not on the command line, so that PostgreSQL's own tools see them too. */
export async function configureCluster(cluster: Cluster, settings: ClusterSettings): Promise<void> {
  const lines = [
    '# Written at every start; changes made here are lost. Put your own into postgresql.conf, below the include.',
    "listen_addresses = '127.0.0.1'",
    `port = ${settings.port}`,
    // The path of a Unix socket may have 107 bytes only, and data directories are longer than that.
    "unix_socket_directories = ''",
    `max_connections = ${settings.maxConnections}`,
    'password_encryption = scram-sha-256',
    'shared_buffers = 128MB',
    'max_wal_size = 1GB',
    // Short statements only: compiling them costs more than it saves.
    'jit = off',
    "timezone = 'UTC'",
    "log_timezone = 'UTC'",
    "log_line_prefix = '%m [%p] %q%u@%d '",
    "log_destination = 'stderr'",
    'logging_collector = off',
    'log_min_duration_statement = 2s',
    // Not for us: it would write passwords of CREATE ROLE into the log.
    "log_statement = 'none'",
    ...(settings.durable
      ? ['fsync = on', 'synchronous_commit = on', 'full_page_writes = on']
      : [
          'fsync = off',
          'synchronous_commit = off',
          'full_page_writes = off',
          'wal_level = minimal',
          'max_wal_senders = 0',
        ]),
  ];
  const path = join(cluster.path, 'fengcun.conf');
  await writeFile(path, `${lines.join('\n')}\n`, { mode: 0o600 });
  await own(path, cluster.unprivileged);
}

async function createCluster(
  path: string,
  passwordFile: string,
  programs: PostgresPrograms,
  unprivileged: Unprivileged,
  durable: boolean,
): Promise<void> {
  const partial = `${path}.partial`;
  await rm(partial, { recursive: true, force: true });
  const locales = ['C.UTF-8', 'C'];
  for (const locale of locales) {
    const result = await initdb(partial, passwordFile, programs, unprivileged, durable, locale);
    if (result.code === 0) break;
    await rm(partial, { recursive: true, force: true });
    if (/no space left on device|disk quota exceeded/i.test(result.output)) throw diskFull(path);
    if (locale === locales.at(-1) || !/invalid locale/i.test(result.output)) {
      throw new LocalError(
        'start_failed',
        `initdb could not make ${path}: ${result.output.split('\n').slice(-6).join(' ')}`,
      );
    }
  }
  await appendFile(join(partial, 'postgresql.conf'), "\ninclude 'fengcun.conf'\n");
  await rename(partial, path);
  if (durable) await syncDirectory(join(path, '..'));
}

async function initdb(
  path: string,
  passwordFile: string,
  programs: PostgresPrograms,
  { prefix }: Unprivileged,
  durable: boolean,
  locale: string,
) {
  const [command = programs.initdb, ...args] = [
    ...prefix,
    programs.initdb,
    `--pgdata=${path}`,
    `--username=${superuser}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    `--locale=${locale}`,
    '--lc-messages=C',
    '--data-checksums',
    '--no-instructions',
    ...(durable ? [] : ['--no-sync']),
  ];
  return run(command, args, { cwd: '/', env: serverEnvironment() });
}

/** What the server gets to see of our environment: no PG* variable, no secret of ours. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin', LC_MESSAGES: 'C', TZ: 'UTC' };
}

async function clusterMajor(path: string): Promise<number | undefined> {
  const text = await readFile(join(path, 'PG_VERSION'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const major = Number.parseInt(text, 10);
  if (Number.isInteger(major)) return major;
  throw new LocalError('data_unreadable', `${path}/PG_VERSION is damaged. Restore the directory from a backup.`);
}

async function readPassword(path: string): Promise<string> {
  const password = await readFile(path, 'utf8').catch(() => '');
  if (password.trim() !== '') return password.trim();
  throw new LocalError(
    'data_unreadable',
    `The password of the database, ${path}, is missing. Restore that file from a backup.`,
  );
}
