import { hash } from 'node:crypto';
import {
  CompleteMultipartUploadCommand,
  HeadObjectCommand,
  ListPartsCommand,
  type Part,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { VaultError } from '../errors.ts';
import type { ObjectVersion, StoredPart, Transfer } from '../port.ts';
import { encryptionOf } from './encryption.ts';
import type { Engine } from './engine.ts';
import { failureOf } from './failures.ts';
import { digestFields, type Integrity, signing } from './integrity.ts';
import type { Layout } from './layout.ts';
import { type Encryption, encryptionFields } from './options.ts';
import { versionsOf } from './versions.ts';

export interface CompletionContext {
  readonly engine: Engine;
  readonly layout: Layout;
  readonly integrity: Integrity;
  readonly encryption: Encryption;
}

/**
 * Makes the object of a transfer, or adopts it when a call whose answer was lost has made it already. The parts are compared with what the engine
 * lists before anything is made, because what exists once is locked. `size` is that of all parts together.
 */
export async function completeTransfer(
  context: CompletionContext,
  transfer: Transfer,
  parts: readonly StoredPart[],
  size: number,
): Promise<ObjectVersion> {
  const stored = await listParts(context.engine, context.layout, transfer);
  // Gone: completed by a call whose answer was lost, by another process, or aborted.
  if (stored === null) return adopt(context, transfer, parts, size);
  if (parts.length === 0) return completeEmpty(context, transfer);
  assertStored(parts, stored);
  const address = context.layout.object(transfer.key);
  const listed = parts.map(({ partNumber, etag, sha256 }) => ({
    PartNumber: partNumber,
    ETag: etag,
    ...(context.integrity === 'checksum' ? { ChecksumSHA256: Buffer.from(sha256, 'hex').toString('base64') } : {}),
  }));
  try {
    const { VersionId } = await context.engine.call('Completing a transfer', 'repeatable', (client, abort) =>
      client.send(
        new CompleteMultipartUploadCommand({ ...address, UploadId: transfer.id, MultipartUpload: { Parts: listed } }),
        abort,
      ),
    );
    // Ceph answers a repeated completion with success but without the version.
    if (VersionId !== undefined) return { key: transfer.key, versionId: VersionId, size };
  } catch (error) {
    const status = error instanceof VaultError ? failureOf(error.cause).status : null;
    // 404 NoSuchUpload, 412: an earlier attempt of ours, or another process, was first.
    if (status !== 404 && status !== 412) throw error;
  }
  return adopt(context, transfer, parts, size);
}

/** What the engine has of a transfer, or null when it knows no such transfer (any more). */
export async function listParts(
  engine: Engine,
  layout: Layout,
  transfer: Transfer,
  most?: number,
): Promise<readonly Part[] | null> {
  const parts: Part[] = [];
  const address = { ...layout.object(transfer.key), UploadId: transfer.id };
  let marker: string | undefined;
  try {
    do {
      const after = marker === undefined ? {} : { PartNumberMarker: marker };
      const page = await engine.call('Listing parts', 'repeatable', (client, abort) =>
        client.send(
          new ListPartsCommand({ ...address, ...after, ...(most === undefined ? {} : { MaxParts: most }) }),
          abort,
        ),
      );
      parts.push(...(page.Parts ?? []));
      marker = page.IsTruncated === true && most === undefined ? page.NextPartNumberMarker : undefined;
    } while (marker !== undefined);
  } catch (error) {
    if (error instanceof VaultError && error.code === 'not_found') return null;
    throw error;
  }
  return parts;
}

function assertStored(parts: readonly StoredPart[], stored: readonly Part[]): void {
  const byNumber = new Map(stored.map((part) => [part.PartNumber, part]));
  const wrong = parts.filter(({ partNumber, size, etag, sha256 }) => {
    const found = byNumber.get(partNumber);
    const digest = found?.ChecksumSHA256;
    return (
      found?.Size !== size ||
      found.ETag?.replaceAll('"', '') !== etag ||
      (digest !== undefined && Buffer.from(digest, 'base64').toString('hex') !== sha256)
    );
  });
  if (wrong.length === 0) return;
  const numbers = wrong.slice(0, 10).map(({ partNumber }) => partNumber);
  throw new VaultError(
    'part_mismatch',
    `${wrong.length} of ${parts.length} parts are not stored as named, among them ${numbers.join(', ')}; compare the part ledger.`,
  );
}

/** S3 knows no multipart upload without parts; an empty object is put as such, and the upload removed by the caller. */
async function completeEmpty(context: CompletionContext, transfer: Transfer): Promise<ObjectVersion> {
  const { engine, layout, integrity, encryption } = context;
  const address = layout.object(transfer.key);
  const made = (await versionsOf(engine, address)).find(({ Size }) => Size === 0);
  if (made?.VersionId !== undefined) return { key: transfer.key, versionId: made.VersionId, size: 0 };
  const body = Buffer.alloc(0);
  const sha256 = hash('sha256', body, 'hex');
  const fields = { ...address, Body: body, ...digestFields(integrity, body, sha256), ...encryptionFields(encryption) };
  const { VersionId } = await engine.call('Completing an empty transfer', 'repeatable', (client, abort) =>
    client.send(signing(new PutObjectCommand(fields), sha256), abort),
  );
  if (VersionId === undefined) throw unversioned(layout.bucket);
  return { key: transfer.key, versionId: VersionId, size: 0 };
}

/**
 * The version that these parts made. Its key is used by this transfer only, but whoever may write to the bucket may have put another version
 * beside it; so size and composite digest decide, the oldest that matches wins, and the seal reads every byte back in any case.
 */
async function adopt(
  context: CompletionContext,
  transfer: Transfer,
  parts: readonly StoredPart[],
  size: number,
): Promise<ObjectVersion> {
  const { engine, layout } = context;
  const address = layout.object(transfer.key);
  const versions = await versionsOf(engine, address);
  for (const { VersionId, Size, ETag } of versions) {
    if (VersionId === undefined || Size !== size) continue;
    if (await isMadeOf(context, { ...address, VersionId }, ETag ?? '', parts))
      return { key: transfer.key, versionId: VersionId, size };
  }
  throw versions.length > 0
    ? new VaultError(
        'part_mismatch',
        'The transfer was completed from other parts than these; compare the part ledger.',
      )
    : new VaultError('not_found', 'The transfer is neither under way nor completed; it was aborted or never begun.');
}

async function isMadeOf(
  { engine, integrity }: CompletionContext,
  address: { readonly Bucket: string; readonly Key: string; readonly VersionId: string },
  etag: string,
  parts: readonly StoredPart[],
): Promise<boolean> {
  if (parts.length === 0) return true;
  if (integrity === 'checksum') {
    const { ChecksumSHA256 } = await engine.call('Looking at an object', 'repeatable', (client, abort) =>
      client.send(new HeadObjectCommand({ ...address, ChecksumMode: 'ENABLED' }), abort),
    );
    if (ChecksumSHA256 !== undefined)
      return (
        ChecksumSHA256 ===
        compositeOf(
          'sha256',
          parts.map(({ sha256 }) => sha256),
          'base64',
        )
      );
  }
  const found = etag.replaceAll('"', '');
  if (
    found ===
    compositeOf(
      'md5',
      parts.map((part) => part.etag),
      'hex',
    )
  )
    return true;
  // Of encrypted objects ETags need not be digests. What the object itself shows counts: the bucket may encrypt by default, and what is asked for
  // may have changed since. Then only the number of parts can be compared.
  return found.endsWith(`-${parts.length}`) && (await encryptionOf(engine, address)) !== null;
}

/** The digest S3 gives a multipart object: that of its parts' digests, and their number. It is never the file's. */
function compositeOf(algorithm: 'md5' | 'sha256', digests: readonly string[], encoding: 'hex' | 'base64'): string {
  const all = Buffer.concat(digests.map((digest) => Buffer.from(digest, 'hex')));
  return `${hash(algorithm, all, encoding)}-${digests.length}`;
}

export const unversioned = (bucket: string): VaultError =>
  new VaultError(
    'invalid',
    `The bucket ${bucket} keeps no versions; \`fengcun-vault check\` makes one that does, with Object Lock.`,
  );
