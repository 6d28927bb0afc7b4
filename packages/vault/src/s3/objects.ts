import { hash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { VaultError } from '../errors.ts';
import type { ByteRange, ObjectKey, ObjectVersion, WrittenKind } from '../port.ts';
import { unversioned } from './completion.ts';
import type { Engine } from './engine.ts';
import { digestFields, type Integrity, signing } from './integrity.ts';
import { addressOf, type Layout } from './layout.ts';
import type { S3Locks } from './locks.ts';
import { type Encryption, encryptionFields } from './options.ts';
import { readObject } from './read-object.ts';

export interface ObjectsContext {
  readonly engine: Engine;
  readonly layout: Layout;
  readonly integrity: Integrity;
  readonly encryption: Encryption;
  readonly locks: S3Locks;
  readonly scratchDir: string | undefined;
}

/** bytes; what `write` gathers before it sends, two at a time: one on its way, one filling */
const PIECE = 8 * 1024 * 1024;
/** bytes; as the port promises */
const LARGEST_CHUNK = 1024 * 1024;

type Target = { readonly Bucket: string; readonly Key: string };

/** Completed objects: written whole, read, removed when nothing protects them. */
export class S3Objects {
  readonly #context: ObjectsContext;

  constructor(context: ObjectsContext) {
    this.#context = context;
  }

  async write(key: ObjectKey, source: AsyncIterable<Uint8Array>, kind: WrittenKind): Promise<ObjectVersion> {
    const { layout } = this.#context;
    if (kind === 'derivative') {
      const { versionId, ...target } = layout.newDerivative(key);
      const { size } = await this.#store(target, source);
      return { key, versionId, size };
    }
    const { versionId, size } = await this.#store(layout.object(key), source);
    if (versionId === undefined) throw unversioned(layout.bucket);
    return { key, versionId, size };
  }

  async *read(version: ObjectVersion, range: ByteRange): AsyncIterable<Uint8Array> {
    const { start, end } = range;
    if (
      !(Number.isSafeInteger(start) && Number.isSafeInteger(end) && 0 <= start && start <= end && end <= version.size)
    ) {
      throw new VaultError('invalid', `There are no bytes [${start}, ${end}) in an object of ${version.size} bytes.`);
    }
    if (start === end) {
      await this.#assertSize(version);
      return;
    }
    const address = addressOf(this.#context.layout.placeOf(version));
    for await (const chunk of readObject(this.#context.engine, address, version.size, range)) {
      if (chunk.length <= LARGEST_CHUNK) yield chunk;
      else for (let at = 0; at < chunk.length; at += LARGEST_CHUNK) yield chunk.subarray(at, at + LARGEST_CHUNK);
    }
  }

  async stat(version: Pick<ObjectVersion, 'key' | 'versionId'>): Promise<{ readonly size: number }> {
    const { engine, layout } = this.#context;
    const address = addressOf(layout.placeOf(version));
    const { ContentLength } = await engine.call('Looking at an object', 'repeatable', (client, abort) =>
      client.send(new HeadObjectCommand(address), abort),
    );
    if (ContentLength === undefined)
      throw new VaultError('unavailable', 'Looking at an object: the engine names no size; retry.');
    return { size: ContentLength };
  }

  async openLocal(version: ObjectVersion): Promise<{ readonly path: string; release(): Promise<void> }> {
    const { scratchDir } = this.#context;
    await this.#assertSize(version);
    const directory = join(scratchDir ?? tmpdir(), `fengcun-vault-${randomUUID()}`);
    const path = join(directory, 'object');
    const release = () => rm(directory, { recursive: true, force: true });
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const content = this.read(version, { start: 0, end: version.size });
      await pipeline(
        Readable.from(content, { objectMode: true, highWaterMark: 4 }),
        createWriteStream(path, { flags: 'wx', mode: 0o400 }),
      );
    } catch (error) {
      await release();
      if (error instanceof VaultError) throw error;
      throw new VaultError(
        'unavailable',
        `A local copy could not be written to ${directory}; free space there or name another directory.`,
        { cause: error },
      );
    }
    return { path, release };
  }

  async delete(version: ObjectVersion): Promise<void> {
    const { engine, layout, locks } = this.#context;
    const place = layout.placeOf(version);
    // Asked before, too: an engine that does not hold its locks must not be told to remove what is locked.
    if (!(await locks.assertDeletable(version))) return;
    try {
      await engine.call('Deleting an object', 'repeatable', (client, abort) =>
        client.send(new DeleteObjectCommand(addressOf(place)), abort),
      );
    } catch (error) {
      if (error instanceof VaultError && error.code === 'not_found') return;
      // Engines refuse in many words (AccessDenied, InvalidRequest, ObjectLocked): what the object then shows says why.
      await locks.assertDeletable(version);
      throw error;
    }
  }

  async #assertSize(version: ObjectVersion): Promise<void> {
    const { size } = await this.stat(version);
    if (size !== version.size) {
      throw new VaultError('corrupt', `The engine has ${size} bytes of the object, but ${version.size} were stored.`);
    }
  }

  async #store(
    target: Target,
    source: AsyncIterable<Uint8Array>,
  ): Promise<{ readonly versionId: string | undefined; readonly size: number }> {
    const { engine, encryption, integrity } = this.#context;
    let upload: MultipartWrite | null = null;
    let sending: Promise<void> = Promise.resolve();
    let size = 0;
    try {
      for await (const { piece, last } of piecesOf(source)) {
        size += piece.length;
        if (last && upload === null) {
          const sha256 = hash('sha256', piece, 'hex');
          const fields = {
            ...target,
            Body: piece,
            ...digestFields(integrity, piece, sha256),
            ...encryptionFields(encryption),
          };
          const { VersionId } = await engine.call('Writing an object', 'repeatable', (client, abort) =>
            client.send(signing(new PutObjectCommand(fields), sha256), abort),
          );
          return { versionId: VersionId, size };
        }
        upload ??= await MultipartWrite.begin(this.#context, target);
        await sending;
        sending = upload.send(piece);
        sending.catch(() => undefined);
      }
      await sending;
      if (upload === null) throw new VaultError('invalid', 'There was nothing to write.');
      return { versionId: await upload.complete(), size };
    } catch (error) {
      await sending.catch(() => undefined);
      await upload?.abort();
      throw error;
    }
  }
}

/** A large object on its way: pieces in order, each sent with its digest. */
class MultipartWrite {
  readonly #context: ObjectsContext;
  readonly #upload: Target & { readonly UploadId: string };
  readonly #parts: CompletedPart[] = [];

  private constructor(context: ObjectsContext, upload: Target & { readonly UploadId: string }) {
    this.#context = context;
    this.#upload = upload;
  }

  static async begin(context: ObjectsContext, target: Target): Promise<MultipartWrite> {
    const { engine, integrity, encryption } = context;
    const checksum = integrity === 'checksum' ? ({ ChecksumAlgorithm: 'SHA256' } as const) : {};
    const { UploadId } = await engine.call('Writing an object', 'if_refused', (client, abort) =>
      client.send(new CreateMultipartUploadCommand({ ...target, ...checksum, ...encryptionFields(encryption) }), abort),
    );
    if (UploadId === undefined)
      throw new VaultError('unavailable', 'Writing an object: the engine named no upload; retry.');
    return new MultipartWrite(context, { ...target, UploadId });
  }

  async send(piece: Buffer): Promise<void> {
    const { engine, integrity } = this.#context;
    const PartNumber = this.#parts.length + 1;
    const sha256 = hash('sha256', piece, 'hex');
    const digest = digestFields(integrity, piece, sha256);
    const part: CompletedPart = { PartNumber, ...('ChecksumSHA256' in digest ? digest : {}) };
    this.#parts.push(part);
    const { ETag } = await engine.call('Writing an object', 'repeatable', (client, abort) =>
      client.send(
        signing(new UploadPartCommand({ ...this.#upload, PartNumber, Body: piece, ...digest }), sha256),
        abort,
      ),
    );
    part.ETag = ETag;
  }

  /** Not repeated after an answer was lost: the caller writes again, under a name or a version of its own. */
  async complete(): Promise<string | undefined> {
    const { VersionId } = await this.#context.engine.call('Writing an object', 'if_refused', (client, abort) =>
      client.send(
        new CompleteMultipartUploadCommand({ ...this.#upload, MultipartUpload: { Parts: this.#parts } }),
        abort,
      ),
    );
    return VersionId;
  }

  /** Never rejects: what it leaves is listed among the unfinished uploads. */
  async abort(): Promise<void> {
    await this.#context.engine
      .call('Giving up an object', 'repeatable', (client, abort) =>
        client.send(new AbortMultipartUploadCommand(this.#upload), abort),
      )
      .catch(() => undefined);
  }
}

/** Gathers a source into pieces of equal size, and says which one is the last. An empty source is one empty piece. */
async function* piecesOf(
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<{ readonly piece: Buffer; readonly last: boolean }> {
  let piece = Buffer.allocUnsafeSlow(PIECE);
  let length = 0;
  for await (const chunk of source) {
    for (let rest = chunk; rest.length > 0; ) {
      // Given away only when more follows, so that the last piece is known as such.
      if (length === PIECE) {
        yield { piece, last: false };
        piece = Buffer.allocUnsafeSlow(PIECE);
        length = 0;
      }
      const taken = rest.subarray(0, PIECE - length);
      piece.set(taken, length);
      length += taken.length;
      rest = rest.subarray(taken.length);
    }
  }
  yield { piece: piece.subarray(0, length), last: true };
}
