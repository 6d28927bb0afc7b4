import { keyringFile } from './identity.ts';

export interface CephSettings {
  readonly fsid: string;
  readonly monPort: number;
  readonly s3Port: number;
  /** Size of the store's file, which is sparse; counts only when the store is made. */
  readonly capacityBytes: number;
  readonly outside: { readonly listen: string; readonly name: string } | undefined;
  readonly tls: { readonly port: number; readonly certificateFile: string; readonly keyFile: string } | undefined;
  readonly gateway: GatewaySettings;
}

/** Settings of the gateway by their names in Ceph's documentation (`rgw crypt require ssl`). A value stands on one line. */
export type GatewaySettings = Readonly<Record<string, string | number | boolean>>;

const mebibyte = 1024 * 1024;

/** Object stripes: large enough to keep the count of small objects down, small enough to start answering early. */
const stripeBytes = 4 * mebibyte;

/**
 * The configuration of all daemons. Every path in it is relative to the cluster's directory, where they all run: names of people's
 * directories contain what this format gives a meaning (`$`, `#`, `;`), and the path of a Unix socket may have 107 bytes only.
 */
export function cephSettings(settings: CephSettings): string {
  const { fsid, monPort, s3Port, capacityBytes, outside, tls, gateway } = settings;
  const listen = outside?.listen ?? '127.0.0.1';
  const secure =
    tls === undefined
      ? ''
      : `ssl_endpoint=${listen}:${tls.port} ssl_certificate=${tls.certificateFile} ssl_private_key=${tls.keyFile} `;
  const sections: Readonly<Record<string, Readonly<Record<string, string | number | boolean>>>> = {
    global: {
      fsid,
      keyring: keyringFile,
      'auth cluster required': 'cephx',
      'auth service required': 'cephx',
      'auth client required': 'cephx',
      'auth allow insecure global id reclaim': false,
      'mon host': `[v2:127.0.0.1:${monPort}]`,
      'public addr': '127.0.0.1',
      'cluster addr': '127.0.0.1',
      'ms bind ipv6': false,
      // Nothing leaves the machine: checksums do, encryption of messages would only cost.
      'ms mon client mode': 'crc',
      'ms mon service mode': 'crc',
      'ms mon cluster mode': 'crc',
      'run dir': 'run',
      'crash dir': 'crash',
      'log to stderr': true,
      'err to stderr': true,
      'log file': '',
      'log max recent': 500,
      // One copy on one store: it is the vault's second copy, elsewhere, that guards against the loss of this disk.
      'osd pool default size': 1,
      'osd pool default min size': 1,
      'mon allow pool size one': true,
      'mon warn on pool no redundancy': false,
      'osd crush chooseleaf type': 0,
      'osd pool default pg num': 8,
      'osd pool default pgp num': 8,
      'osd pool default pg autoscale mode': 'off',
      'rgw rados pool pg num min': 8,
      'mon pg warn min per osd': 0,
    },
    mon: {
      'mon data': 'mon',
      'admin socket': 'run/mon.asok',
      'mon cluster log to file': false,
      'mon cluster log to stderr': false,
      'mon data avail warn': 1,
      'mon data avail crit': 1,
      'debug rocksdb': '1/5',
      // A monitor with one member need not wait for others.
      'paxos propose interval': 0.05,
      'paxos min wait': 0.02,
    },
    osd: {
      'osd data': 'osd',
      'admin socket': 'run/osd.asok',
      'osd objectstore': 'bluestore',
      'bluestore block create': true,
      'bluestore block size': capacityBytes,
      'bluestore fsck on mount': false,
      'osd memory target': 1024 * mebibyte,
      'osd op num shards': 2,
      // A gateway that was killed is still asked whenever users or buckets change, and everybody waits for its answer. It is on this machine:
      // one that has been silent this long (seconds) is dead.
      'osd client watch timeout': 8,
      'osd default notify timeout': 5,
      'debug rocksdb': '1/5',
    },
    client: {
      // Without tcp_nodelay small replies wait 40 ms for an acknowledgement.
      'rgw frontends': `beast endpoint=${listen}:${s3Port} ${secure}tcp_nodelay=1`,
      'rgw dns name': outside?.name ?? 'localhost',
      'rgw thread pool size': 64,
      'rgw max chunk size': stripeBytes,
      'rgw obj stripe size': stripeBytes,
      'rgw put obj min window size': 4 * stripeBytes,
      'rgw get obj window size': 4 * stripeBytes,
      // Seconds for which a completion keeps others from its upload. A gateway that is killed meanwhile leaves that lock behind, and with ten
      // minutes, Ceph's own choice, a recording would stay unsealed for as long. Completing takes one or two, also with 10,000 parts.
      'rgw mp lock max time': 30,
      'rgw enable usage log': false,
      'rgw override bucket index max shards': 1,
      'rgw dynamic resharding': false,
      // Encryption by the engine with the client's keys needs TLS otherwise; this endpoint is reached over the loopback only.
      'rgw crypt require ssl': false,
      // One line a request, which the services' own logs have already.
      'debug rgw': '0/1',
      ...gateway,
    },
  };
  return [
    '# Written at every start; changes made here are lost.',
    ...Object.entries(sections).map(([name, entries]) =>
      [`[${name}]`, ...Object.entries(entries).map(([key, value]) => `${key} = ${value}`), ''].join('\n'),
    ),
  ].join('\n');
}
