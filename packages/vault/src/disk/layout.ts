import { hash, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { VaultError } from '../errors.ts';
import { isObjectKey, parseObjectKey } from '../keys.ts';
import type { ObjectKey, ObjectVersion, StoredPart, Transfer } from '../port.ts';

/**
 * Where things are. A person with nothing but the disk must be able to find a recording by its key:
 *
 *     vault.json                             what this directory is
 *     staging/KEY@TRANSFER                   bytes of a transfer, each part at its place
 *     staging/KEY@TRANSFER.parts             one record per committed part
 *     staging/KEY@ID.new                     an object being written by `write`
 *     objects/SHARD/KEY@VERSION              a completed object, mode 0440
 *     locks/SHARD/KEY@VERSION/...            its retention and hold, see `locks.ts`
 *
 * KEY has `~` for `/`. SHARD is three hex digits of the key's SHA-256. Every id is checked before it becomes part of a path.
 */
export interface Layout {
  readonly marker: string;
  readonly staging: string;
  readonly objects: string;
  readonly locks: string;
}

export function layoutOf(root: string): Layout {
  return {
    marker: join(root, 'vault.json'),
    staging: join(root, 'staging'),
    objects: join(root, 'objects'),
    locks: join(root, 'locks'),
  };
}

const ID = /^[0-9a-f]{32}$/;
const VERSION_ID = /^[0-9a-f]{32}(?:-[0-9a-f]{16})?$/;
const STAGED = /^(.+)@([0-9a-f]{32})$/;

export function newId(): string {
  return randomUUID().replaceAll('-', '');
}

export interface StagedPaths {
  readonly data: string;
  readonly records: string;
}

/** Rejects `invalid` when key or id were not made by this driver. */
export function stagedPaths(layout: Layout, transfer: Pick<Transfer, 'key' | 'id'>): StagedPaths {
  const data = join(layout.staging, `${flat(transfer.key)}@${checked(ID, transfer.id, 'transfer')}`);
  return { data, records: `${data}.parts` };
}

export function newObjectPath(layout: Layout, key: ObjectKey, id: string): string {
  return join(layout.staging, `${flat(key)}@${checked(ID, id, 'object')}.new`);
}

/** Key and id of a transfer from the name of its staging file, or null for any other file. */
export function parseStagedName(name: string): Pick<Transfer, 'key' | 'id'> | null {
  const [, flatKey, id] = STAGED.exec(name) ?? [];
  const key = flatKey?.replaceAll('~', '/');
  return key !== undefined && id !== undefined && isObjectKey(key) ? { key, id } : null;
}

export interface PlacedVersion {
  /** the directory of `file` */
  readonly shard: string;
  readonly file: string;
  readonly locksShard: string;
  readonly locks: string;
}

export function placeOf(layout: Layout, version: Pick<ObjectVersion, 'key' | 'versionId'>): PlacedVersion {
  const name = `${flat(version.key)}@${checked(VERSION_ID, version.versionId, 'version')}`;
  const digits = hash('sha256', version.key, 'hex').slice(0, 3);
  const shard = join(layout.objects, digits);
  const locksShard = join(layout.locks, digits);
  return { shard, file: join(shard, name), locksShard, locks: join(locksShard, name) };
}

/**
 * The version a transfer becomes when completed from `parts`. It is a function of both, so that a completion whose answer was
 * lost finds its object again by name, and never adopts one made of other parts.
 */
export function versionIdOf(transferId: string, parts: readonly StoredPart[]): string {
  const list = parts.map((part) => `${part.partNumber} ${part.size} ${part.sha256}\n`).join('');
  return `${transferId}-${hash('sha256', list, 'hex').slice(0, 16)}`;
}

/** Whether a file in an object shard is a version made from this transfer, of whatever parts. */
export function isVersionOf(transfer: Pick<Transfer, 'key' | 'id'>, name: string): boolean {
  return name.startsWith(`${flat(transfer.key)}@${transfer.id}-`);
}

function flat(key: ObjectKey): string {
  return parseObjectKey(key).replaceAll('/', '~');
}

function checked(pattern: RegExp, id: string, what: string): string {
  if (pattern.test(id)) return id;
  throw new VaultError('invalid', `${JSON.stringify(id.slice(0, 80))} is no ${what} id of this vault.`);
}
