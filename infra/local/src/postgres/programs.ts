import { readdir, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LocalError } from '../errors.ts';
import { findOnPath, isExecutable, run } from '../process/run.ts';

export interface PostgresPrograms {
  readonly initdb: string;
  readonly postgres: string;
  readonly major: number;
}

export const oldestPostgres = 15;

/**
 * Finds initdb and postgres on the PATH or where Debian puts them (/usr/lib/postgresql/N/bin, which is not on the PATH).
 *
 * @param clusterMajor major version of an existing data directory: only that one can open it. Without it the newest is taken.
 * @throws LocalError `program_missing`, `program_version`
 */
export async function findPostgres(
  clusterMajor: number | undefined,
  searchPath = process.env.PATH ?? '',
  debianRoot = '/usr/lib/postgresql',
): Promise<PostgresPrograms> {
  const found: PostgresPrograms[] = [];
  for (const directory of await directories(searchPath, debianRoot)) {
    const programs = await inspect(directory);
    if (programs !== undefined) found.push(programs);
  }
  found.sort((a, b) => b.major - a.major);

  if (clusterMajor !== undefined) {
    const same = found.find(({ major }) => major === clusterMajor);
    if (same !== undefined) return same;
    throw new LocalError(
      'program_version',
      `The data directory was made by PostgreSQL ${clusterMajor}, which is not installed (${list(found)}). Install postgresql-${clusterMajor}, or move the data with pg_upgrade.`,
    );
  }
  const [newest] = found;
  if (newest === undefined) {
    throw new LocalError(
      'program_missing',
      `PostgreSQL ${oldestPostgres} or newer is not installed. On Debian or Ubuntu: apt-get install postgresql-${oldestPostgres} (any newer postgresql package will do).`,
    );
  }
  if (newest.major < oldestPostgres) {
    throw new LocalError(
      'program_version',
      `PostgreSQL ${oldestPostgres} or newer is needed (${list(found)}). On Debian or Ubuntu: apt-get install postgresql.`,
    );
  }
  return newest;
}

async function directories(searchPath: string, debianRoot: string): Promise<string[]> {
  const onPath = await findOnPath('postgres', searchPath);
  const packaged = await readdir(debianRoot).catch(() => []);
  const all = [
    ...(onPath === undefined ? [] : [dirname(await realpath(onPath))]),
    ...packaged.map((version) => join(debianRoot, version, 'bin')),
  ];
  return [...new Set(all)];
}

async function inspect(directory: string): Promise<PostgresPrograms | undefined> {
  const [initdb, postgres] = [join(directory, 'initdb'), join(directory, 'postgres')];
  if (!(await isExecutable(initdb)) || !(await isExecutable(postgres))) return undefined;
  const { output } = await run(postgres, ['--version']);
  const major = Number(/PostgreSQL\) (\d+)/.exec(output)?.[1]);
  return Number.isInteger(major) ? { initdb, postgres, major } : undefined;
}

function list(found: readonly PostgresPrograms[]): string {
  return found.length === 0
    ? 'none found'
    : `found: ${found.map(({ major, postgres }) => `${major} at ${postgres}`).join(', ')}`;
}
