/**
 * The vault port: immutable object storage as Fengcun needs it, and nothing an engine cannot honestly promise.
 *
 * An original arrives as a *transfer* of numbered parts (an S3 multipart upload; a preallocated staging file on disk), is
 * completed once into an *object version*, and is then only ever read, locked longer, or - after expiry - deleted.
 * Every driver passes the same suite: `@fengcun/vault/conformance`.
 */

/**
 * Where an object lives, relative to the vault: lower-case path segments, never derived from a user's file name. Made by
 * `parseObjectKey`; a driver checks it again.
 */
export type ObjectKey = string & { readonly ObjectKey: unique symbol };

/** One immutable version of an object. Everything that reads must name the version it reads. */
export interface ObjectVersion {
  readonly key: ObjectKey;
  readonly versionId: string;
  /** bytes */
  readonly size: number;
}

/** A transfer under way. `id` is the driver's own (the S3 UploadId); both are stored by the caller before any byte is sent. */
export interface Transfer {
  readonly key: ObjectKey;
  readonly id: string;
  /** bytes; every part but the last has exactly this size, so a part's place is a pure function of its number */
  readonly partSize: number;
}

/** What a driver itself knows of a transfer that is neither completed nor aborted; see `Vault.transfers`. */
export interface UnfinishedTransfer {
  readonly key: ObjectKey;
  readonly id: string;
  /** as the engine's clock has it */
  readonly startedAt: Date;
}

/** A part the vault has acknowledged as durable. */
export interface StoredPart {
  /** 1-based */
  readonly partNumber: number;
  /** bytes */
  readonly size: number;
  /** SHA-256 of the part, lower-case hex, as the caller computed it while the bytes passed */
  readonly sha256: string;
  /** the engine's name for what it stored; compared, never trusted as a digest */
  readonly etag: string;
}

/**
 * Takes the bytes of one part in order. Exactly one of `commit`, `keep` or `discard` ends it. Any failure is final: nothing
 * of what this writer took is acknowledged, and only `discard` makes sense after it.
 */
export interface PartWriter {
  /**
   * Resolves when more may be written (back-pressure); the chunk is the caller's again then. One call at a time. Rejects `invalid` beyond
   * the part size and `superseded` once the part was opened again; a failed write may surface at the next call.
   */
  write(chunk: Uint8Array): Promise<void>;
  /** Ends the part: resolves once all its bytes are durable. `sha256` (hex) covers tail and new bytes together. */
  commit(sha256: string): Promise<StoredPart>;
  /** Makes the bytes so far durable as the part's *tail* (see `readTail`), to be continued by a later `openPart`. */
  keep(): Promise<void>;
  /** Forgets the bytes written through this writer; an earlier tail stays. Never throws. */
  discard(): Promise<void>;
}

/** Half-open byte range [start, end). */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export type RetentionMode = 'compliance';

/** What the engine itself says protects a version, read back from it, never remembered. */
export interface Protection {
  readonly mode: RetentionMode | 'none';
  readonly retainUntil: Date | null;
  readonly legalHold: boolean;
}

/** What this driver on this engine can do; proved at start-up by `probe`, not assumed. */
export interface Capabilities {
  /** `enforced`: the engine refuses deletion to everybody with API access. `advisory`: it stops programs, not root. */
  readonly protection: 'enforced' | 'advisory';
  /** Parts of an unfinished transfer can be read back (`readPart`), so digesting may run ahead of completion. */
  readonly readsStagedParts: boolean;
  /** bytes; the smallest size allowed for a part that is not the last */
  readonly minPartSize: number;
  readonly maxParts: number;
  /**
   * The engine locks completed transfers and `record`s by itself the moment they exist (a bucket's default retention), so that nothing
   * can remove them before `retain` is called. They show that lock in `protection`, and `delete` rejects `retained` until it has run out.
   */
  readonly bornRetained: boolean;
}

/**
 * What an object written whole is to the vault. A `derivative` can be made again and is kept where it can be removed at any time; it cannot
 * be retained on every driver. A `record` belongs to the evidence, is kept where originals are and can be locked like them.
 */
export type WrittenKind = 'derivative' | 'record';

/**
 * An object that somebody tried to delete: the engine keeps the bytes and answers by version as before, but no longer shows the key to whoever
 * does not name a version (an S3 delete marker). Nothing in this program does that: raise an alarm.
 */
export interface ConcealedObject {
  readonly key: ObjectKey;
  /** the engine's name for the marker */
  readonly marker: string;
  /** as the engine's clock has it */
  readonly since: Date;
}

/** One line of the start-up probe: three states, because what was not tried has not passed. */
export interface ProbeFinding {
  readonly check: string;
  readonly outcome: 'passed' | 'failed' | 'not_checked';
  readonly detail: string;
  /** a failed `must` keeps the service from starting */
  readonly must: boolean;
}

export interface ReadOptions {
  /**
   * The bytes are to come from the medium and not from this machine's memory of having written them, where the driver can do that: for
   * whoever wants to know what is stored. Dearer than the cache for bytes that are read again soon. An engine on a network is asked anyway.
   */
  readonly fromMedium?: boolean;
}

export interface OpenPartOptions {
  /**
   * The bytes will be read again soon, so a driver that can go around this machine's memory keeps them there. Not for recordings of gigabytes:
   * they would push everything else out.
   */
  readonly readSoon?: boolean;
}

/** All methods reject with `VaultError`. Methods that name a version never act on any other version of the key. */
export interface Vault {
  readonly driver: 'disk' | 's3';
  readonly capabilities: Capabilities;

  /** Begins a transfer. The key must be fresh: uniqueness is decided by the caller's database. */
  createTransfer(key: ObjectKey, partSize: number): Promise<Transfer>;
  /**
   * Opens a part for writing. `tailLength` > 0 continues after that many bytes kept earlier; 0 starts the part afresh.
   * A part committed before counts as not stored from now on, whether or not the new writer commits. A writer this vault
   * opened earlier for the same part is cut off (`superseded`) before the new one may write; writers in other processes
   * are fenced by the caller's database. Rejects `incomplete` (tail shorter than asked), `not_found`, `exists` (completed),
   * `no_space`, `read_only`, `invalid`. A transfer that another process ended may be noticed only when the part is committed.
   *
   * A tail outlives the commit of its own part until the next `openPart` of that part or the end of the transfer: a caller that
   * dies between a commit and writing it down goes on from the tail it knows of.
   */
  openPart(transfer: Transfer, partNumber: number, tailLength: number, options?: OpenPartOptions): Promise<PartWriter>;
  /** The first `length` bytes of a part kept by `PartWriter.keep`, to restore a digest after a restart. */
  readTail(transfer: Transfer, partNumber: number, length: number): AsyncIterable<Uint8Array>;
  /** Bytes of a committed part of an unfinished transfer; only where `capabilities.readsStagedParts`. */
  readPart(transfer: Transfer, part: StoredPart): AsyncIterable<Uint8Array>;
  /**
   * Makes the object from exactly these parts, or adopts it when an earlier call already did and its answer was lost.
   * An empty list makes an empty object. Rejects `part_mismatch` when size or parts disagree with what is stored.
   */
  complete(transfer: Transfer, parts: readonly StoredPart[]): Promise<ObjectVersion>;
  /** Removes an unfinished transfer and its parts; a transfer already gone is fine. Never touches a completed object. */
  abort(transfer: Pick<Transfer, 'key' | 'id'>): Promise<void>;
  /**
   * The transfers that were begun and not ended, in no order: what a reconciler compares with the database to find those whose
   * creator died before it could write them down.
   */
  transfers(): AsyncIterable<UnfinishedTransfer>;

  /**
   * Stores an object whole; a key written again gets a new version. Bounded memory. Default kind: `derivative`. A chunk is the vault's until
   * it asks for the next one; then its source may use the memory again.
   */
  write(key: ObjectKey, source: AsyncIterable<Uint8Array>, kind?: WrittenKind): Promise<ObjectVersion>;
  /**
   * Streams a version, or a range of it. Chunks are <= 1 MiB and belong to the reader. Rejects `not_found`, `corrupt` (the size
   * is not the version's, or a short read), `invalid` (bad range), when iterated. Bytes are handed out as the engine answers them:
   * whether they are the right ones is for the reader's digests to say.
   */
  read(version: ObjectVersion, range?: ByteRange, options?: ReadOptions): AsyncIterable<Uint8Array>;
  /** Size and existence as the engine reports them now. */
  stat(version: ObjectVersion): Promise<{ readonly size: number }>;
  /** A readable local file with the version's bytes, for ffmpeg. `release` must be called; it removes any copy made. */
  openLocal(version: ObjectVersion): Promise<{ readonly path: string; release(): Promise<void> }>;

  /**
   * Locks until `until`, which must lie in the future. Extend-only: an earlier date than the present one rejects `retained`, the
   * same date is fine. An engine that keeps whole seconds rounds up. The lock holds once this resolves; read it back all the same.
   */
  retain(version: ObjectVersion, until: Date): Promise<void>;
  setLegalHold(version: ObjectVersion, on: boolean): Promise<void>;
  protection(version: ObjectVersion): Promise<Protection>;
  /** Rejects `retained` or `held` while protected; a version already gone is fine. */
  delete(version: ObjectVersion): Promise<void>;

  /** Every object that somebody hid by deleting it without a version, in no order; none where an engine has no such thing. */
  concealed(): AsyncIterable<ConcealedObject>;

  /** bytes that may still be written before the vault refuses, or null where the engine cannot say; rejects when it does not answer */
  headroom(): Promise<number | null>;
  /** Tries, on dummy objects, everything the capabilities claim. */
  probe(): Promise<readonly ProbeFinding[]>;
  close(): Promise<void>;
}
