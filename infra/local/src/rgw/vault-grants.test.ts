import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketPolicyCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectRetentionCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectLegalHoldCommand,
  PutObjectLockConfigurationCommand,
  PutObjectRetentionCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RgwServer, startRgw } from './server.ts';
import type { S3Login } from './users.ts';
import { grantVaultAccess, type VaultLogins } from './vault-grants.ts';

const Bucket = 'evidence';
const stagingBucket = 'evidence-staging';

let directory: string;
let server: RgwServer;
let logins: VaultLogins;
let [receiving, sealing, owner]: S3Client[] = [];
const clients: S3Client[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fengcun-buckets-'));
  server = await startRgw({ directory, capacityBytes: 8 * 1024 ** 3 });
  owner = clientOf(server);
  await owner.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true }));
  const DefaultRetention = { Mode: 'COMPLIANCE', Days: 1 } as const;
  const ObjectLockConfiguration = { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention } } as const;
  await owner.send(new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration }));
  await owner.send(new CreateBucketCommand({ Bucket: stagingBucket }));
  logins = await grantVaultAccess(server, { bucket: Bucket, stagingBucket });
  [receiving, sealing] = [logins.receiving, logins.sealing].map(clientOf);
}, 240_000);
afterAll(async () => {
  for (const client of clients) client.destroy();
  await server.kill();
  await rm(directory, { recursive: true, force: true });
});

function clientOf(credentials: S3Login): S3Client {
  const client = new S3Client({
    endpoint: server.endpoint,
    region: 'default',
    forcePathStyle: true,
    // The SDK writes into what it is given.
    credentials: { ...credentials },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 1,
  });
  clients.push(client);
  return client;
}

const daysFromNow = (days: number) => new Date(Date.now() + days * 86_400_000);
const denied = { name: 'AccessDenied' };

/** An original as it comes to be: begun and sent by who receives, completed by who seals. */
async function original(Key: string): Promise<string> {
  const { UploadId } = (await receiving?.send(new CreateMultipartUploadCommand({ Bucket, Key }))) ?? {};
  const part = { Bucket, Key, UploadId, PartNumber: 1 };
  const ETag = (await receiving?.send(new UploadPartCommand({ ...part, Body: Buffer.from('footage') })))?.ETag;
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
  await sealing?.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload }));
  const { VersionId = '' } = (await sealing?.send(new HeadObjectCommand({ Bucket, Key }))) ?? {};
  return VersionId;
}

it('lets an original be received, sealed and read, and be born with a lock', async () => {
  const VersionId = await original('a');
  const version = { Bucket, Key: 'a', VersionId };
  const { Retention } = (await sealing?.send(new GetObjectRetentionCommand(version))) ?? {};
  expect(Retention).toMatchObject({ Mode: 'COMPLIANCE' });
  const later = { Mode: 'COMPLIANCE', RetainUntilDate: daysFromNow(30) } as const;
  await sealing?.send(new PutObjectRetentionCommand({ ...version, Retention: later }));
  await sealing?.send(new PutObjectLegalHoldCommand({ ...version, LegalHold: { Status: 'ON' } }));
  for (const client of [receiving, sealing, owner]) {
    const { Body } = (await client?.send(new GetObjectCommand(version))) ?? {};
    expect(await Body?.transformToString()).toBe('footage');
  }
  const begun = await receiving?.send(new CreateMultipartUploadCommand({ Bucket, Key: 'b' }));
  await receiving?.send(new AbortMultipartUploadCommand({ Bucket, Key: 'b', UploadId: begun?.UploadId }));
});

it('lets who receives neither lock, hold, hide nor remove anything', async () => {
  const version = { Bucket, Key: 'c', VersionId: await original('c') };
  const Retention = { Mode: 'COMPLIANCE', RetainUntilDate: daysFromNow(9000) } as const;
  // Also not what it uploaded itself, whole.
  await receiving?.send(new PutObjectCommand({ Bucket, Key: 'own', Body: 'x' }));
  const own = { Bucket, Key: 'own' };
  for (const target of [version, own]) {
    await expect(receiving?.send(new PutObjectRetentionCommand({ ...target, Retention }))).rejects.toMatchObject(
      denied,
    );
    await expect(
      receiving?.send(new PutObjectLegalHoldCommand({ ...target, LegalHold: { Status: 'ON' } })),
    ).rejects.toMatchObject(denied);
    await expect(receiving?.send(new DeleteObjectCommand(target))).rejects.toMatchObject(denied);
  }
  await expect(receiving?.send(new DeleteObjectCommand({ Bucket, Key: 'c' }))).rejects.toMatchObject(denied);
});

it('lets who seals remove what nothing protects any more, and hide nothing', async () => {
  const ends = new Date(Date.now() + 3_000);
  const lock = { ObjectLockMode: 'COMPLIANCE', ObjectLockRetainUntilDate: ends } as const;
  const put = await sealing?.send(new PutObjectCommand({ Bucket, Key: 'short', Body: 'x', ...lock }));
  const version = { Bucket, Key: 'short', VersionId: put?.VersionId };
  await expect(sealing?.send(new DeleteObjectCommand(version))).rejects.toMatchObject(denied);
  await expect(sealing?.send(new DeleteObjectCommand({ Bucket, Key: 'short' }))).rejects.toMatchObject(denied);
  await expect
    .poll(
      () =>
        sealing?.send(new DeleteObjectCommand(version)).then(
          () => 'removed',
          ({ name }) => name,
        ),
      {
        timeout: 30_000,
      },
    )
    .toBe('removed');
  const { DeleteMarkers } = (await sealing?.send(new ListObjectVersionsCommand({ Bucket }))) ?? {};
  expect(DeleteMarkers).toBeUndefined();
});

it('lets neither touch the rules of the bucket', async () => {
  for (const client of [receiving, sealing]) {
    const suspended = { Bucket, VersioningConfiguration: { Status: 'Suspended' } } as const;
    await expect(client?.send(new PutBucketVersioningCommand(suspended))).rejects.toMatchObject(denied);
    await expect(client?.send(new DeleteBucketPolicyCommand({ Bucket }))).rejects.toMatchObject(denied);
    const unlocked = { Bucket, ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled' } } as const;
    await expect(client?.send(new PutObjectLockConfigurationCommand(unlocked))).rejects.toMatchObject(denied);
  }
});

it('lets both remove what is only staged', async () => {
  for (const client of [receiving, sealing]) {
    const staged = { Bucket: stagingBucket, Key: 'tail' };
    await client?.send(new PutObjectCommand({ ...staged, Body: 'x' }));
    await client?.send(new DeleteObjectCommand(staged));
    await expect(owner?.send(new HeadObjectCommand(staged))).rejects.toMatchObject({ name: 'NotFound' });
  }
});

it('finds the same people a second time', async () => {
  expect(await grantVaultAccess(server, { bucket: Bucket, stagingBucket })).toEqual(logins);
});
