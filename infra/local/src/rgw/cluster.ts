import { mkdir, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LocalError } from '../errors.ts';
import { diskFull } from '../process/data-directory.ts';
import { type RunResult, run } from '../process/run.ts';
import { syncDirectory, writeFileDurably } from '../process/secret-file.ts';
import { keyringFile } from './identity.ts';
import type { CephPrograms } from './programs.ts';

/** A directory with a cluster in it, or about to be. */
export interface Cluster {
  readonly directory: string;
  readonly programs: CephPrograms;
}

export const configurationFile = 'ceph.conf';

/** What the daemons and tools get to see of our environment: no CEPH_ARGS, no secret of ours. */
export function cephEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C.UTF-8', TZ: 'UTC' };
}

/**
 * Makes the monitor's store, or moves an existing one to the port of this start: the store remembers its own address.
 *
 * Like the OSD's, it is made beside its place and renamed when complete: a start that dies half-way leaves none rather than half of one.
 */
export async function prepareMonitor(cluster: Cluster, fsid: string, port: number): Promise<void> {
  const { directory, programs } = cluster;
  await must(cluster, programs.monmaptool, [
    ...['--create', '--clobber', '--fsid', fsid],
    ...['--addv', 'a', `[v2:127.0.0.1:${port}]`, '--enable-all-features', 'monmap'],
  ]);
  if (await exists(join(directory, 'mon'))) {
    await must(cluster, programs.mon, [...configured, '-i', 'a', '--inject-monmap', 'monmap']);
    return;
  }
  await fresh(join(directory, 'mon.partial'));
  await must(cluster, programs.mon, [
    ...[...configured, '--mkfs', '-i', 'a', '--mon-data', 'mon.partial'],
    ...['--monmap', 'monmap', '--keyring', keyringFile],
  ]);
  await settle(directory, 'mon');
}

/** Registers the one OSD and makes its store, unless there is one. The monitor must be running. */
export async function prepareOsd(cluster: Cluster, osdUuid: string): Promise<void> {
  const { directory, programs } = cluster;
  if (await exists(join(directory, 'osd'))) return;
  // Answers the same when it is known already.
  await must(cluster, programs.ceph, [...configured, '--connect-timeout', '60', 'osd', 'new', osdUuid, '0']);
  await fresh(join(directory, 'osd.partial'));
  await must(cluster, programs.osd, [
    ...[...configured, '--mkfs', '-i', '0', '--osd-uuid', osdUuid],
    ...['--osd-data', 'osd.partial'],
  ]);
  await settle(directory, 'osd');
}

/**
 * Size for a new store on this disk: what is free now, less a reserve for everything else. The file is sparse, and a store that believes in
 * more room than the disk has ends with an abort where one that knows its size refuses writes.
 */
export async function capacityFor(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  const step = 1024 ** 3;
  return Math.max(8 * step, Math.floor((bavail * bsize * 0.9) / step) * step);
}

const configured = ['-c', configurationFile];

/** Runs one of Ceph's tools in the cluster's directory. */
export function runTool({ directory }: Cluster, program: string, args: readonly string[]): Promise<RunResult> {
  return run(program, args, { cwd: directory, env: cephEnvironment() });
}

async function must(cluster: Cluster, program: string, args: readonly string[]): Promise<void> {
  const { code, output } = await runTool(cluster, program, args);
  if (code === 0) return;
  if (/no space left on device|disk quota exceeded/i.test(output)) throw diskFull(cluster.directory);
  throw new LocalError(
    'start_failed',
    `${program} could not prepare ${cluster.directory}: ${output.split('\n').slice(-6).join(' ')}`,
  );
}

async function fresh(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
  await mkdir(path, { mode: 0o700 });
}

async function settle(directory: string, name: string): Promise<void> {
  await rename(join(directory, `${name}.partial`), join(directory, name));
  await syncDirectory(directory);
}

export async function writeConfiguration({ directory }: Cluster, text: string): Promise<void> {
  for (const name of ['run', 'crash']) await mkdir(join(directory, name), { recursive: true, mode: 0o700 });
  await writeFile(join(directory, configurationFile), text, { mode: 0o600 });
}

/** Whom the HTTPS side of S3 is: PEM texts. */
export interface TlsIdentity {
  /** certificate, followed by those between it and the authority */
  readonly certificate: string;
  readonly key: string;
}

/** where the gateway finds its identity, in the cluster's directory */
export const tlsFiles = { certificateFile: 'tls-certificate.pem', keyFile: 'tls-key.pem' } as const;

export async function writeTlsIdentity({ directory }: Cluster, { certificate, key }: TlsIdentity): Promise<void> {
  await writeFileDurably(join(directory, tlsFiles.certificateFile), certificate);
  await writeFileDurably(join(directory, tlsFiles.keyFile), key);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
