import {
  askedFor,
  askForLease,
  countContiguousParts,
  type Database,
  findDockKey,
  findUpload,
  heldByAnother,
  holdLeases,
  type LeaseHolder,
  type Listener,
  leaseChannel,
  listen,
  releaseLease,
  renewLease,
  takeLease,
  type UploadRecord,
  type UploadSender,
} from '@fengcun/catalog';
import { revocationChannel } from '@fengcun/contracts';
import type { Clock, Logger } from '@fengcun/runtime';
import type { Vault } from '@fengcun/vault';
import { type CutReason, UploadError } from './errors.ts';
import { TailDigests } from './tail-digests.ts';
import { type SessionContext, UploadSession } from './upload-session.ts';

export interface UploadSessionsOptions {
  readonly catalog: Database;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'warn' | 'error'>;
  readonly expiryMs: number;
  /** how long a silent writer keeps others out, ms */
  readonly leaseMs: number;
  readonly onBytes: (bytes: number) => void;
}

/** One request that writes, or is about to; at most one for each upload in this process. */
interface Slot {
  readonly sender: UploadSender;
  cut: CutReason | null;
  session: UploadSession | null;
  readonly done: Promise<void>;
}

const askEveryMs = 100;

/**
 * Who writes to what. An upload has one writer: a new request takes over from the old one, wherever that runs. In this process the old one
 * is cut off and has kept what it had before the new one begins; another process is asked to do the same, and waited for until it has,
 * is found dead, or its lease runs out. Only then does the fencing token move on, so that two writers never touch one part.
 */
export class UploadSessions {
  readonly #options: UploadSessionsOptions;
  readonly #context: SessionContext;
  readonly #slots = new Map<string, Slot>();
  readonly #holder: LeaseHolder;
  readonly #listener: Listener;
  #closing = false;

  private constructor(options: UploadSessionsOptions, holder: LeaseHolder) {
    this.#options = options;
    this.#context = { ...options, tails: new TailDigests() };
    this.#holder = holder;
    this.#listener = listen(options.catalog, {
      channels: [leaseChannel, revocationChannel],
      onNotification: (channel, payload) => {
        if (channel === revocationChannel) return this.#cutDock(payload);
        const id = askedFor(payload, holder.number);
        if (id !== undefined) this.#slotCut(this.#slots.get(id), 'superseded');
      },
      onConnected: () => this.#cutRevokedDocks(),
      onError: (error) => options.log.warn({ err: error }, 'listening for revocations was interrupted'),
    });
  }

  static async open(options: UploadSessionsOptions): Promise<UploadSessions> {
    let sessions: UploadSessions | undefined;
    const holder = await holdLeases(options.catalog, (error) => {
      // Other processes may now believe this one dead and take its uploads over: stop before they do.
      options.log.error({ err: error }, 'the sign of life in the database was lost; cutting uploads off');
      sessions?.cutAll('lease_lost');
    });
    sessions = new UploadSessions(options, holder);
    return sessions;
  }

  /** Uploads other than `except` being written to by this sender in this process. */
  countActive(sender: UploadSender, except: string): number {
    let count = 0;
    for (const [id, slot] of this.#slots) if (id !== except && sameSender(slot.sender, sender)) count++;
    return count;
  }

  /**
   * Runs `work` as the one writer to an upload of `sender`'s. Rejects `missing`, `ended`, `revoked`, `lease_busy`; with a completed upload,
   * answers the record instead of running it.
   */
  async write<T>(
    id: string,
    sender: UploadSender,
    work: (session: UploadSession) => Promise<T>,
  ): Promise<
    { readonly kind: 'done'; readonly result: T } | { readonly kind: 'complete'; readonly upload: UploadRecord }
  > {
    const { slot, end } = await this.#claimSlot(id, sender);
    try {
      const upload = await this.#takeLease(id, slot);
      if (upload.state !== 'receiving') return { kind: 'complete', upload };
      const stopRenewing = this.#keepRenewing(upload, slot);
      try {
        await this.#checkFounded(upload);
        await this.#refuseRevoked(sender);
        const session = new UploadSession(upload, this.#context);
        slot.session = session;
        if (slot.cut !== null) session.cutOff(slot.cut);
        return { kind: 'done', result: await work(session) };
      } finally {
        await stopRenewing();
        await releaseLease(this.#options.catalog, id, upload.leaseToken).catch((error: unknown) =>
          this.#options.log.warn({ err: error, upload: id }, 'a lease was not released and has to run out'),
        );
      }
    } finally {
      end();
    }
  }

  /**
   * The upload as it stands once nobody writes to it: whoever does is cut off and keeps what it has first, so that the offset answered is
   * the one the next write will find. Rejects `missing`, `ended`, `lease_busy`.
   */
  async settled(id: string): Promise<UploadRecord> {
    const slot = this.#slots.get(id);
    this.#slotCut(slot, 'superseded');
    await slot?.done;
    const deadline = performance.now() + this.#patienceMs;
    while (await heldByAnother(this.#options.catalog, id, this.#holder.number)) {
      if (performance.now() > deadline) throw new UploadError('lease_busy');
      await this.#ask(id);
    }
    const upload = await findUpload(this.#options.catalog, id);
    if (!upload) throw new UploadError('missing');
    if (upload.state === 'expired' || upload.state === 'terminated') throw new UploadError('ended');
    return upload;
  }

  /** Cuts a writer in this process off, if there is one, and waits until it has let go. */
  async cutOff(id: string, reason: CutReason): Promise<void> {
    const slot = this.#slots.get(id);
    this.#slotCut(slot, reason);
    await slot?.done;
  }

  cutAll(reason: CutReason): void {
    for (const slot of this.#slots.values()) this.#slotCut(slot, reason);
  }

  /** Cuts everybody off, waits until what they had is kept, and stops listening. */
  async close(): Promise<void> {
    this.#closing = true;
    this.cutAll('shutting_down');
    await Promise.all([...this.#slots.values()].map(({ done }) => done));
    await this.#listener.close();
    await this.#holder.close();
  }

  async #claimSlot(id: string, sender: UploadSender): Promise<{ slot: Slot; end: () => void }> {
    for (let current = this.#slots.get(id); current; current = this.#slots.get(id)) {
      this.#slotCut(current, 'superseded');
      await current.done;
    }
    if (this.#closing) throw new UploadError('shutting_down');
    // No await between the last look and here: two requests cannot both find the place free.
    const { promise, resolve } = Promise.withResolvers<void>();
    const slot: Slot = { sender, cut: null, session: null, done: promise };
    this.#slots.set(id, slot);
    const end = () => {
      this.#slots.delete(id);
      resolve();
    };
    return { slot, end };
  }

  async #takeLease(id: string, slot: Slot): Promise<UploadRecord> {
    const { catalog, clock, leaseMs, expiryMs } = this.#options;
    const deadline = performance.now() + this.#patienceMs;
    for (;;) {
      if (slot.cut !== null) throw new UploadError(slot.cut);
      const now = clock.now();
      const outcome = await takeLease(catalog, {
        uploadId: id,
        holder: this.#holder.number,
        lengthMs: leaseMs,
        expiresAt: new Date(now.getTime() + expiryMs),
        now,
      });
      switch (outcome.kind) {
        case 'taken':
          return outcome.upload;
        case 'missing':
          throw new UploadError('missing');
        case 'closed':
          if (outcome.upload.state === 'expired' || outcome.upload.state === 'terminated')
            throw new UploadError('ended');
          return outcome.upload;
        case 'held':
          if (performance.now() > deadline) throw new UploadError('lease_busy');
          await this.#ask(id);
      }
    }
  }

  /** Renews until stopped. A writer that cannot renew in time stops by itself before its lease runs out. */
  #keepRenewing(upload: UploadRecord, slot: Slot): () => Promise<void> {
    const { catalog, leaseMs, log } = this.#options;
    let safeUntil = performance.now() + leaseMs;
    let renewing: Promise<void> = Promise.resolve();
    const timer = setInterval(() => {
      if (performance.now() > safeUntil - leaseMs / 3) this.#slotCut(slot, 'lease_lost');
      const asked = performance.now();
      renewing = renewLease(catalog, { uploadId: upload.id, token: upload.leaseToken, lengthMs: leaseMs }).then(
        (renewed) => {
          if (renewed) safeUntil = asked + leaseMs;
          else this.#slotCut(slot, 'superseded');
        },
        (error: unknown) => log.warn({ err: error, upload: upload.id }, 'a lease could not be renewed'),
      );
    }, leaseMs / 3);
    return async () => {
      clearInterval(timer);
      await renewing;
    };
  }

  /** The offset column and the ledger of parts are written together; if they ever disagree, nothing may be built on either. */
  async #checkFounded(upload: UploadRecord): Promise<void> {
    const parts = await countContiguousParts(this.#options.catalog, upload.id, upload.partSize);
    if (parts * upload.partSize + upload.tailLength !== upload.durableOffset) {
      throw new Error(
        `Upload ${upload.id} says ${upload.durableOffset} bytes, but its ledger has ${parts} parts of ${upload.partSize} and a tail of ${upload.tailLength}`,
      );
    }
  }

  /** A revocation between the request's admission and its place in the list of writers would otherwise go unnoticed. */
  async #refuseRevoked(sender: UploadSender): Promise<void> {
    if (sender.kind !== 'dock') return;
    const dock = await findDockKey(this.#options.catalog, sender.id);
    if (!dock || dock.revokedAt !== null) throw new UploadError('revoked');
  }

  #cutDock(dockId: string): void {
    for (const slot of this.#slots.values()) {
      if (slot.sender.kind === 'dock' && slot.sender.id === dockId) this.#slotCut(slot, 'revoked');
    }
  }

  /** After the listener was away: revocations made meanwhile were told to nobody. */
  #cutRevokedDocks(): void {
    const docks = new Set(
      [...this.#slots.values()].flatMap(({ sender }) => (sender.kind === 'dock' ? [sender.id] : [])),
    );
    for (const id of docks) {
      findDockKey(this.#options.catalog, id).then(
        (dock) => {
          if (!dock || dock.revokedAt !== null) this.#cutDock(id);
        },
        (error: unknown) => this.#options.log.warn({ err: error, dock: id }, 'a dock could not be looked up'),
      );
    }
  }

  #slotCut(slot: Slot | undefined, reason: CutReason): void {
    if (!slot) return;
    slot.cut ??= reason;
    slot.session?.cutOff(slot.cut);
  }

  async #ask(id: string): Promise<void> {
    await askForLease(this.#options.catalog, id, this.#holder.number);
    await new Promise((resolve) => setTimeout(resolve, askEveryMs));
  }

  /** A little longer than a lease lasts, so that a writer that died silently does not send its successor away. */
  get #patienceMs(): number {
    return this.#options.leaseMs + 1000;
  }
}

const sameSender = (a: UploadSender, b: UploadSender) => a.kind === b.kind && a.id === b.id;
