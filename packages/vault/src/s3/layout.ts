import { hash, randomUUID } from 'node:crypto';
import { VaultError } from '../errors.ts';
import { isObjectKey, parseObjectKey } from '../keys.ts';
import type { ObjectKey, ObjectVersion } from '../port.ts';
import type { CompleteOptions } from './options.ts';

/**
 * Where things are. A person with nothing but an S3 client must be able to find a recording by its key:
 *
 *     BUCKET/KEY                                        originals and records; the version id is the engine's
 *     BUCKET/probe/...                                  dummies of the probe, removed by a later one when their lock has run out
 *     STAGING/derivatives/KEY/ID                        what can be made again; each under a name of its own, version id `derivative.ID`
 *     STAGING/tails/TRANSFER/PART/GENERATION-START-END  bytes of a part that is not full yet, see `tails.ts`
 *     STAGING/probe/...
 *
 * all under the vault's prefix. Every key and id is checked before it becomes part of a name.
 */
export class Layout {
  readonly bucket: string;
  readonly staging: string;
  readonly prefix: string;

  constructor({ bucket, stagingBucket, prefix }: Pick<CompleteOptions, 'bucket' | 'stagingBucket' | 'prefix'>) {
    if (prefix !== '' && !(prefix.endsWith('/') && isObjectKey(prefix.slice(0, -1)))) {
      throw new VaultError('invalid', `The prefix ${JSON.stringify(prefix)} is no object key followed by "/".`);
    }
    if (bucket === stagingBucket) {
      throw new VaultError(
        'invalid',
        'The staging bucket is the locked one: tails and derivatives would be locked like originals; name another bucket.',
      );
    }
    this.bucket = bucket;
    this.staging = stagingBucket;
    this.prefix = prefix;
  }

  /** A key in the locked bucket. Throws `invalid`. */
  object(key: ObjectKey): { readonly Bucket: string; readonly Key: string } {
    return { Bucket: this.bucket, Key: this.prefix + parseObjectKey(key) };
  }

  /** The key of a name in the locked bucket, or null when the name is not of this vault or is the probe's. */
  keyOf(name: string | undefined): ObjectKey | null {
    if (name === undefined || !name.startsWith(this.prefix)) return null;
    const key = name.slice(this.prefix.length);
    return isObjectKey(key) && !key.startsWith(PROBE) ? key : null;
  }

  newDerivative(key: ObjectKey): { readonly versionId: string; readonly Bucket: string; readonly Key: string } {
    const versionId = DERIVATIVE + randomUUID();
    return { versionId, ...this.#derivative(key, versionId) };
  }

  /** Where a version is. `VersionId` is absent for what has a name of its own. Throws `invalid`. */
  placeOf({ key, versionId }: Pick<ObjectVersion, 'key' | 'versionId'>): Place {
    if (versionId.startsWith(DERIVATIVE)) return { kind: 'derivative', ...this.#derivative(key, versionId) };
    // The engine's own spelling, which is never put into a path; `null` is a version of an unversioned time and could be overwritten.
    if (!/^[\x21-\x7e]{1,1024}$/.test(versionId) || versionId === 'null') {
      throw new VaultError('invalid', `${JSON.stringify(versionId.slice(0, 80))} is no version id of this vault.`);
    }
    return { kind: 'locked', ...this.object(key), VersionId: versionId };
  }

  /** Prefix of a transfer's tails. A transfer's id is the engine's and may hold anything, so its digest stands for it. */
  tailsOf(transferId: string): string {
    return `${this.prefix}${TAILS}${tailsName(transferId)}/`;
  }

  get allTails(): string {
    return this.prefix + TAILS;
  }

  get probes(): string {
    return this.prefix + PROBE;
  }

  #derivative(key: ObjectKey, versionId: string) {
    if (!DERIVATIVE_ID.test(versionId)) {
      throw new VaultError('invalid', `${JSON.stringify(versionId.slice(0, 80))} is no version id of this vault.`);
    }
    const name = `${parseObjectKey(key)}/${versionId.slice(DERIVATIVE.length)}`;
    return { Bucket: this.staging, Key: `${this.prefix}derivatives/${name}` };
  }
}

export type Place =
  | { readonly kind: 'locked'; readonly Bucket: string; readonly Key: string; readonly VersionId: string }
  | { readonly kind: 'derivative'; readonly Bucket: string; readonly Key: string };

const DERIVATIVE = 'derivative.';
const DERIVATIVE_ID = /^derivative\.[0-9a-f-]{36}$/;
const TAILS = 'tails/';
const PROBE = 'probe/';

/** What stands for a transfer among the tails. */
export function tailsName(transferId: string): string {
  return hash('sha256', transferId, 'hex').slice(0, 32);
}

/** The fields of a place that S3 calls take. */
export function addressOf(place: Place) {
  const { kind: _, ...address } = place;
  return address;
}
