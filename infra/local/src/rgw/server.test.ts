import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListBucketsCommand,
  PutObjectCommand,
  PutObjectLockConfigurationCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { occupyPort, processGone, readOnly, scratchDirectory, startOwner } from '../../tests/faults.ts';
import { findProcesses } from '../process/orphans.ts';
import { testRgw } from '../testing/index.ts';
import { findCeph } from './programs.ts';
import { type RgwOptions, type RgwServer, startRgw } from './server.ts';
import type { S3Login } from './users.ts';

// Starting three daemons takes seconds, several times in a test, and far longer on a machine under load.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const capacityBytes = 8 * 1024 ** 3;

async function started(options: RgwOptions): Promise<RgwServer> {
  const server = await startRgw({ capacityBytes, ...options });
  onTestFinished(() => server.stop());
  return server;
}

function client(endpoint: string, { accessKeyId, secretAccessKey }: S3Login): S3Client {
  const s3 = new S3Client({
    endpoint,
    region: 'default',
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 1,
  });
  onTestFinished(() => s3.destroy());
  return s3;
}

const newBucket = () => `b${randomBytes(6).toString('hex')}`;
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

async function lockedBucket(s3: S3Client): Promise<string> {
  const Bucket = newBucket();
  await s3.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true }));
  const DefaultRetention = { Mode: 'COMPLIANCE', Days: 1 } as const;
  const ObjectLockConfiguration = { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention } } as const;
  await s3.send(new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration }));
  return Bucket;
}

async function daemonsIn(directory: string): Promise<number[]> {
  const found = await Promise.all(['ceph-mon', 'ceph-osd', 'radosgw'].map((name) => findProcesses(name, directory)));
  return found.flat();
}

describe('a Ceph RGW on a directory', () => {
  it('keeps what it acknowledged over SIGKILL of all daemons, on the same endpoint with the same keys', async () => {
    const directory = join(
      await scratchDirectory(),
      'deep',
      '$name #1; [x]',
      'a directory whose path is longer than a socket may have',
    );
    const server = await started({ directory });
    const s3 = client(server.endpoint, server);
    const Bucket = await lockedBucket(s3);
    const body = randomBytes(9 * 1024 * 1024 + 1);
    const { VersionId } = await s3.send(new PutObjectCommand({ Bucket, Key: '录像.mp4', Body: body }));

    const { endpoint } = server;
    const before = server.exited;
    await server.kill();
    expect(await before).toMatchObject({ signal: 'SIGKILL' });
    expect(await daemonsIn(directory)).toEqual([]);
    await server.restart();
    expect(server.endpoint).toBe(endpoint);
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: '录像.mp4', VersionId }));
    expect(sha256((await Body?.transformToByteArray()) ?? new Uint8Array())).toBe(sha256(body));
    await expect(
      s3.send(new DeleteObjectCommand({ Bucket, Key: '录像.mp4', VersionId, BypassGovernanceRetention: true })),
    ).rejects.toMatchObject({ name: 'AccessDenied' });

    await server.stop();
    expect(await daemonsIn(directory)).toEqual([]);
    const again = await started({ directory });
    expect(again.accessKeyId).toBe(server.accessKeyId);
    const { Buckets } = await client(again.endpoint, again).send(new ListBucketsCommand({}));
    expect(Buckets?.map(({ Name }) => Name)).toEqual([Bucket]);
  });

  it('completes soon what was being completed when it was killed', async () => {
    const server = await started({ directory: await scratchDirectory() });
    const s3 = client(server.endpoint, server);
    const Bucket = await lockedBucket(s3);
    const begun = await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        const address = { Bucket, Key: `k${index}` };
        const { UploadId } = await s3.send(new CreateMultipartUploadCommand(address));
        const { ETag } = await s3.send(new UploadPartCommand({ ...address, UploadId, PartNumber: 1, Body: 'x' }));
        return { ...address, UploadId, MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] } };
      }),
    );
    const complete = (upload: (typeof begun)[number]) => s3.send(new CompleteMultipartUploadCommand(upload));
    // Some of them hold the gateway's lock on their upload when it dies: nothing but its end frees them.
    const cutOff = begun.map(complete);
    await Promise.race(cutOff);
    await server.kill();
    const unanswered = (await Promise.allSettled(cutOff)).filter(({ status }) => status === 'rejected');
    expect(unanswered).not.toHaveLength(0);
    await server.restart();
    await vi.waitFor(() => Promise.all(begun.map(complete)), { timeout: 60_000, interval: 500 });
  });

  it('keeps its keys from everybody else, and opens to them only', async () => {
    const directory = await scratchDirectory();
    const server = await started({ directory });
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    for (const file of ['keyring', 'ceph.conf', 's3-user-fengcun.json']) {
      expect((await stat(join(directory, file))).mode & 0o777).toBe(0o600);
    }
    const guess = { accessKeyId: server.accessKeyId, secretAccessKey: 'guess' };
    await expect(client(server.endpoint, guess).send(new ListBucketsCommand({}))).rejects.toMatchObject({
      name: 'SignatureDoesNotMatch',
    });
    // A user of its own is nobody in another's bucket.
    const other = await server.user('other');
    expect(await server.user('other')).toEqual(other);
    const Bucket = await lockedBucket(client(server.endpoint, server));
    await expect(
      client(server.endpoint, other).send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' })),
    ).rejects.toMatchObject({ name: 'AccessDenied' });
  });
});

describe('when an owner was killed', () => {
  it('ends with it, or is ended by the next start where nothing looks after it any more', async () => {
    const directory = await scratchDirectory();
    const options = { directory, capacityBytes };
    const first = await startOwner('rgw', options);
    if (!('url' in first.report)) throw new Error(first.report.message);
    await first.kill('alone');
    await processGone(first.report.pid);

    const second = await startOwner('rgw', options);
    if (!('url' in second.report)) throw new Error(second.report.message);
    await second.kill('with watchdogs');
    const orphans = await daemonsIn(directory);
    expect(orphans).toHaveLength(3);
    await started({ directory });
    for (const pid of orphans) await processGone(pid);
  });

  it('ends the others when one daemon ends, and gives the directory back', async () => {
    const directory = await scratchDirectory();
    const server = await started({ directory });
    const [osd = 0] = await findProcesses('ceph-osd', directory);
    process.kill(osd, 'SIGKILL');
    expect(await server.exited).toEqual({ code: null, signal: 'SIGKILL', expected: false });
    expect(await daemonsIn(directory)).toEqual([]);
    const next = await started({ directory, port: server.port });
    expect(next.endpoint).toBe(server.endpoint);
  });
});

describe('what is in the way is named', () => {
  it('a taken port', async () => {
    const [directory, port] = [await scratchDirectory(), await occupyPort()];
    await expect(startRgw({ directory, port })).rejects.toMatchObject({
      code: 'port_taken',
      message: expect.stringContaining(String(port)),
    });
    expect(await daemonsIn(directory)).toEqual([]);
  });

  it('a directory that cannot be written', async () => {
    const directory = await scratchDirectory();
    await readOnly(directory);
    const { report } = await startOwner('rgw', { directory: join(directory, 'rgw') }, { powerless: true });
    expect(report).toMatchObject({ code: 'directory_not_writable' });
  });

  it('a missing program, with the packages to install', async () => {
    await expect(findCeph('/nonexistent')).rejects.toMatchObject({
      code: 'program_missing',
      message: expect.stringContaining('apt-get install --no-install-recommends radosgw ceph-mon ceph-osd'),
    });
  });

  it('a store that cannot be opened, and leaves it as it is', async () => {
    const directory = await scratchDirectory();
    const server = await started({ directory });
    await server.stop();
    await truncate(join(directory, 'osd', 'block'), 4096 * 3);
    const files = await readdir(join(directory, 'osd'));
    await expect(startRgw({ directory })).rejects.toMatchObject({ code: 'data_unreadable' });
    expect(await readdir(join(directory, 'osd'))).toEqual(files);
    expect(await daemonsIn(directory)).toEqual([]);
    expect(await readFile(join(directory, 'ceph-osd.log'), 'utf8')).not.toBe('');
  });
});

describe("the run's own RGW", () => {
  beforeAll(testRgw, 120_000);

  it('is the same one for whoever asks', async () => {
    const rgw = await testRgw();
    expect(await testRgw()).toEqual(rgw);
    const s3 = client(rgw.endpoint, rgw);
    const Bucket = await lockedBucket(s3);
    await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }));
  });
});
