import { randomBytes, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LocalError, systemErrorCode } from '../errors.ts';
import { writeFileDurably } from '../process/secret-file.ts';

/** What a cluster is known by from before its first start, so that a start that died half-way goes on as the same one. */
export interface ClusterIdentity {
  readonly fsid: string;
  readonly osdUuid: string;
}

const file = 'identity.json';

/** Name of the file with the keys of all daemons, in the cluster's directory. */
export const keyringFile = 'keyring';

/** Reads the identity and makes sure of the keys, or makes both. */
export async function openIdentity(directory: string): Promise<ClusterIdentity> {
  const kept = await readIdentity(directory);
  if (kept !== undefined) return kept;
  const made: ClusterIdentity = { fsid: randomUUID(), osdUuid: randomUUID() };
  // The keys first: an identity promises that they are there.
  await writeFileDurably(join(directory, keyringFile), keyring());
  await writeFileDurably(join(directory, file), `${JSON.stringify(made, null, 2)}\n`);
  return made;
}

async function readIdentity(directory: string): Promise<ClusterIdentity | undefined> {
  const path = join(directory, file);
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (typeof value === 'object' && value !== null && 'fsid' in value && 'osdUuid' in value) {
      const { fsid, osdUuid } = value;
      if (typeof fsid === 'string' && typeof osdUuid === 'string') return { fsid, osdUuid };
    }
  } catch (cause) {
    if (systemErrorCode(cause) === 'ENOENT') return undefined;
    if (!(cause instanceof SyntaxError)) throw cause;
  }
  throw new LocalError(
    'data_unreadable',
    `${path} is damaged. Restore it from a backup; the objects cannot be opened without it.`,
  );
}

/**
 * Keys for everybody in the cluster, in one file that only our user can read: any program on this machine can connect to the loopback, and
 * without keys it could delete locked objects below the S3 interface.
 */
function keyring(): string {
  const entities: readonly (readonly [string, readonly string[]])[] = [
    ['mon.', ['mon = "allow *"']],
    ['client.admin', ['mon = "allow *"', 'osd = "allow *"', 'mgr = "allow *"']],
    ['osd.0', ['mon = "allow profile osd"', 'osd = "allow *"']],
    ['client.rgw.a', ['mon = "allow rw"', 'osd = "allow rwx"']],
  ];
  return entities
    .map(([name, caps]) => [`[${name}]`, `\tkey = ${newKey()}`, ...caps.map((cap) => `\tcaps ${cap}`), ''].join('\n'))
    .join('');
}

/** CryptoKey as Ceph encodes it (src/auth/Crypto.cc): type AES, time of creation, length, 16 random bytes. */
function newKey(): string {
  const header = Buffer.alloc(12);
  header.writeUInt16LE(1, 0);
  header.writeUInt32LE(Math.floor(Date.now() / 1000), 2);
  header.writeUInt16LE(16, 10);
  return Buffer.concat([header, randomBytes(16)]).toString('base64');
}
