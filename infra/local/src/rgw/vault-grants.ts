import { PutBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import { LocalError } from '../errors.ts';
import type { RgwServer } from './server.ts';
import { firstUser, type S3Login } from './users.ts';

/** The two buckets of a vault, made before by who owns the server's first login. */
export interface VaultBuckets {
  /** versioned and locking */
  readonly bucket: string;
  /** neither: what has to be removable */
  readonly stagingBucket: string;
}

/** Who opens a vault's buckets how, beside their owner, who is only for making, checking and repairing them. */
export interface VaultLogins {
  /** Takes uploads in and reads; removes nothing and locks nothing in `bucket`. */
  readonly receiving: S3Login;
  /** Seals: retains, holds, and removes versions that nothing protects. It cannot hide an object behind a delete marker. */
  readonly sealing: S3Login;
}

const reading = [
  's3:GetObject',
  's3:GetObjectVersion',
  's3:GetObjectRetention',
  's3:GetObjectLegalHold',
  's3:ListBucket',
  's3:ListBucketVersions',
  's3:ListBucketMultipartUploads',
  's3:ListMultipartUploadParts',
  's3:GetBucketLocation',
  's3:GetBucketVersioning',
  's3:GetBucketObjectLockConfiguration',
];
const writing = [...reading, 's3:PutObject', 's3:AbortMultipartUpload'];
const sealing = [...writing, 's3:PutObjectRetention', 's3:PutObjectLegalHold', 's3:DeleteObjectVersion'];
const staging = [...writing, 's3:DeleteObject', 's3:DeleteObjectVersion'];

/**
 * Denied on top of not being allowed: whoever uploads an object owns it, and RGW 16 lets owners set its retention without being allowed to
 * by any policy.
 */
const neverReceiving = [
  's3:PutObjectRetention',
  's3:PutObjectLegalHold',
  's3:DeleteObject',
  's3:DeleteObjectVersion',
  's3:PutObjectAcl',
  's3:PutObjectVersionAcl',
];
const neverSealing = ['s3:DeleteObject', 's3:PutObjectAcl', 's3:PutObjectVersionAcl'];

/**
 * Gives the two kinds of programs that use a vault no more rights than their work takes, on an RGW that we run. Can be repeated. What RGW
 * cannot do: keep the owner of a bucket from changing its policy, or `radosgw-admin` from anything at all.
 *
 * @throws LocalError `start_failed`
 */
export async function grantVaultAccess(
  server: RgwServer,
  { bucket, stagingBucket }: VaultBuckets,
): Promise<VaultLogins> {
  // The users first: a policy that names nobody is refused. One after the other: one tool makes them.
  const receivingLogin = await server.user('receiving');
  const sealingLogin = await server.user('sealing');
  const { endpoint, accessKeyId, secretAccessKey } = server;
  const client = new S3Client({
    endpoint,
    region: 'default',
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  try {
    await setPolicy(client, bucket, [
      // What somebody else uploaded belongs to them: without this the owner of the bucket could not even read it.
      { user: firstUser, allowed: ['s3:*'], denied: [] },
      { user: 'receiving', allowed: writing, denied: neverReceiving },
      { user: 'sealing', allowed: sealing, denied: neverSealing },
    ]);
    await setPolicy(client, stagingBucket, [
      { user: firstUser, allowed: ['s3:*'], denied: [] },
      { user: 'receiving', allowed: staging, denied: [] },
      { user: 'sealing', allowed: staging, denied: [] },
    ]);
  } catch (cause) {
    const why = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    throw new LocalError('start_failed', `Access to the bucket ${bucket} could not be granted. ${why}`, { cause });
  } finally {
    client.destroy();
  }
  return { receiving: receivingLogin, sealing: sealingLogin };
}

interface Grant {
  readonly user: string;
  readonly allowed: readonly string[];
  readonly denied: readonly string[];
}

async function setPolicy(client: S3Client, bucket: string, grants: readonly Grant[]): Promise<void> {
  const Resource = [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`];
  const statement = (Effect: 'Allow' | 'Deny', user: string, Action: readonly string[]) =>
    Action.length === 0 ? [] : [{ Effect, Principal: { AWS: [`arn:aws:iam:::user/${user}`] }, Action, Resource }];
  const Statement = grants.flatMap(({ user, allowed, denied }) => [
    ...statement('Allow', user, allowed),
    ...statement('Deny', user, denied),
  ]);
  await client.send(
    new PutBucketPolicyCommand({ Bucket: bucket, Policy: JSON.stringify({ Version: '2012-10-17', Statement }) }),
  );
}
