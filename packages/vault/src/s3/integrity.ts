import { hash, randomUUID } from 'node:crypto';
import {
  DeleteObjectCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  type UploadPartCommand,
} from '@aws-sdk/client-s3';
import { VaultError } from '../errors.ts';
import type { Engine } from './engine.ts';
import { failureOf } from './failures.ts';
import { type Encryption, encryptionFields } from './options.ts';

/**
 * How the engine is told what the bytes of a request are, so that it refuses others:
 * - `checksum`: `x-amz-checksum-sha256`, verified and kept by the engine.
 * - `signed`: the SHA-256 in the request's own signature (`x-amz-content-sha256`), verified while the bytes arrive.
 * - `md5`: `Content-MD5`.
 * - `none`: the engine verifies nothing; only reading back tells.
 * The first two cost nothing: the digest is the one the part ledger has anyway. It is signed in every case.
 */
export type Integrity = 'checksum' | 'signed' | 'md5' | 'none';

/** What the engine made of requests whose digest was not that of their bytes. */
export interface IntegrityFindings {
  readonly checksum: Tried;
  readonly signed: Tried;
  readonly md5: Tried;
}
export type Tried = 'verified' | 'ignored';

export function integrityOf({ checksum, signed, md5 }: IntegrityFindings): Integrity {
  if (checksum === 'verified') return 'checksum';
  if (signed === 'verified') return 'signed';
  return md5 === 'verified' ? 'md5' : 'none';
}

const WRONG = 'not these bytes';

/** Sends small objects to the staging bucket with a wrong digest of each kind, and looks which of them are refused. */
export async function tryIntegrity(
  engine: Engine,
  bucket: string,
  prefix: string,
  encryption: Encryption,
): Promise<IntegrityFindings> {
  // As everything else here: a bucket may refuse what is not encrypted.
  const sealed = encryptionFields(encryption);
  const body = Buffer.from(`Fengcun tries which digests are verified: ${randomUUID()}`);
  const right = hash('sha256', body, 'hex');
  const [checksum, signed, md5] = await Promise.all([
    tryOne(engine, bucket, `${prefix}probe/${randomUUID()}`, body, right, {
      ...sealed,
      ChecksumSHA256: hash('sha256', WRONG, 'base64'),
    }),
    tryOne(engine, bucket, `${prefix}probe/${randomUUID()}`, body, hash('sha256', WRONG, 'hex'), sealed),
    tryOne(engine, bucket, `${prefix}probe/${randomUUID()}`, body, right, {
      ...sealed,
      ContentMD5: hash('md5', WRONG, 'base64'),
    }),
  ]);
  return { checksum, signed, md5 };
}

async function tryOne(
  engine: Engine,
  bucket: string,
  key: string,
  body: Buffer,
  signedSha256: string,
  fields: Pick<PutObjectCommandInput, 'ChecksumSHA256' | 'ContentMD5' | 'ServerSideEncryption' | 'SSEKMSKeyId'>,
): Promise<Tried> {
  try {
    await engine.call('Trying which digests are verified', 'repeatable', (client, abort) =>
      client.send(
        signing(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ...fields }), signedSha256),
        abort,
      ),
    );
  } catch (error) {
    if (isDigestRefusal(error)) return 'verified';
    throw error;
  }
  await engine.call('Removing a probe', 'repeatable', (client, abort) =>
    client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }), abort),
  );
  return 'ignored';
}

const REFUSALS = new Set([
  'BadDigest',
  'XAmzContentSHA256Mismatch',
  'InvalidDigest',
  'ContentSHA256Mismatch',
  'ContentChecksumMismatch',
  'XAmzContentChecksumMismatch',
]);

/** Whether the engine refused bytes because they are not what the request's digest says. */
export function isDigestRefusal(error: unknown): boolean {
  return error instanceof VaultError && REFUSALS.has(failureOf(error.cause).code);
}

/**
 * Puts a known SHA-256 (hex) of the body into the request, to be signed instead of computed again: SigV4 takes the header
 * `x-amz-content-sha256` as the hash of the payload when it is there.
 */
export function signing<C extends PutObjectCommand | UploadPartCommand>(command: C, sha256: string): C {
  const middleware = withPayloadDigest(sha256);
  const options = { step: 'build', name: 'knownPayloadDigest' } as const;
  if (command instanceof PutObjectCommand) command.middlewareStack.add(middleware, options);
  else command.middlewareStack.add(middleware, options);
  return command;
}

const withPayloadDigest =
  (sha256: string) =>
  <A extends { readonly request: unknown }, R>(next: (args: A) => Promise<R>) =>
  async (args: A): Promise<R> => {
    const { request } = args;
    if (hasHeaders(request)) request.headers['x-amz-content-sha256'] = sha256;
    return next(args);
  };

function hasHeaders(request: unknown): request is { headers: Record<string, string> } {
  return typeof request === 'object' && request !== null && 'headers' in request;
}

/** The digest headers of a request that carries `body`, whose SHA-256 (hex) is known. */
export function digestFields(integrity: Integrity, body: Uint8Array, sha256: string) {
  switch (integrity) {
    case 'checksum':
      return { ChecksumSHA256: Buffer.from(sha256, 'hex').toString('base64') };
    case 'md5':
      return { ContentMD5: hash('md5', body, 'base64') };
    case 'signed':
    case 'none':
      return {};
  }
}
