import {
  type Database,
  findReceiving,
  type LedgerPart,
  type Listener,
  listen,
  type OpenUpload,
  readParts,
} from '@fengcun/catalog';
import { changeChannel } from '@fengcun/contracts';
import type { DigestPool } from '@fengcun/digest';
import { giveBack, type Logger } from '@fengcun/runtime';
import { parseObjectKey, type Vault } from '@fengcun/vault';
import { type SealDigest, sealSelection } from './read-back.ts';

export interface ReadAheadOptions {
  readonly catalog: Database;
  readonly vault: Vault;
  readonly pool: DigestPool;
  /** uploads followed at once, at most */
  readonly limit: number;
  /** bytes; smaller uploads are not worth it */
  readonly minSize: number;
  readonly logger: Logger;
  /** ms between two looks while something is arriving; default 200 */
  readonly pollMs?: number;
}

/** ms without a new part after which an upload gives its place to another that wants it */
const restingMs = 5000;
/** ms a digest waits to be taken after its upload stopped arriving: another process may have sealed it */
const keepMs = 60_000;
const idlePollMs = 1000;
const partsAtOnce = 64;

/**
 * Digests uploads while they arrive, because SM3 is slower than the network: when the last byte is there, nearly all is digested. Only on
 * vaults that let staged parts be read.
 *
 * A digest made here is a cache and nothing rests on it. It is lost with the process, thrown away when a part was sent again with other
 * bytes, and proved against the completed version before it counts (`read-back.ts`).
 */
export class ReadAhead {
  readonly #options: ReadAheadOptions;
  readonly #followed = new Map<string, Followed>();
  readonly #listener: Listener;
  #wake = Promise.withResolvers<void>();
  #closed = false;
  readonly #looking: Promise<void>;

  constructor(options: ReadAheadOptions) {
    this.#options = options;
    this.#listener = listen(options.catalog, {
      channels: [changeChannel],
      onNotification: (_channel, payload) => {
        if (payload.includes('"upload"')) this.#rouse();
      },
      onConnected: () => this.#rouse(),
      onError: (error) => options.logger.warn({ err: error }, 'read-ahead listener'),
    });
    this.#looking = this.#look();
  }

  /** Uploads being followed now, with the bytes digested of each. */
  get progress(): ReadonlyMap<string, number> {
    return new Map([...this.#followed].map(([id, followed]) => [id, followed.digest.size]));
  }

  /**
   * Hands over the digest of an upload that is complete, for the caller to continue and to end; null when there is none, or when it was fed
   * other parts than these.
   */
  async take(id: string, parts: readonly LedgerPart[]): Promise<SealDigest | null> {
    const followed = this.#followed.get(id);
    if (!followed) return null;
    this.#followed.delete(id);
    const fed = await followed.stop();
    if (fed?.every((part, at) => samePart(part, parts[at]))) return followed.digest;
    followed.digest.abort();
    return null;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#rouse();
    await Promise.all([this.#listener.close(), this.#looking]);
    await Promise.all([...this.#followed.keys()].map((id) => this.#drop(id)));
  }

  async #look(): Promise<void> {
    while (!this.#closed) {
      this.#wake = Promise.withResolvers();
      try {
        await this.#choose();
      } catch (error) {
        if (!this.#closed) this.#options.logger.warn({ err: error }, 'read-ahead');
      }
      if (this.#closed) break;
      for (const followed of this.#followed.values()) followed.rouse();
      const { pollMs = 200 } = this.#options;
      // Notifications of many small parts arrive faster than there is anything to gain: never look more often than that.
      await pause(pollMs);
      const quiet = [...this.#followed.values()].every((followed) => followed.restingFor(restingMs));
      if (quiet) await Promise.race([this.#wake.promise, pause(idlePollMs)]);
    }
  }

  async #choose(): Promise<void> {
    const { catalog, limit, minSize, logger } = this.#options;
    for (const [id, followed] of this.#followed) {
      if (followed.ended || followed.unclaimedFor(keepMs)) await this.#drop(id);
    }
    for (const upload of await findReceiving(catalog, minSize, 4 * limit)) {
      if (this.#closed) return;
      if (this.#followed.has(upload.id)) continue;
      if (this.#followed.size >= limit) {
        const resting = [...this.#followed].filter(([, followed]) => followed.restingFor(restingMs));
        const longest = resting.toSorted(([, a], [, b]) => a.progressedAt - b.progressedAt)[0];
        if (!longest) return;
        await this.#drop(longest[0]);
      }
      logger.debug({ evidence: upload.id }, 'digesting ahead');
      this.#followed.set(upload.id, new Followed(upload, this.#options));
    }
  }

  async #drop(id: string): Promise<void> {
    const followed = this.#followed.get(id);
    this.#followed.delete(id);
    if (!followed) return;
    followed.digest.abort();
    await followed.stop();
  }

  #rouse(): void {
    this.#wake.resolve();
  }
}

const samePart = (a: LedgerPart, b: LedgerPart | undefined): boolean =>
  a.partNumber === b?.partNumber && a.size === b.size && a.sha256 === b.sha256 && a.etag === b.etag;

/** One upload whose parts are digested in order as they become durable. */
class Followed {
  readonly digest: SealDigest;
  readonly #upload: OpenUpload;
  readonly #options: ReadAheadOptions;
  /** parts the digest was fed, the last of them perhaps not to its end */
  readonly #fed: LedgerPart[] = [];
  readonly #following: Promise<void>;
  #stopping = false;
  #failed = false;
  #wake = Promise.withResolvers<void>();
  #settledSince: number | null = null;
  progressedAt = performance.now();

  constructor(upload: OpenUpload, options: ReadAheadOptions) {
    this.#upload = upload;
    this.#options = options;
    this.digest = options.pool.open(sealSelection(upload.transfer.partSize));
    this.#following = this.#follow();
  }

  /** it can no longer be continued */
  get ended(): boolean {
    return this.#failed;
  }

  restingFor(ms: number): boolean {
    return performance.now() - this.progressedAt > ms;
  }

  /** whether the upload stopped arriving that long ago and nobody asked for the digest */
  unclaimedFor(ms: number): boolean {
    return this.#settledSince !== null && performance.now() - this.#settledSince > ms;
  }

  rouse(): void {
    this.#wake.resolve();
  }

  /** Stops at the next chunk and answers the parts the digest was fed; null when it is unusable. */
  async stop(): Promise<readonly LedgerPart[] | null> {
    this.#stopping = true;
    this.rouse();
    await this.#following;
    return this.#failed ? null : this.#fed;
  }

  async #follow(): Promise<void> {
    const { catalog, logger } = this.#options;
    try {
      while (!this.#stopping) {
        this.#wake = Promise.withResolvers();
        const found = await readParts(catalog, this.#upload.id, this.#fed.length + 1, partsAtOnce);
        if (found?.state === 'receiving') this.#settledSince = null;
        else this.#settledSince ??= performance.now();
        const next = found?.parts[0];
        if (next?.partNumber === this.#fed.length + 1) {
          for (const part of found?.parts ?? []) await this.#feed(part);
        } else {
          await this.#wake.promise;
        }
      }
    } catch (error) {
      // Most often the upload was ended or completed by another process: there is nothing left to read, and nothing lost.
      this.#failed = true;
      this.digest.abort();
      logger.debug({ evidence: this.#upload.id, err: error }, 'digesting ahead ended');
    }
  }

  async #feed(part: LedgerPart): Promise<void> {
    if (this.#stopping) return;
    const { transfer } = this.#upload;
    this.#fed.push(part);
    for await (const chunk of this.#options.vault.readPart({ ...transfer, key: parseObjectKey(transfer.key) }, part)) {
      await this.digest.update(chunk);
      giveBack(chunk);
      this.progressedAt = performance.now();
      if (this.#stopping) return;
    }
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
