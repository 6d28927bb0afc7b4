import {
  type BucketLocationConstraint,
  CreateBucketCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
  HeadBucketCommand,
  PutObjectLockConfigurationCommand,
} from '@aws-sdk/client-s3';
import { VaultError } from '../errors.ts';
import { Engine } from './engine.ts';
import { failureOf } from './failures.ts';
import { type S3VaultOptions, withDefaults } from './options.ts';

/** How a bucket is set up, as the engine says it. */
export interface BucketState {
  readonly versioned: boolean;
  readonly locking: boolean;
  /** what every new object is locked with, or null */
  readonly defaultRetention: { readonly mode: string; readonly days: number } | null;
}

/** The default retention of a bucket that is made here: it covers the time between an object's birth and its seal, which takes minutes. */
const GAP_DAYS = 1;

/**
 * Makes what is missing of the vault's buckets: the locked one with Object Lock and a default retention of one day in COMPLIANCE mode, the
 * staging one with neither. What exists is left as it is - whether it is fit is for the probe to say - except that a locked bucket without a
 * default retention gets one. Answers what it did, in words. Rejects `VaultError`.
 */
export async function prepareS3Buckets(options: S3VaultOptions): Promise<readonly string[]> {
  const complete = withDefaults(options);
  const engine = await Engine.open(complete);
  const { bucket, stagingBucket, region } = complete;
  try {
    const done: string[] = [];
    if (await make(engine, bucket, region, true)) done.push(`made the bucket ${bucket} with Object Lock`);
    if (await make(engine, stagingBucket, region, false)) done.push(`made the bucket ${stagingBucket}`);
    const state = await bucketState(engine, bucket);
    if (state.locking && state.defaultRetention === null) {
      const DefaultRetention = { Mode: 'COMPLIANCE', Days: GAP_DAYS } as const;
      await engine.call('Setting the default retention', 'repeatable', (client, abort) =>
        client.send(
          new PutObjectLockConfigurationCommand({
            Bucket: bucket,
            ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention } },
          }),
          abort,
        ),
      );
      done.push(`set the default retention of ${bucket} to COMPLIANCE, ${GAP_DAYS} day`);
    }
    return done;
  } finally {
    engine.close();
  }
}

async function make(engine: Engine, bucket: string, region: string, locked: boolean): Promise<boolean> {
  if (await exists(engine, bucket)) return false;
  // AWS wants every region named but this one; other engines do not care.
  const place =
    region === 'us-east-1'
      ? {}
      : { CreateBucketConfiguration: { LocationConstraint: region as BucketLocationConstraint } };
  try {
    await engine.call(`Making the bucket ${bucket}`, 'repeatable', (client, abort) =>
      client.send(
        new CreateBucketCommand({ Bucket: bucket, ...(locked ? { ObjectLockEnabledForBucket: true } : {}), ...place }),
        abort,
      ),
    );
  } catch (error) {
    if (!(error instanceof VaultError && failureOf(error.cause).code === 'BucketAlreadyOwnedByYou')) throw error;
  }
  return true;
}

async function exists(engine: Engine, bucket: string): Promise<boolean> {
  try {
    await engine.call(`Looking for the bucket ${bucket}`, 'repeatable', (client, abort) =>
      client.send(new HeadBucketCommand({ Bucket: bucket }), abort),
    );
    return true;
  } catch (error) {
    if (error instanceof VaultError && failureOf(error.cause).status === 404) return false;
    throw error;
  }
}

export async function bucketState(engine: Engine, bucket: string): Promise<BucketState> {
  const [versioning, lock] = await Promise.all([
    engine.call(`Asking whether ${bucket} keeps versions`, 'repeatable', (client, abort) =>
      client.send(new GetBucketVersioningCommand({ Bucket: bucket }), abort),
    ),
    lockOf(engine, bucket),
  ]);
  const { Mode, Days, Years } = lock?.Rule?.DefaultRetention ?? {};
  return {
    versioned: versioning.Status === 'Enabled',
    locking: lock?.ObjectLockEnabled === 'Enabled',
    defaultRetention: Mode === undefined ? null : { mode: Mode, days: Days ?? (Years ?? 0) * 365 },
  };
}

async function lockOf(engine: Engine, bucket: string) {
  try {
    const { ObjectLockConfiguration } = await engine.call(
      `Asking for the default retention of ${bucket}`,
      'repeatable',
      (client, abort) => client.send(new GetObjectLockConfigurationCommand({ Bucket: bucket }), abort),
    );
    return ObjectLockConfiguration;
  } catch (error) {
    // A bucket made without locking answers 404; an engine that does not know the call, 501 or 405.
    const { code, status } = error instanceof VaultError ? failureOf(error.cause) : { code: '', status: null };
    if (code !== 'NoSuchBucket' && (status === 404 || status === 501 || status === 405)) return undefined;
    throw error;
  }
}
