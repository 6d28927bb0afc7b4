import { randomUUID } from 'node:crypto';
import dns from 'node:dns';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, HeadObjectCommand, ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { makeAuthority, type TestRgw, testRgw } from '@fengcun/local/testing';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { run } from '../check/cli.ts';
import { chunksOf, expectBytes, freshKey, someBytes, storeObject, storeParts } from '../conformance/content.ts';
import type { Vault } from '../port.ts';
import { startS3Proxy } from '../testing/index.ts';
import { openS3Vault, prepareS3Buckets, type S3VaultOptions } from './index.ts';

const PART = 5 * 1024 * 1024;

let rgw: TestRgw;
let credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
let directory: string;
/** trusts the engine's authority */
let caFile: string;
let bucket: string;

beforeAll(async () => {
  rgw = await testRgw();
  credentials = { accessKeyId: rgw.accessKeyId, secretAccessKey: rgw.secretAccessKey };
  bucket = `options-${randomUUID()}`;
  await prepareS3Buckets({ endpoint: rgw.endpoint, credentials, bucket });
  directory = await mkdtemp(join(tmpdir(), 'fengcun-options-'));
  caFile = join(directory, 'authority.pem');
  await writeFile(caFile, rgw.authority);
}, 120_000);
afterAll(() => rm(directory, { recursive: true }));

const plain = (): S3VaultOptions => ({
  endpoint: rgw.endpoint,
  credentials,
  bucket,
  prefix: `${randomUUID()}/`,
  retrySeconds: 5,
});
const secure = (): S3VaultOptions => ({ ...plain(), endpoint: rgw.tlsEndpoint, caFile });
const encrypting = (): S3VaultOptions => ({ ...secure(), encryption: { kind: 'kms', keyId: rgw.kmsKey } });

async function opened(options: S3VaultOptions): Promise<Vault> {
  const vault = await openS3Vault(options);
  onTestFinished(() => vault.close());
  return vault;
}

async function proxied() {
  const proxy = await startS3Proxy(rgw.endpoint);
  onTestFinished(() => proxy.close());
  return proxy;
}

/** A client beside the driver, to see what the engine says. */
function client(endpoint: string): S3Client {
  const made = new S3Client({
    ...{ endpoint, credentials: { ...credentials }, region: 'us-east-1', forcePathStyle: true },
    requestHandler: new NodeHttpHandler({ httpsAgent: new Agent({ ca: rgw.authority }) }),
  });
  onTestFinished(() => made.destroy());
  return made;
}

describe('buckets as host names', () => {
  it('are asked for by name, and nowhere in the path', async () => {
    const proxy = await proxied();
    const seen: { host: string; path: string }[] = [];
    proxy.pretend({
      answer: ({ headers, path }) => {
        seen.push({ host: headers.host ?? '', path });
        return null;
      },
    });
    // Names below `localhost` are this machine by RFC 6761; not every resolver knows.
    const resolve = dns.lookup;
    const asked: string[] = [];
    vi.spyOn(dns, 'lookup').mockImplementation(((name: string, ...rest: [never, never]) => {
      asked.push(name);
      return resolve(name.endsWith('.localhost') ? '127.0.0.1' : name, ...rest);
    }) as typeof dns.lookup);
    onTestFinished(() => void vi.restoreAllMocks());
    const { port } = new URL(proxy.endpoint);
    const vault = await opened({ ...plain(), endpoint: `http://localhost:${port}`, addressing: 'virtual_host' });
    const content = someBytes(PART + 3);
    const version = await storeObject(vault, content);
    await expectBytes(vault.read(version, { start: PART - 2, end: PART + 3 }), content.subarray(PART - 2));
    await vault.retain(version, new Date(Date.now() + 3 * 86_400_000));
    expect((await vault.protection(version)).retainUntil?.getTime()).toBeGreaterThan(Date.now() + 2 * 86_400_000);

    expect(asked).toContain(`${bucket}.localhost`);
    expect(new Set(seen.map(({ host }) => host))).toEqual(
      new Set([`${bucket}.localhost:${port}`, `${bucket}-staging.localhost:${port}`]),
    );
    expect(seen.filter(({ path }) => path.includes(bucket))).toEqual([]);
  });

  it.each([
    [{ endpoint: 'http://127.0.0.1:9' }, /S3_ADDRESSING is "virtual_host", but http:\/\/127.0.0.1:9 is an address/],
    [{ endpoint: 'http://[::1]:9' }, /is an address/],
    [{ endpoint: 'http://s3.example', bucket: 'Evidence_A' }, /Evidence_A cannot be part of a host name/],
  ])('are refused where there is no such name: %j', async (wrong, message) => {
    const opening = openS3Vault({ bucket: 'evidence', addressing: 'virtual_host', ...wrong });
    await expect(opening).rejects.toMatchObject({ code: 'invalid', message: expect.stringMatching(message) });
  });
});

describe('an engine with a certificate of its own authority', () => {
  it('is trusted with the file of that authority', async () => {
    const vault = await opened(secure());
    const content = someBytes(100_000);
    await expectBytes(vault.read(await storeObject(vault, content)), content);
  });

  it('is not trusted without, nor with that of another, and no time is lost with trying again', async () => {
    const other = join(directory, 'other.pem');
    await writeFile(other, (await makeAuthority(['localhost'])).certificate);
    const { caFile: _, ...trusting } = { ...secure(), retrySeconds: 600 };
    for (const options of [trusting, { ...trusting, caFile: other }]) {
      await expect(openS3Vault(options)).rejects.toMatchObject({
        variable: 'FENGCUN_VAULT_S3_CA_FILE',
        message: expect.stringMatching(
          /nobody whom we trust has signed .* name the PEM file .* FENGCUN_VAULT_S3_CA_FILE/,
        ),
      });
    }
  });

  it('is refused under a name that is not in its certificate, and without TLS', async () => {
    const { port } = new URL(rgw.tlsEndpoint);
    const elsewhere = { ...secure(), endpoint: `https://127.0.0.1:${port}`, retrySeconds: 600 };
    await expect(openS3Vault(elsewhere)).rejects.toMatchObject({
      variable: 'FENGCUN_VAULT_S3_ENDPOINT',
      message: expect.stringContaining('is for another host'),
    });
    const bare = { ...secure(), endpoint: rgw.endpoint.replace('http', 'https'), retrySeconds: 600 };
    await expect(openS3Vault(bare)).rejects.toMatchObject({
      variable: 'FENGCUN_VAULT_S3_ENDPOINT',
      message: expect.stringContaining('no TLS is spoken'),
    });
  });

  it('is not even asked with a file of authorities that is none', async () => {
    const empty = join(directory, 'empty.pem');
    const damaged = join(directory, 'damaged.pem');
    await writeFile(empty, 'certificates go here\n');
    await writeFile(damaged, rgw.authority.replace(/\n.{40}/, '\nAAAA'));
    const refused: readonly (readonly [string, RegExp])[] = [
      [join(directory, 'missing.pem'), /cannot be read \(ENOENT\); name a PEM file/],
      [empty, /there is no certificate in it/],
      [damaged, /is damaged/],
    ];
    for (const [file, message] of refused) {
      await expect(openS3Vault({ ...secure(), caFile: file })).rejects.toMatchObject({
        code: 'invalid',
        message: expect.stringMatching(message),
      });
    }
    await expect(openS3Vault({ ...plain(), caFile })).rejects.toThrow(/has no use with http:/);
  });

  it('is a line with the variable in it for who sets it up', async () => {
    let said = '';
    vi.stubEnv('AWS_ACCESS_KEY_ID', credentials.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey);
    onTestFinished(() => void vi.unstubAllEnvs());
    const env = {
      ...{ FENGCUN_REPLICA_VAULT_DRIVER: 's3', FENGCUN_REPLICA_VAULT_S3_BUCKET: bucket },
      FENGCUN_REPLICA_VAULT_S3_ENDPOINT: rgw.tlsEndpoint,
    };
    const check = (more: Readonly<Record<string, string>>) =>
      run(
        ['check', '--variables', 'FENGCUN_REPLICA_VAULT'],
        { ...env, ...more },
        {
          out: () => undefined,
          err: (text) => {
            said += text;
          },
        },
      );
    expect(await check({})).toBe(78);
    expect(said).toContain('FENGCUN_REPLICA_VAULT_S3_CA_FILE');
    expect(await check({ FENGCUN_REPLICA_VAULT_S3_ENCRYPTION: 'sse' })).toBe(78);
    expect(said).toContain('FENGCUN_REPLICA_VAULT_S3_ENCRYPTION is "sse"; allowed: none, s3, kms');
  });
});

describe('encryption at rest', () => {
  it('is on everything that is stored, and changes nothing about it', async () => {
    const options = encrypting();
    const vault = await opened(options);
    const findings = await vault.probe();
    expect(findings.filter(({ must, outcome }) => must && outcome !== 'passed')).toEqual([]);
    expect(findings).toContainEqual(
      expect.objectContaining({ check: 'encrypted at rest as asked', outcome: 'passed' }),
    );

    const content = someBytes(2 * PART + 4_097);
    const { transfer, parts } = await storeParts(vault, content);
    const version = await vault.complete(transfer, parts);
    const next = await opened(options);
    // Completed again, as after an answer that was lost: the ETags still tell that it is the same.
    expect(await next.complete(transfer, parts)).toEqual(version);
    expect(await next.stat(version)).toEqual({ size: content.length });
    await expectBytes(next.read(version), content);
    // Across parts and blocks of the cipher.
    for (const [start, end] of [
      [PART - 3, PART + 17],
      [2 * PART - 1, 2 * PART + 4_097],
      [4_095, 4_097],
    ] as const)
      await expectBytes(next.read(version, { start, end }), content.subarray(start, end));
    await next.retain(version, new Date(Date.now() + 3 * 86_400_000));
    await expect(next.delete(version)).rejects.toMatchObject({ code: 'retained' });

    const derivative = await vault.write(freshKey(), chunksOf(content, PART));
    await expectBytes(next.read(derivative), content);
    const record = await vault.write(freshKey(), chunksOf(content.subarray(0, 10)), 'record');
    await expectBytes(next.read(record), content.subarray(0, 10));
    const empty = await vault.createTransfer(freshKey(), PART);
    await vault.complete(empty, []);
    const begun = await vault.createTransfer(freshKey(), PART);
    const writer = await vault.openPart(begun, 1, 0);
    await writer.write(content.slice(0, 10));
    await writer.keep();
    await expectBytes(next.readTail(begun, 1, 10), content.subarray(0, 10));

    const beside = client(rgw.tlsEndpoint);
    const shown: unknown[] = [];
    for (const Bucket of [bucket, `${bucket}-staging`]) {
      const { Versions = [] } = await beside.send(new ListObjectVersionsCommand({ Bucket, Prefix: options.prefix }));
      for (const { Key, VersionId } of Versions) {
        const address = { Bucket, Key, ...(VersionId === 'null' ? {} : { VersionId }) };
        const { ServerSideEncryption, SSEKMSKeyId } = await beside.send(new HeadObjectCommand(address));
        shown.push([ServerSideEncryption, SSEKMSKeyId]);
        // This gateway hands out over plain HTTP only what is not encrypted.
        await expect(client(rgw.endpoint).send(new GetObjectCommand(address))).rejects.toMatchObject({
          name: 'InvalidRequest',
        });
      }
    }
    // The original, the derivative, the record, the empty one and the tail; and at least one dummy of the probe.
    expect(shown.length).toBeGreaterThan(5);
    expect(shown).toEqual(shown.map(() => ['aws:kms', rgw.kmsKey]));
    await vault.abort(begun);
  });

  it('is refused at the start over plain HTTP, where this gateway takes none', async () => {
    const { caFile: _, ...open } = { ...encrypting(), endpoint: rgw.endpoint };
    await expect(openS3Vault(open)).rejects.toThrow(/the engine refuses .* engines may want https for it/);
  });

  it('is refused at the start when the engine does something else', async () => {
    // Ceph 16 takes the word and stores plain text.
    await expect(openS3Vault({ ...secure(), encryption: { kind: 's3' } })).rejects.toMatchObject({
      code: 'invalid',
      variable: 'FENGCUN_VAULT_S3_ENCRYPTION',
      message: expect.stringMatching(/stored an object without saying that it is encrypted/),
    });
    for (const [encryption, message] of [
      [{ kind: 'kms', keyId: 'nobody-has-it' }, /S3_KMS_KEY is "nobody-has-it", and the engine refuses .*name a key/],
      [{ kind: 'kms' }, /S3_KMS_KEY is not set, and the engine refuses/],
    ] as const)
      await expect(openS3Vault({ ...secure(), encryption })).rejects.toMatchObject({
        variable: 'FENGCUN_VAULT_S3_KMS_KEY',
        message: expect.stringMatching(message),
      });
  });
});

describe('an object whose ETag is no digest', () => {
  it.each([
    [true, 'is adopted where it says that it is encrypted'],
    [false, 'is not where it says nothing'],
  ])('%s: %s', async (encrypted) => {
    const proxy = await proxied();
    proxy.pretend({
      afterwards: ({ method, query }, reply) => {
        if (query.has('versions')) {
          const body = String(reply.body).replaceAll(/[0-9a-f]{32}-2/g, `${'0'.repeat(32)}-2`);
          return { ...reply, body };
        }
        if (method !== 'HEAD' || !encrypted) return reply;
        return { ...reply, headers: { ...reply.headers, 'x-amz-server-side-encryption': 'aws:kms' } };
      },
    });
    const vault = await opened({ ...plain(), endpoint: proxy.endpoint });
    const { transfer, parts } = await storeParts(vault, someBytes(PART + 1));
    proxy.loseAnswer('CompleteMultipartUpload');
    const completing = vault.complete(transfer, parts);
    if (encrypted) expect((await completing).size).toBe(PART + 1);
    else await expect(completing).rejects.toMatchObject({ code: 'part_mismatch' });
  });
});
