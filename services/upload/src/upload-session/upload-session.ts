import {
  type Database,
  declareLength,
  finishUpload,
  type LedgerPart,
  notifyChange,
  recordProgress,
  type UploadRecord,
} from '@fengcun/catalog';
import { type Clock, giveBack, type Logger } from '@fengcun/runtime';
import { parseObjectKey, type Transfer, type Vault } from '@fengcun/vault';
import type { BodyReader } from './body-reader.ts';
import { type CutReason, UploadError } from './errors.ts';
import { OpenPart } from './open-part.ts';
import type { TailDigests } from './tail-digests.ts';

/** What a session works with. */
export interface SessionContext {
  readonly catalog: Database;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'warn'>;
  readonly tails: TailDigests;
  /** ms a resumed upload lives on without progress */
  readonly expiryMs: number;
  readonly onBytes: (bytes: number) => void;
}

/** A check on a whole request's bytes: they count only if it holds. */
export interface BodyCheck {
  update(chunk: Buffer): void;
  matches(): boolean;
}

/** How a request's body ended. Whatever the outcome, `UploadSession.offset` is what is durable now. */
export type ReceiveOutcome =
  | { readonly kind: 'taken' }
  /** the bytes are not those the sender's checksum names; none of them counts */
  | { readonly kind: 'checksum_differs' }
  /** more bytes than the upload's length; those of the part they broke are not kept, and the upload is not complete */
  | { readonly kind: 'too_long' }
  | { readonly kind: 'idle' }
  | { readonly kind: 'connection_lost' }
  | { readonly kind: 'cut'; readonly reason: CutReason };

const notifyEveryMs = 500;

/**
 * bytes; probe and proxy read a recording as soon as it is sealed, and one up to here not from the disk then. For longer ones the cache costs
 * more than it saves: where it is full, as on every server, a gigabyte written through it takes the processor as long as receiving it twice.
 */
const playedFromMemory = 64 * 1024 ** 2;

/**
 * The right to write to one upload, held by one request: takes bytes, fills parts, and acknowledges only what is durable both in the
 * vault and in the ledger of parts. Protocol-free; obtained from `UploadSessions`.
 *
 * At most two parts are in hand: one being made durable, one being filled. Whole-file digests are not computed here: the ledger of
 * parts proves what was received, and sealing reads every byte back anyway.
 */
export class UploadSession {
  readonly upload: UploadRecord;
  readonly #context: SessionContext;
  readonly #transfer: Transfer;
  #size: number | null;
  /** bytes durable and recorded */
  #durable: number;
  /** bytes taken, durable or not */
  #taken: number;
  #part: OpenPart | null = null;
  /** the commit of the part before the one being filled; never rejects */
  #committing: Promise<void> | null = null;
  #failure: { readonly error: unknown } | null = null;
  /** parts durable in the vault that wait for their request's checksum */
  #unverified: LedgerPart[] | null = null;
  #cut: CutReason | null = null;
  #reader: BodyReader | null = null;
  #complete = false;
  #notifiedAt = 0;

  constructor(upload: UploadRecord, context: SessionContext) {
    this.upload = upload;
    this.#context = context;
    this.#size = upload.size;
    this.#durable = upload.durableOffset;
    this.#taken = upload.durableOffset;
    this.#transfer = {
      key: parseObjectKey(upload.vaultKey),
      id: upload.vaultTransfer,
      partSize: upload.partSize,
    };
  }

  /** bytes that are durable from 0 without a gap */
  get offset(): number {
    return this.#durable;
  }

  /** null while the length is deferred */
  get size(): number | null {
    return this.#size;
  }

  get complete(): boolean {
    return this.#complete;
  }

  /** Stops the session from outside. What has arrived is kept; `receive` answers `cut`. */
  cutOff(reason: CutReason): void {
    this.#cut ??= reason;
    this.#reader?.stop();
  }

  get cut(): CutReason | null {
    return this.#cut;
  }

  /** Fixes a deferred length. Rejects `length_fixed`, `length_too_small`, `superseded`. */
  async declareLength(size: number): Promise<void> {
    if (this.#size !== null) {
      if (this.#size === size) return;
      throw new UploadError('length_fixed');
    }
    if (size < this.#durable) throw new UploadError('length_too_small');
    const { id, leaseToken } = this.upload;
    if (!(await declareLength(this.#context.catalog, { uploadId: id, token: leaseToken, size })))
      throw new UploadError('superseded');
    this.#size = size;
  }

  /**
   * Takes a body at the present offset until it ends, at most up to `limit` (an offset, when the length is not known). Rejects with
   * the vault's or the database's error when bytes could not be made durable; those acknowledged before stay.
   */
  async receive(
    reader: BodyReader,
    options: { readonly limit: number; readonly check?: BodyCheck | undefined },
  ): Promise<ReceiveOutcome> {
    this.#reader = reader;
    if (this.#cut !== null) reader.stop();
    this.#unverified = options.check ? [] : null;
    try {
      return await this.#receive(reader, this.#size ?? options.limit, options.check);
    } catch (error) {
      await this.#abandon();
      throw error;
    } finally {
      this.#reader = null;
      reader.release();
    }
  }

  async #receive(reader: BodyReader, end: number, check: BodyCheck | undefined): Promise<ReceiveOutcome> {
    for (;;) {
      const event = await reader.next();
      this.#throwFailure();
      switch (event.kind) {
        case 'chunks':
          for (const chunk of event.chunks) {
            if (this.#taken + chunk.length > end) {
              await this.#take(chunk.subarray(0, end - this.#taken));
              await this.#abandon();
              return { kind: 'too_long' };
            }
            check?.update(chunk);
            await this.#take(chunk);
            giveBack(chunk);
          }
          break;
        case 'end':
          if (check && !check.matches()) {
            await this.#abandon();
            return { kind: 'checksum_differs' };
          }
          await this.#settle();
          return { kind: 'taken' };
        default: {
          // Without the rest of the body its checksum says nothing: bytes that cannot be verified are not kept.
          if (check) await this.#abandon();
          else await this.#settle();
          if (event.kind === 'idle') return { kind: 'idle' };
          if (event.kind === 'lost') return { kind: 'connection_lost' };
          return { kind: 'cut', reason: this.#cut ?? 'superseded' };
        }
      }
    }
  }

  async #take(chunk: Buffer): Promise<void> {
    const { partSize } = this.#transfer;
    let rest = chunk;
    while (rest.length > 0) {
      // A full part is committed when the next byte comes, not before: the last part must wait for the body's end, because a body
      // that goes on past the announced length must not complete the upload.
      if (this.#part?.length === partSize) await this.#rotate();
      const part = await this.#openPart();
      const piece = rest.subarray(0, partSize - part.length);
      this.#taken += piece.length;
      this.#context.onBytes(piece.length);
      await part.write(piece);
      rest = rest.subarray(piece.length);
    }
  }

  async #openPart(): Promise<OpenPart> {
    if (this.#part) return this.#part;
    const { id, leaseToken } = this.upload;
    const { partSize } = this.#transfer;
    const partNumber = Math.floor(this.#taken / partSize) + 1;
    const length = this.#taken % partSize;
    const digest = length > 0 ? this.#context.tails.take(id, { token: leaseToken, partNumber, length }) : undefined;
    const readSoon = (this.#size ?? this.#taken) <= playedFromMemory;
    this.#part = await OpenPart.open(this.#context.vault, this.#transfer, partNumber, length, digest, { readSoon });
    return this.#part;
  }

  /** Begins to commit the full part while the next one is filled; waits for the one before, so that two are in hand at most. */
  async #rotate(): Promise<void> {
    const part = this.#part;
    if (!part) return;
    await this.#committed();
    this.#part = null;
    const offset = this.#taken;
    this.#committing = this.#commit(part, offset).catch((error: unknown) => {
      this.#failure ??= { error };
      this.#reader?.stop();
    });
  }

  async #commit(part: OpenPart, offset: number): Promise<void> {
    const stored = await part.commit();
    if (this.#unverified) this.#unverified.push(stored);
    else await this.#record([stored], offset, 0);
  }

  /** The commit under way, if any, has been recorded. */
  async #committed(): Promise<void> {
    await this.#committing;
    this.#committing = null;
    this.#throwFailure();
  }

  /** Makes everything taken durable: the last part completes the upload, an unfinished one is kept as a tail. */
  async #settle(): Promise<void> {
    await this.#committed();
    const { partSize } = this.#transfer;
    const verified = this.#unverified ?? [];
    if (this.#taken === this.#size) return this.#finish(verified);
    const part = this.#part;
    this.#part = null;
    if (!part) {
      if (this.#taken > this.#durable) await this.#record(verified, this.#taken, 0);
    } else if (part.length === partSize) {
      await this.#record([...verified, await part.commit()], this.#taken, 0);
    } else {
      const digest = await part.keep();
      const { id, leaseToken } = this.upload;
      await this.#record(verified, this.#taken, part.length);
      this.#context.tails.keep(id, { token: leaseToken, partNumber: part.partNumber, length: part.length, digest });
    }
    this.#notify(true);
  }

  /** The last byte is here: commits the last part and completes the upload, with what sealing needs, in one transaction. */
  async #finish(verified: readonly LedgerPart[]): Promise<void> {
    const { partSize } = this.#transfer;
    const { id, leaseToken, unitId, offloadId, name } = this.upload;
    const parts = [...verified];
    if (this.#part || this.#taken % partSize > 0) {
      const part = await this.#openPart();
      this.#part = null;
      parts.push(await part.commit());
    }
    const only = this.#taken <= partSize ? parts.find(({ partNumber }) => partNumber === 1) : undefined;
    const now = this.#context.clock.now();
    await this.#context.catalog.transaction().execute(async (trx) => {
      const finished = await finishUpload(trx, {
        uploadId: id,
        token: leaseToken,
        parts,
        offset: this.#taken,
        tailLength: 0,
        receivedSha256: only ? Buffer.from(only.sha256, 'hex') : null,
        expiresAt: now,
        now,
      });
      if (!finished) throw new UploadError('superseded');
      const size = this.#taken;
      await notifyChange(trx, {
        kind: 'upload',
        id,
        unit: unitId,
        offload: offloadId,
        name,
        state: 'received',
        offset: size,
        size,
      });
    });
    this.#durable = this.#taken;
    this.#complete = true;
    this.#context.tails.forget(id);
  }

  async #record(parts: readonly LedgerPart[], offset: number, tailLength: number): Promise<void> {
    const { catalog, clock, expiryMs } = this.#context;
    const now = clock.now();
    const recorded = await recordProgress(catalog, {
      uploadId: this.upload.id,
      token: this.upload.leaseToken,
      parts,
      offset,
      tailLength,
      expiresAt: new Date(now.getTime() + expiryMs),
      now,
    });
    if (!recorded) throw new UploadError('superseded');
    this.#durable = offset;
    this.#notify(false);
  }

  /** Forgets what is not recorded. Never throws: there is already something else to say. */
  async #abandon(): Promise<void> {
    await this.#committing;
    this.#committing = null;
    await this.#part?.discard();
    this.#part = null;
    this.#unverified = null;
    this.#taken = this.#durable;
  }

  #throwFailure(): void {
    if (this.#failure) throw this.#failure.error;
  }

  /** Tells open pages, about twice a second at most; a hint that may get lost. */
  #notify(always: boolean): void {
    const now = performance.now();
    if (!always && now - this.#notifiedAt < notifyEveryMs) return;
    this.#notifiedAt = now;
    const { id, unitId, offloadId, name } = this.upload;
    notifyChange(this.#context.catalog, {
      kind: 'upload',
      id,
      unit: unitId,
      offload: offloadId,
      name,
      state: 'receiving',
      offset: this.#durable,
      size: this.#size,
    }).catch((error: unknown) => this.#context.log.warn({ err: error }, 'progress could not be announced'));
  }
}
