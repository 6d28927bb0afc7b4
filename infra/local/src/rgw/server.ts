import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LocalError } from '../errors.ts';
import { prepareDirectory } from '../process/data-directory.ts';
import { lockDirectory } from '../process/directory-lock.ts';
import type { ManagedChild, ServerExit } from '../process/managed-child.ts';
import { freePort, requireFreePort } from '../process/port.ts';
import {
  type Cluster,
  capacityFor,
  prepareMonitor,
  prepareOsd,
  type TlsIdentity,
  tlsFiles,
  writeConfiguration,
  writeTlsIdentity,
} from './cluster.ts';
import {
  type DaemonName,
  endOrphanDaemons,
  gatewayAnswers,
  monitorLeads,
  osdIsActive,
  shutdown,
  shutdownOrder,
  spawnDaemon,
  waitReady,
} from './daemons.ts';
import { type ClusterIdentity, openIdentity } from './identity.ts';
import { findCeph } from './programs.ts';
import { cephSettings, type GatewaySettings } from './settings.ts';
import { firstUser, openUser, type S3Login } from './users.ts';

export interface RgwOptions {
  /** Everything of this cluster is in here: objects, keys, configuration, lock. Made if it does not exist. */
  readonly directory: string;
  /** TCP port of the S3 interface on 127.0.0.1; without it any free one. */
  readonly port?: number;
  /** Where S3 is to be reached from other machines (or containers); without it, from this one only. */
  readonly outside?: {
    /** address to listen on, `0.0.0.0` for all */
    readonly listen: string;
    /** host name that clients use: RGW takes any other name for that of a bucket */
    readonly name: string;
  };
  /** Answer HTTPS too, on a free port of its own, as who this certificate names; without it plain HTTP only. */
  readonly tls?: TlsIdentity;
  /** Settings of the gateway beside ours, or instead of them. */
  readonly gateway?: GatewaySettings;
  /** Directory for the daemons' logs. Default: `directory`. */
  readonly logDirectory?: string;
  /** Size of a new store, in bytes; its file is sparse. Default: nine tenths of what is free. An existing store keeps its size. */
  readonly capacityBytes?: number;
  /** Refuse to start with less room on the disk. Default 1 GiB. */
  readonly minFreeBytes?: number;
  /** How long a start may take. Default 5 minutes: after a crash the store replays its journal. */
  readonly startTimeoutMs?: number;
}

export interface RgwServer extends S3Login {
  /** pid of the gateway; the monitor and the store have others */
  readonly pid: number;
  readonly port: number;
  /** `http://127.0.0.1:PORT`. Path-style addressing; `http://BUCKET.localhost:PORT` where that name resolves. */
  readonly endpoint: string;
  /** `https://localhost:PORT`; null without `tls` */
  readonly tlsEndpoint: string | null;
  /** Resolves when one of the three daemons has ended and the others were ended too. */
  readonly exited: Promise<ServerExit>;
  /** Another S3 user, made on first use: it may do what bucket policies allow it and own buckets of its own. */
  user(uid: string): Promise<S3Login>;
  /** SIGKILL to all daemons at once, as a crash of the machine would. */
  kill(): Promise<void>;
  /** Starts it again on the same endpoint with the same keys, after `kill` or `stop`; a running one is stopped first. */
  restart(): Promise<void>;
  /** Ends gateway, store and monitor in this order; also gives the directory back. */
  stop(): Promise<void>;
}

/**
 * Starts a Ceph of one machine (monitor, OSD, S3 gateway) on a directory and returns when S3 answers. 127.0.0.1 only, unless S3 itself is
 * asked to be reached from outside; the daemons know each
 * other by keys in the directory. Ceph runs as whoever we are, root included. What an owner that was killed left running is ended first.
 *
 * The lock of objects binds whoever comes through S3. Whoever can read `directory` can read its keys and remove anything below.
 *
 * @throws LocalError
 */
export async function startRgw(options: RgwOptions): Promise<RgwServer> {
  let running = await startOnce(options, { port: options.port ?? 0, tlsPort: 0 });
  const { ports, login } = running;
  const { port, tlsPort } = ports;
  return {
    ...login,
    port,
    endpoint: `http://127.0.0.1:${port}`,
    tlsEndpoint: options.tls === undefined ? null : `https://localhost:${tlsPort}`,
    get pid() {
      return running.pid;
    },
    get exited() {
      return running.exited;
    },
    user: (uid) => openUser(running.cluster, uid),
    kill: () => running.end('at once'),
    stop: () => running.end('in order'),
    async restart() {
      await running.end('in order');
      running = await startOnce(options, ports);
    },
  };
}

/** TCP ports of the S3 interface, 0: any free one. */
interface Ports {
  readonly port: number;
  readonly tlsPort: number;
}

interface RunningCluster {
  readonly cluster: Cluster;
  readonly login: S3Login;
  readonly ports: Ports;
  readonly pid: number;
  readonly exited: Promise<ServerExit>;
  end(how: 'at once' | 'in order'): Promise<void>;
}

async function startOnce(options: RgwOptions, wanted: Ports): Promise<RunningCluster> {
  const { directory } = options;
  await prepareDirectory(directory, options.minFreeBytes ?? 1024 ** 3);
  if (options.logDirectory !== undefined) await mkdir(options.logDirectory, { recursive: true, mode: 0o700 });
  const lock = await lockDirectory(directory);
  try {
    const cluster: Cluster = { directory, programs: await findCeph() };
    await endOrphanDaemons(directory);
    if (wanted.port !== 0) await requireFreePort(wanted.port, 'S3');
    if (options.tls !== undefined) await writeTlsIdentity(cluster, options.tls);
    const identity = await openIdentity(directory);
    const { daemons, ports } = await launch(cluster, identity, options, wanted);
    const endInOrder = () => end(daemons, 'in order');
    // Each needs the others. Ended by themselves one after the other, they would take minutes to notice.
    const first = Promise.race([...daemons.values()].map(({ exited }) => exited));
    const exited = first.then(async (exit) => {
      await endInOrder().catch(() => undefined);
      await lock.release();
      return exit;
    });
    try {
      const login = await openUser(cluster, firstUser);
      const pid = daemons.get('radosgw')?.pid ?? 0;
      return {
        cluster,
        login,
        ports,
        pid,
        exited,
        async end(how) {
          await end(daemons, how);
          await exited;
        },
      };
    } catch (error) {
      await endInOrder();
      throw error;
    }
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function launch(
  cluster: Cluster,
  identity: ClusterIdentity,
  options: RgwOptions,
  wanted: Ports,
): Promise<{ daemons: Daemons; ports: Ports }> {
  // A free port can be taken by someone else between the look and the use: there are several of them.
  for (let attempt = 1; ; attempt += 1) {
    const ports = { port: wanted.port || (await freePort()), tlsPort: wanted.tlsPort || (await freePort()) };
    try {
      return { daemons: await launchOn(ports, cluster, identity, options), ports };
    } catch (error) {
      if (attempt === 5 || !(error instanceof LocalError) || error.code !== 'port_taken') throw error;
      if (wanted.port !== 0) await requireFreePort(wanted.port, 'S3');
    }
  }
}

type Daemons = ReadonlyMap<DaemonName, ManagedChild>;

async function launchOn(
  { port, tlsPort }: Ports,
  cluster: Cluster,
  { fsid, osdUuid }: ClusterIdentity,
  options: RgwOptions,
): Promise<Daemons> {
  const { directory } = cluster;
  const monPort = await freePort();
  const capacityBytes = options.capacityBytes ?? (await capacityFor(directory));
  const deadline = performance.now() + (options.startTimeoutMs ?? 300_000);
  const daemons = new Map<DaemonName, ManagedChild>();
  const begin = async (
    name: DaemonName,
    what: string,
    ownPort: number,
    answers: (child: ManagedChild) => Promise<boolean>,
  ) => {
    const logFile = join(options.logDirectory ?? directory, `ceph-${name}.log`);
    const child = await spawnDaemon(cluster, name, logFile);
    daemons.set(name, child);
    await waitReady({ child, what, port: ownPort, directory, logFile, deadline, answers: () => answers(child) });
  };
  try {
    await writeConfiguration(
      cluster,
      cephSettings({
        ...{ fsid, monPort, s3Port: port, capacityBytes, outside: options.outside },
        tls: options.tls === undefined ? undefined : { port: tlsPort, ...tlsFiles },
        gateway: options.gateway ?? {},
      }),
    );
    await prepareMonitor(cluster, fsid, monPort);
    await begin('mon', 'the Ceph monitor', monPort, ({ pid }) => monitorLeads(pid));
    await prepareOsd(cluster, osdUuid);
    await begin('osd', 'the Ceph store (OSD)', 0, ({ pid }) => osdIsActive(pid));
    await begin('radosgw', 'the S3 gateway (radosgw)', port, () => gatewayAnswers(port));
    return daemons;
  } catch (error) {
    await end(daemons, 'in order');
    throw error;
  }
}

async function end(daemons: Daemons, how: 'at once' | 'in order'): Promise<void> {
  if (how === 'at once') {
    await Promise.all([...daemons.values()].map((child) => child.stop([{ signal: 'SIGKILL', waitMs: 10_000 }])));
    return;
  }
  for (const name of shutdownOrder) await daemons.get(name)?.stop(shutdown[name]);
}
