import { hash, randomUUID } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectRetentionCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { VaultError } from '../../errors.ts';
import type { Engine } from '../engine.ts';
import { digestFields, type Integrity, signing } from '../integrity.ts';
import type { Layout } from '../layout.ts';
import { type Encryption, encryptionFields } from '../options.ts';
import { readObject } from '../read-object.ts';
import { listVersions, versionsOf } from '../versions.ts';

export interface ProbeContext {
  readonly engine: Engine;
  readonly layout: Layout;
  readonly integrity: Integrity;
  readonly encryption: Encryption;
}

/** An object made to be attacked. Its name is the SHA-256 of its content, so that a later probe can use it again. */
export interface Dummy {
  readonly Bucket: string;
  readonly Key: string;
  readonly VersionId: string;
  readonly content: Buffer;
  readonly madeAt: Date;
}

export interface Lock {
  readonly mode: string;
  readonly until: Date;
}

/** ms; a dummy whose lock ends sooner is not used again */
const LEFT = 10 * 60 * 1000;

/**
 * A dummy under `probe/KIND/` in the locked bucket: one of an earlier probe that is still locked, or a new one, made the way originals are made.
 * Locked objects cannot be removed, and a service that restarts often must not fill the bucket with them: so there is one of a kind a day.
 */
export async function lockedDummy(context: ProbeContext, kind: string, lock: LockAtCreation | null): Promise<Dummy> {
  const { engine, layout, encryption } = context;
  // One that was encrypted otherwise would show nothing about what is asked for now.
  const kindOfDummy = encryption.kind === 'none' ? kind : `${kind}-${encryption.kind}`;
  for await (const { versions } of listVersions(engine, layout.bucket, `${layout.probes}${kindOfDummy}/`)) {
    for (const { Key, VersionId, LastModified } of versions) {
      if (Key === undefined || VersionId === undefined || LastModified === undefined) continue;
      const found = { Bucket: layout.bucket, Key, VersionId };
      const content = await contentOf(context, found).catch(() => null);
      if (content === null || !Key.endsWith(`/${hash('sha256', content, 'hex')}`)) continue;
      const present = await lockOf(engine, found);
      if (present !== null && present.until.getTime() - Date.now() > LEFT)
        return { ...found, content, madeAt: LastModified };
    }
  }
  return newDummy(context, kindOfDummy, lock);
}

export type LockAtCreation = Pick<PutObjectCommandInput, 'ObjectLockMode' | 'ObjectLockRetainUntilDate'>;

async function newDummy(context: ProbeContext, kind: string, lock: LockAtCreation | null): Promise<Dummy> {
  const { engine, layout, integrity, encryption } = context;
  const { content, sha256 } = newContent();
  const address = { Bucket: layout.bucket, Key: `${layout.probes}${kind}/${sha256}` };
  const checksum = integrity === 'checksum' ? ({ ChecksumAlgorithm: 'SHA256' } as const) : {};
  const { UploadId } = await engine.call('Making a probe', 'if_refused', (client, abort) =>
    client.send(
      new CreateMultipartUploadCommand({ ...address, ...checksum, ...encryptionFields(encryption), ...lock }),
      abort,
    ),
  );
  const upload = { ...address, UploadId };
  try {
    const digest = digestFields(integrity, content, sha256);
    const { ETag } = await engine.call('Making a probe', 'repeatable', (client, abort) =>
      client.send(
        signing(new UploadPartCommand({ ...upload, PartNumber: 1, Body: content, ...digest }), sha256),
        abort,
      ),
    );
    const part = { PartNumber: 1, ETag, ...('ChecksumSHA256' in digest ? digest : {}) };
    await engine.call('Making a probe', 'repeatable', (client, abort) =>
      client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts: [part] } }), abort),
    );
  } catch (error) {
    await engine
      .call('Giving up a probe', 'never', (client, abort) =>
        client.send(new AbortMultipartUploadCommand(upload), abort),
      )
      .catch(() => undefined);
    throw error;
  }
  const made = (await versionsOf(engine, address)).at(-1);
  if (made?.VersionId === undefined)
    throw new VaultError('not_found', 'An object that was completed a moment ago is not there.');
  return { ...address, VersionId: made.VersionId, content, madeAt: made.LastModified ?? new Date() };
}

/** A dummy put whole, locked for moments: it can be removed when the probe is over. */
export async function passingDummy(context: ProbeContext, fields: Partial<PutObjectCommandInput>): Promise<Dummy> {
  const { engine, layout, integrity, encryption } = context;
  const { content, sha256 } = newContent();
  const address = { Bucket: layout.bucket, Key: `${layout.probes}passing/${sha256}` };
  const all = {
    ...address,
    Body: content,
    ...digestFields(integrity, content, sha256),
    ...encryptionFields(encryption),
    ...fields,
  };
  const { VersionId } = await engine.call('Making a probe', 'repeatable', (client, abort) =>
    client.send(signing(new PutObjectCommand(all), sha256), abort),
  );
  if (VersionId === undefined) throw new VaultError('invalid', 'The engine names no version for a new object.');
  return { ...address, VersionId, content, madeAt: new Date() };
}

/** Removes what earlier probes had to leave because it was locked then. What still is stays for a later one. */
export async function removeOldDummies({ engine, layout }: ProbeContext): Promise<void> {
  for await (const { versions, markers } of listVersions(engine, layout.bucket, layout.probes)) {
    for (const { Key, VersionId } of [...versions, ...markers]) {
      await engine
        .call('Removing a probe', 'never', (client, abort) =>
          client.send(new DeleteObjectCommand({ Bucket: layout.bucket, Key, VersionId }), abort),
        )
        .catch(() => undefined);
    }
  }
}

export async function contentOf(
  { engine }: ProbeContext,
  { Bucket, Key, VersionId }: Omit<Dummy, 'content' | 'madeAt'>,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of readObject(engine, { Bucket, Key, VersionId }, SIZE, { start: 0, end: SIZE }))
    chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The retention the engine shows, or null for none. Rejects `not_found` for a version that is gone. */
export async function lockOf(
  engine: Engine,
  { Bucket, Key, VersionId }: Omit<Dummy, 'content' | 'madeAt'>,
): Promise<Lock | null> {
  const { Retention } = await engine.call('Reading the lock of a probe', 'repeatable', (client, abort) =>
    client.send(new GetObjectRetentionCommand({ Bucket, Key, VersionId }), abort),
  );
  const { Mode, RetainUntilDate } = Retention ?? {};
  return Mode === undefined || RetainUntilDate === undefined ? null : { mode: Mode, until: RetainUntilDate };
}

const TEXT = 'Fengcun probes its vault with this object, which may be removed: ';
/** bytes of every dummy */
const SIZE = TEXT.length + 36;

function newContent(): { readonly content: Buffer; readonly sha256: string } {
  const content = Buffer.from(TEXT + randomUUID());
  return { content, sha256: hash('sha256', content, 'hex') };
}
