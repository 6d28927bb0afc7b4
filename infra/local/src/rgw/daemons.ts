import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LocalError } from '../errors.ts';
import { diskFull } from '../process/data-directory.ts';
import { type ManagedChild, type StopStep, spawnManaged } from '../process/managed-child.ts';
import { endOrphans } from '../process/orphans.ts';
import { portTaken } from '../process/port.ts';
import { askDaemon } from './admin-socket.ts';
import { type Cluster, cephEnvironment, configurationFile } from './cluster.ts';

export type DaemonName = 'mon' | 'osd' | 'radosgw';

/** How each daemon is ended; in this order, who depends before who is depended on. */
export const shutdown: Readonly<Record<DaemonName, readonly StopStep[]>> = {
  // It has nothing of its own to lose, and would wait for a store that is gone.
  radosgw: [
    { signal: 'SIGTERM', waitMs: 10_000 },
    { signal: 'SIGKILL', waitMs: 5_000 },
  ],
  osd: [
    { signal: 'SIGTERM', waitMs: 20_000 },
    { signal: 'SIGKILL', waitMs: 5_000 },
  ],
  mon: [
    { signal: 'SIGTERM', waitMs: 15_000 },
    { signal: 'SIGKILL', waitMs: 5_000 },
  ],
};

export const shutdownOrder: readonly DaemonName[] = ['radosgw', 'osd', 'mon'];

const executables: Readonly<Record<DaemonName, string>> = { mon: 'ceph-mon', osd: 'ceph-osd', radosgw: 'radosgw' };

/** Ends what a killed owner left running in the cluster's directory, whose lock the caller holds. */
export async function endOrphanDaemons(directory: string): Promise<void> {
  for (const name of shutdownOrder) await endOrphans(executables[name], directory, shutdown[name]);
}

export function spawnDaemon(cluster: Cluster, name: DaemonName, logFile: string): Promise<ManagedChild> {
  const { programs } = cluster;
  const commands: Readonly<Record<DaemonName, readonly [string, readonly string[]]>> = {
    mon: [programs.mon, ['-i', 'a']],
    osd: [programs.osd, ['-i', '0']],
    radosgw: [programs.radosgw, ['-n', 'client.rgw.a']],
  };
  const [command, args] = commands[name];
  return spawnManaged({
    command,
    args: ['-c', configurationFile, '-f', ...args],
    cwd: cluster.directory,
    env: cephEnvironment(),
    logFile,
    orphanSignal: name === 'radosgw' ? 'SIGKILL' : 'SIGTERM',
  });
}

export interface Waiting {
  readonly child: ManagedChild;
  readonly what: string;
  readonly port: number;
  readonly directory: string;
  readonly logFile: string;
  /** `performance.now()` at which patience ends */
  readonly deadline: number;
  readonly answers: () => Promise<boolean>;
}

/** Waits until a daemon says that it works. */
export async function waitReady(waiting: Waiting): Promise<void> {
  const { child, what, logFile } = waiting;
  while (!(await waiting.answers())) {
    if (child.exit() !== undefined) throw await startFailure(waiting);
    if (performance.now() > waiting.deadline) {
      throw new LocalError('start_timeout', `${what} was not ready in time; ${logFile} tells what it is doing.`);
    }
    await delay(30);
  }
}

export async function monitorLeads(pid: number): Promise<boolean> {
  return stateOf(await askDaemon(pid, 'run/mon.asok', 'mon_status')) === 'leader';
}

export async function osdIsActive(pid: number): Promise<boolean> {
  return stateOf(await askDaemon(pid, 'run/osd.asok', 'status')) === 'active';
}

/** An anonymous caller owns no bucket, and is told so: with 200. */
export async function gatewayAnswers(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(5_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

function stateOf(reply: unknown): unknown {
  return typeof reply === 'object' && reply !== null && 'state' in reply ? reply.state : undefined;
}

async function startFailure({ child, what, port, directory, logFile }: Waiting): Promise<LocalError> {
  const log = await child.logTail();
  if (/address already in use|unable to bind monitor/i.test(log)) return portTaken(port, what);
  if (/no space left on device|disk quota exceeded/i.test(log)) return diskFull(directory);
  if (/unable to mount object store|bdev.*(bad crc|invalid argument)|corruption|error opening mon data/i.test(log)) {
    return new LocalError(
      'data_unreadable',
      `${what} cannot open its store in ${join(directory, what === 'the Ceph monitor' ? 'mon' : 'osd')}; ${logFile} says why. Keep the directory as it is, and restore from a backup or from the vault's second copy.`,
    );
  }
  return new LocalError(
    'start_failed',
    `${what} ended while starting: ${log.trim().split('\n').at(-1) ?? 'no reason given'}. ${logFile} has the whole story.`,
  );
}
