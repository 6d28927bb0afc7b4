import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LocalError } from '../errors.ts';
import { writeFileDurably } from '../process/secret-file.ts';
import { type Cluster, configurationFile, runTool } from './cluster.ts';

/** The S3 user whose keys the server hands out. */
export const firstUser = 'fengcun';

/** A user of the S3 interface. */
export interface S3Login {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/**
 * The keys of S3 user `uid`, who is made on first use. The gateway makes the keys up itself, so that no secret is ever on a command line;
 * they are kept in a file only we can read, because asking takes half a second.
 *
 * @param uid lower-case letters, digits and hyphens
 */
export async function openUser(cluster: Cluster, uid: string): Promise<S3Login> {
  if (!/^[a-z][a-z0-9-]{0,62}$/.test(uid)) throw new TypeError(`"${uid}" is no name for a user`);
  const file = fileOf(cluster.directory, uid);
  const kept = parseLogin(await readFile(file, 'utf8').catch(() => ''));
  if (kept !== undefined) return kept;
  const admin = (args: readonly string[]) =>
    runTool(cluster, cluster.programs.radosgwAdmin, ['-c', configurationFile, '-n', 'client.rgw.a', ...args]);
  const created = await admin(['user', 'create', `--uid=${uid}`, `--display-name=${uid}`]);
  // An earlier start made the user and died before it wrote the file.
  const login = parseUser(created.output) ?? parseUser((await admin(['user', 'info', `--uid=${uid}`])).output);
  if (login === undefined) {
    throw new LocalError(
      'start_failed',
      `radosgw-admin could not make the S3 user ${uid}: ${created.output.split('\n').slice(-4).join(' ')}`,
    );
  }
  await writeFileDurably(file, `${JSON.stringify(login, null, 2)}\n`);
  return login;
}

/**
 * The keys of a user that `startRgw` on `directory` has made before, for programs beside its owner.
 *
 * @throws LocalError `data_unreadable`
 */
export async function readUser(directory: string, uid: string = firstUser): Promise<S3Login> {
  const file = fileOf(directory, uid);
  const login = parseLogin(await readFile(file, 'utf8').catch(() => ''));
  if (login !== undefined) return login;
  throw new LocalError('data_unreadable', `${file} cannot be read. Start the S3 engine on ${directory} once.`);
}

const fileOf = (directory: string, uid: string): string => join(directory, `s3-user-${uid}.json`);

/** Finds the keys in what `radosgw-admin user` prints, which may have warnings before its JSON. */
function parseUser(output: string): S3Login | undefined {
  const value = parseJson(output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1));
  const keys = property(value, 'keys');
  const [key] = Array.isArray(keys) ? (keys as readonly unknown[]) : [];
  return loginOf(property(key, 'access_key'), property(key, 'secret_key'));
}

function parseLogin(text: string): S3Login | undefined {
  const value = parseJson(text);
  return loginOf(property(value, 'accessKeyId'), property(value, 'secretAccessKey'));
}

function loginOf(accessKeyId: unknown, secretAccessKey: unknown): S3Login | undefined {
  return typeof accessKeyId === 'string' && typeof secretAccessKey === 'string'
    ? { accessKeyId, secretAccessKey }
    : undefined;
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
