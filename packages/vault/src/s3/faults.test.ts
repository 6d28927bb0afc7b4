import { hash, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { startRgw } from '@fengcun/local';
import { testRgw } from '@fengcun/local/testing';
import { beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import {
  chunksOf,
  collect,
  expectBytes,
  freshKey,
  partsOf,
  sha256,
  someBytes,
  storeObject,
  storePart,
  storeParts,
} from '../conformance/content.ts';
import type { StoredPart, Vault } from '../port.ts';
import { type S3Proxy, startS3Proxy } from '../testing/index.ts';
import { openS3Vault, prepareS3Buckets, type S3VaultOptions } from './index.ts';

const PART = 5 * 1024 * 1024;

let engine: S3VaultOptions & { readonly endpoint: string };
let direct: S3Client;
beforeAll(async () => {
  const { endpoint, ...credentials } = await testRgw();
  engine = { endpoint, credentials, bucket: `faults-${randomUUID()}` };
  direct = new S3Client({ endpoint, credentials, region: 'us-east-1', forcePathStyle: true });
  await prepareS3Buckets(engine);
}, 120_000);

let proxy: S3Proxy;
let options: S3VaultOptions;
let vault: Vault;
beforeEach(async () => {
  proxy = await startS3Proxy(engine.endpoint);
  options = { ...engine, endpoint: proxy.endpoint, prefix: `${randomUUID()}/` };
  vault = await openS3Vault(options);
  onTestFinished(async () => {
    await vault.close();
    await proxy.close();
  });
});

const countOf = (operation: S3Proxy['operations'][number]) =>
  proxy.operations.filter((each) => each === operation).length;

async function versionsUnder(prefix: string) {
  const { Versions = [] } = await direct.send(new ListObjectVersionsCommand({ Bucket: engine.bucket, Prefix: prefix }));
  return Versions;
}

async function stagedUnder(prefix: string): Promise<readonly string[]> {
  const page = await direct.send(new ListObjectsV2Command({ Bucket: `${engine.bucket}-staging`, Prefix: prefix }));
  return (page.Contents ?? []).map(({ Key = '' }) => Key);
}

describe('a part', () => {
  it('is sent again while the engine is busy, and stored once', async () => {
    proxy.refuse('UploadPart', { times: 4 });
    proxy.refuse('UploadPart', { times: 2, status: 500, code: 'InternalError' });
    const content = someBytes(10_000);
    const version = await storeObject(vault, content);
    expect(countOf('UploadPart')).toBe(7);
    await expectBytes(vault.read(version), content);
  });

  it('is sent again when the answer is lost or never comes', async () => {
    const impatient = await openS3Vault({ ...options, timeoutSeconds: 1 });
    proxy.loseAnswer('UploadPart');
    proxy.stayDumb('UploadPart');
    const content = someBytes(10_000);
    const version = await storeObject(impatient, content);
    expect(countOf('UploadPart')).toBe(3);
    await expectBytes(impatient.read(version), content);
    await impatient.close();
  });

  it('that arrives with a changed byte is refused by the engine and sent again', async () => {
    proxy.damageBody('UploadPart');
    const content = someBytes(10_000);
    const version = await storeObject(vault, content);
    expect(countOf('UploadPart')).toBe(2);
    await expectBytes(vault.read(version), content);
  });

  it('is not stored under a digest that is not its own', async () => {
    const transfer = await vault.createTransfer(freshKey(), PART);
    const writer = await vault.openPart(transfer, 1, 0);
    await writer.write(someBytes(100));
    await expect(writer.commit(sha256(someBytes(100)))).rejects.toMatchObject({ code: 'invalid' });
    await vault.abort(transfer);
  });

  it('is given up when the engine stays away too long, and its tail is still there', async () => {
    const impatient = await openS3Vault({ ...options, retrySeconds: 0 });
    const transfer = await impatient.createTransfer(freshKey(), PART);
    const content = someBytes(2_000);
    const first = await impatient.openPart(transfer, 1, 0);
    await first.write(content.slice(0, 1_000));
    await first.keep();
    proxy.refuse('UploadPart');
    const second = await impatient.openPart(transfer, 1, 1_000);
    await second.write(content.slice(1_000));
    await expect(second.commit(sha256(content))).rejects.toMatchObject({ code: 'unavailable' });
    const third = await impatient.openPart(transfer, 1, 1_000);
    await third.write(content.slice(1_000));
    const version = await impatient.complete(transfer, [await third.commit(sha256(content))]);
    await expectBytes(impatient.read(version), content);
    await impatient.close();
  });

  it('keeps many small tails as few objects, and leaves none of them behind', async () => {
    const transfer = await vault.createTransfer(freshKey(), PART);
    const content = someBytes(40 * 100);
    for (let at = 0; at < content.length; at += 100) {
      const writer = await vault.openPart(transfer, 1, at);
      await writer.write(content.slice(at, at + 100));
      await writer.keep();
    }
    await expectBytes(vault.readTail(transfer, 1, content.length), content);
    const part = await (await vault.openPart(transfer, 1, content.length)).commit(sha256(content));
    expect((await stagedUnder(`${options.prefix}tails/`)).length).toBeGreaterThan(0);
    const version = await vault.complete(transfer, [part]);
    await vault.close();
    expect(await stagedUnder(`${options.prefix}tails/`)).toEqual([]);
    const again = await openS3Vault(options);
    await expectBytes(again.read(version), content);
    await again.close();
  });
});

describe('a transfer', () => {
  it('is not begun a second time when the answer is lost: nobody would know the first', async () => {
    proxy.loseAnswer('CreateMultipartUpload');
    await expect(vault.createTransfer(freshKey(), PART)).rejects.toMatchObject({ code: 'unavailable' });
    expect(countOf('CreateMultipartUpload')).toBe(1);
    proxy.refuse('CreateMultipartUpload', { times: 2 });
    await vault.abort(await vault.createTransfer(freshKey(), PART));
    expect(countOf('CreateMultipartUpload')).toBe(4);
    // What the lost answer left is listed for whoever compares it with the database.
    const left: string[] = [];
    for await (const transfer of vault.transfers()) {
      left.push(transfer.id);
      await vault.abort(transfer);
    }
    expect(left).toHaveLength(1);
  });

  it('whose completion lost its answer is adopted, in this process and in the next', async () => {
    const content = someBytes(PART + 5);
    const { transfer, parts } = await storeParts(vault, content);
    proxy.loseAnswer('CompleteMultipartUpload');
    const version = await vault.complete(transfer, parts);
    const next = await openS3Vault(options);
    expect(await next.complete(transfer, parts)).toEqual(version);
    await next.close();
    expect(await versionsUnder(`${options.prefix}${transfer.key}`)).toHaveLength(1);
    await expectBytes(vault.read(version), content);
  });

  it('whose process died between completion and writing it down is adopted, not confused with what somebody put beside it', async () => {
    const content = someBytes(1_000);
    const { transfer, parts } = await storeParts(vault, content);
    const version = await vault.complete(transfer, parts);
    // Same key, same size: only the composite digest tells them apart.
    await vault.write(transfer.key, chunksOf(someBytes(1_000)), 'record');
    const next = await openS3Vault(options);
    expect(await next.complete(transfer, parts)).toEqual(version);
    await expectBytes(next.read(version), content);
    const other = parts.map((part) => ({ ...part, etag: hash('md5', 'other', 'hex') }));
    await expect(next.complete(transfer, other)).rejects.toMatchObject({ code: 'part_mismatch' });
    await next.close();
  });

  it('survives a storm of refusals of every kind of call', async () => {
    for (const operation of [
      'CreateMultipartUpload',
      'ListParts',
      'UploadPart',
      'CompleteMultipartUpload',
      'GetObject',
      'HeadObject',
      'PutObject',
      'Retention',
      'LegalHold',
    ] as const) {
      proxy.refuse(operation, { times: 3 });
    }
    const content = someBytes(PART + 1);
    const version = await storeObject(vault, content);
    const tree = await vault.write(freshKey(), chunksOf(someBytes(10)), 'record');
    const until = new Date(Math.ceil(Date.now() / 1000) * 1000 + 48 * 3_600_000);
    for (const each of [version, tree]) await vault.retain(each, until);
    expect((await vault.protection(version)).retainUntil).toEqual(until);
    expect(await vault.stat(version)).toEqual({ size: content.length });
    await expectBytes(vault.read(version), content);
  });

  it('is completed with SHA-256 checksums on an engine that verifies them', async () => {
    proxy.pretend({
      answer: ({ operation, headers, body }) => {
        const claimed = headers['x-amz-checksum-sha256'];
        const wrong = operation === 'PutObject' && claimed !== undefined && claimed !== hash('sha256', body, 'base64');
        return wrong ? { status: 400, body: '<Error><Code>BadDigest</Code></Error>' } : null;
      },
      afterwards: (request, reply) => {
        if (request.operation === 'UploadPart')
          expect(request.headers['x-amz-checksum-sha256']).toBe(hash('sha256', request.body, 'base64'));
        if (request.operation === 'CompleteMultipartUpload')
          expect(request.body.toString()).toContain('<ChecksumSHA256>');
        return reply;
      },
    });
    const verifying = await openS3Vault(options);
    const content = someBytes(PART + 3);
    await expectBytes(verifying.read(await storeObject(verifying, content)), content);
    await verifying.close();
  });

  it('goes on where it was after the engine was killed and started again', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'fengcun-vault-rgw-'));
    const server = await startRgw({ directory });
    onTestFinished(async () => {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    });
    const { endpoint, accessKeyId, secretAccessKey } = server;
    const own = { endpoint, credentials: { accessKeyId, secretAccessKey }, bucket: 'evidence', retrySeconds: 120 };
    await prepareS3Buckets(own);
    const lasting = await openS3Vault(own);
    const content = someBytes(2 * PART + 77);
    const slices = partsOf(content, PART);
    const transfer = await lasting.createTransfer(freshKey(), PART);
    const parts: StoredPart[] = [await storePart(lasting, transfer, 1, slices[0] ?? someBytes(0))];
    await server.kill();
    // Under way while nobody answers: it must wait, not fail, and go on by itself.
    const second = storePart(lasting, transfer, 2, slices[1] ?? someBytes(0));
    await server.restart();
    parts.push(await second);
    parts.push(await storePart(lasting, transfer, 3, slices[2] ?? someBytes(0)));
    const version = await lasting.complete(transfer, parts);
    await server.kill();
    await server.restart();
    await expectBytes(lasting.read(version), content);
    expect((await lasting.protection(version)).mode).toBe('compliance');
    await lasting.close();
  }, 180_000);
});

describe('an object whose writer died', () => {
  it('is given up by a vault that is opened a day later, and not before', async () => {
    const staging = `${engine.bucket}-staging`;
    const [Key, Prefix] = [`${options.prefix}derivatives/half`, options.prefix ?? ''];
    await direct.send(new CreateMultipartUploadCommand({ Bucket: staging, Key }));
    const unfinished = async () =>
      (await direct.send(new ListMultipartUploadsCommand({ Bucket: staging, Prefix }))).Uploads ?? [];
    const openedAt = async (clock: () => Date) => {
      const opened = await openS3Vault(options, clock);
      // It tidies up in the background and waits for that when it is closed.
      await opened.close();
    };
    await openedAt(() => new Date());
    expect(await unfinished()).toHaveLength(1);
    await openedAt(() => new Date(Date.now() + 25 * 3_600_000));
    expect(await unfinished()).toEqual([]);
  });
});

describe('reading', () => {
  it('goes on behind the byte at which the connection broke', async () => {
    const content = someBytes(3 * 1024 * 1024);
    const version = await storeObject(vault, content);
    proxy.cutReads(1_000_000, 2);
    await expectBytes(vault.read(version), content);
    expect(countOf('GetObject')).toBe(3);
  });

  it('asks once for a range, and only for it', async () => {
    const content = someBytes(100_000);
    const version = await storeObject(vault, content);
    const before = proxy.operations.length;
    await expectBytes(vault.read(version, { start: 500, end: 1_500 }), content.subarray(500, 1_500));
    // `Other`: tidying up behind the completion, in the background.
    expect(proxy.operations.slice(before).filter((operation) => operation !== 'Other')).toEqual(['GetObject']);
  });

  it('hands out what the engine answers, so that digests find a changed byte', async () => {
    const content = someBytes(200_000);
    const version = await storeObject(vault, content);
    proxy.flipByteOnRead(150_000);
    const read = await collect(vault.read(version));
    expect(sha256(read)).not.toBe(sha256(content));
    expect(
      [...read.subarray(149_990, 150_010)].flatMap((byte, at) => (byte === content[149_990 + at] ? [] : [at])),
    ).toEqual([10]);
    proxy.flipByteOnRead(null);
    await expectBytes(vault.read(version), content);
  });

  it('says so when the engine has gone, and not that the bytes are wrong', async () => {
    const impatient = await openS3Vault({ ...options, retrySeconds: 0 });
    const version = await storeObject(impatient, someBytes(100));
    await proxy.setDown(true);
    await expect(collect(impatient.read(version))).rejects.toMatchObject({ code: 'unavailable' });
    await expect(impatient.headroom()).rejects.toMatchObject({ code: 'unavailable' });
    await proxy.setDown(false);
    await impatient.headroom();
    await impatient.close();
  });
});

describe('an object that somebody deleted by its key alone', () => {
  it('is reported, and still reads by its version', async () => {
    const content = someBytes(100);
    const version = await storeObject(vault, content);
    await direct.send(new DeleteObjectCommand({ Bucket: engine.bucket, Key: `${options.prefix}${version.key}` }));
    const concealed: unknown[] = [];
    for await (const each of vault.concealed()) concealed.push(each);
    expect(concealed).toEqual([{ key: version.key, marker: expect.any(String), since: expect.any(Date) }]);
    await expectBytes(vault.read(version), content);
    expect((await vault.protection(version)).mode).toBe('compliance');
  });
});

describe('opening', () => {
  it('refuses a bucket without Object Lock, a bucket that is not there, and wrong keys', async () => {
    const unlocked = { ...options, bucket: `${engine.bucket}-staging`, stagingBucket: `${engine.bucket}-staging` };
    await expect(openS3Vault(unlocked)).rejects.toMatchObject({ code: 'invalid' });
    const swapped = { ...options, bucket: `${engine.bucket}-staging`, stagingBucket: engine.bucket };
    await expect(openS3Vault(swapped)).rejects.toMatchObject({ code: 'invalid' });
    await expect(openS3Vault({ ...options, bucket: 'nowhere' })).rejects.toMatchObject({ code: 'unavailable' });
    const credentials = { accessKeyId: 'nobody', secretAccessKey: 'nothing' };
    await expect(openS3Vault({ ...options, credentials })).rejects.toMatchObject({ code: 'read_only' });
    await expect(openS3Vault({ ...options, prefix: '../' })).rejects.toMatchObject({ code: 'invalid' });
  });
});
