import { lchown, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LocalError } from '../errors.ts';
import { findOnPath, run } from '../process/run.ts';

/** How to run a program that refuses to be root, and who owns its files then. */
export interface Unprivileged {
  /** Words to put before the program and its arguments; empty when we are not root. */
  readonly prefix: readonly string[];
  readonly uid: number;
  readonly gid: number;
}

/**
 * Finds a way to run PostgreSQL, which refuses to run as root.
 *
 * As an ordinary user there is nothing to do. As root, first choice is a user namespace in which we look like uid 1000: the files stay
 * root's, so the data directory may be anywhere, under /root or in a private temporary directory. Where the kernel forbids user
 * namespaces, the system's own `postgres` account is used, and it must be able to reach the directory.
 *
 * @throws LocalError `root_refused`
 */
export async function findUnprivileged(directory: string): Promise<Unprivileged> {
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
  if (uid !== 0) return { prefix: [], uid, gid };

  const namespace = ['unshare', '--user', '--map-user=1000', '--map-group=1000'];
  if (await works(namespace, ['test', '-w', directory])) return { prefix: namespace, uid, gid };

  const account = await postgresAccount();
  if (account !== undefined) {
    const prefix = await accountPrefix(account);
    await lchown(directory, account.uid, account.gid);
    if (prefix !== undefined && (await works(prefix, ['test', '-w', directory]))) return { prefix, ...account };
    await lchown(directory, uid, gid);
  }
  throw new LocalError(
    'root_refused',
    account === undefined
      ? 'PostgreSQL refuses to run as root, user namespaces are not available here, and there is no account "postgres". Start as an ordinary user.'
      : `PostgreSQL refuses to run as root, user namespaces are not available here, and the account "postgres" cannot reach ${directory}. Use a directory it can reach (not under /root), or start as an ordinary user.`,
  );
}

/** Gives a file, or a directory with all in it, to the one who runs the server: an earlier start may have been by someone else. */
export async function own(path: string, { uid, gid }: Unprivileged): Promise<void> {
  const info = await stat(path);
  if (process.getuid?.() !== 0 || (info.uid === uid && info.gid === gid)) return;
  if (info.isDirectory()) {
    for (const name of await readdir(path, { recursive: true })) await lchown(join(path, name), uid, gid);
  }
  // The directory itself last: were we to die half-way, the next start would begin again.
  await lchown(path, uid, gid);
}

async function works(prefix: readonly string[], command: readonly string[]): Promise<boolean> {
  const [program, ...args] = [...prefix, ...command];
  return program !== undefined && (await run(program, args)).code === 0;
}

async function postgresAccount(): Promise<{ uid: number; gid: number } | undefined> {
  const ids = await Promise.all(['-u', '-g'].map((flag) => run('id', [flag, 'postgres'])));
  const [uid, gid] = ids.map(({ code, output }) => (code === 0 ? Number(output) : Number.NaN));
  return Number.isInteger(uid) && Number.isInteger(gid) && uid !== undefined && gid !== undefined
    ? { uid, gid }
    : undefined;
}

async function accountPrefix({ uid, gid }: { uid: number; gid: number }): Promise<readonly string[] | undefined> {
  const searchPath = `${process.env.PATH ?? ''}:/usr/sbin:/sbin`;
  if ((await findOnPath('setpriv', searchPath)) !== undefined) {
    return ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'];
  }
  const runuser = await findOnPath('runuser', searchPath);
  return runuser === undefined ? undefined : [runuser, '-u', 'postgres', '--'];
}
