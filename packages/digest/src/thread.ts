import { Worker } from 'node:worker_threads';
import type { Block } from './blocks.ts';
import { DigestError } from './errors.ts';
import type { FromThread, LaneOutput, ToThread } from './protocol.ts';
import type { LaneSpec } from './selection.ts';

/** What a stream hears from a thread. */
export interface ThreadListener {
  /** The thread has read `block`; blocks are answered in the order sent. */
  read(block: Block, output: LaneOutput): void;
  finished(output: LaneOutput): void;
  /** The thread is gone, and with it the state of this stream's lanes; it will never answer for `unread`. */
  lost(error: DigestError, unread: readonly Block[]): void;
}

interface Guest {
  readonly listener: ThreadListener;
  readonly cost: number;
  /** blocks sent and not read yet, oldest first */
  readonly outstanding: Block[];
  dropped: boolean;
  /** ms of `performance.now()` */
  lastActive: number;
}

/** ms; a stream silent for longer counts as resting when lanes are placed */
const RESTING_AFTER = 1_000;
/** A resting stream is not free (it may wake up), but nearly. */
const RESTING_SHARE = 1 / 16;

/** One worker thread and the streams whose lanes live on it. A node:crypto hash cannot move, so neither can a lane. */
export class DigestThread {
  readonly #worker: Worker;
  readonly #mapped = new Set<number>();
  readonly #guests = new Map<number, Guest>();
  readonly #onExit: (thread: DigestThread) => void;
  #busy = 0;
  #cause: unknown;

  constructor(onExit: (thread: DigestThread) => void) {
    this.#onExit = onExit;
    this.#worker = new Worker(new URL('./digest-thread.js', import.meta.url), {
      name: 'fengcun-digest',
      // Nothing of the parent's: flags such as --inspect-brk would stop the thread, and it needs no variable.
      execArgv: [],
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 4 },
    });
    this.#worker.on('message', (message: FromThread) => this.#receive(message));
    this.#worker.on('error', (error) => {
      this.#cause = error;
    });
    this.#worker.on('exit', (exitCode) => this.#lost(exitCode));
    // A thread with nothing to do must not keep the process alive.
    this.#worker.unref();
  }

  /** What the streams placed here are likely to ask of this thread, in SHA-256 passes. */
  load(now: number): number {
    let load = 0;
    for (const guest of this.#guests.values()) {
      const active = guest.outstanding.length > 0 || now - guest.lastActive < RESTING_AFTER;
      load += active ? guest.cost : guest.cost * RESTING_SHARE;
    }
    return load;
  }

  open(stream: number, lanes: readonly LaneSpec[], cost: number, listener: ThreadListener): void {
    this.#guests.set(stream, { listener, cost, outstanding: [], dropped: false, lastActive: performance.now() });
    this.#send({ kind: 'open', stream, lanes });
  }

  /** Sends a filled block; `listener.read` answers, in order, when the thread no longer needs it. */
  send(stream: number, block: Block, length: number): void {
    const guest = this.#guests.get(stream);
    if (guest === undefined) return;
    if (!this.#mapped.has(block.id)) {
      this.#mapped.add(block.id);
      this.#send({ kind: 'map', block: block.id, memory: block.memory });
    }
    guest.outstanding.push(block);
    guest.lastActive = performance.now();
    this.#occupy();
    this.#send({ kind: 'bytes', stream, block: block.id, length });
  }

  finish(stream: number): void {
    if (!this.#guests.has(stream)) return;
    this.#occupy();
    this.#send({ kind: 'finish', stream });
  }

  /** Forgets a stream; blocks already sent are still answered through `listener.read`. */
  drop(stream: number): void {
    const guest = this.#guests.get(stream);
    if (guest === undefined) return;
    this.#send({ kind: 'drop', stream });
    if (guest.outstanding.length === 0) this.#guests.delete(stream);
    else guest.dropped = true;
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }

  #receive(message: FromThread): void {
    this.#vacate();
    const guest = this.#guests.get(message.stream);
    if (guest === undefined) return;
    if (message.kind === 'read') {
      const block = guest.outstanding.shift();
      guest.lastActive = performance.now();
      if (guest.dropped && guest.outstanding.length === 0) this.#guests.delete(message.stream);
      if (block !== undefined) guest.listener.read(block, message.output);
    } else {
      this.#guests.delete(message.stream);
      guest.listener.finished(message.output);
    }
  }

  #lost(exitCode: number): void {
    this.#onExit(this);
    const guests = [...this.#guests.values()];
    this.#guests.clear();
    for (const guest of guests) {
      guest.listener.lost(
        new DigestError(
          'thread_lost',
          `A hashing thread ended with code ${exitCode} while digesting; digest the content again from its first byte.`,
          { cause: this.#cause },
        ),
        guest.outstanding,
      );
    }
  }

  #send(message: ToThread): void {
    this.#worker.postMessage(message);
  }

  #occupy(): void {
    if (this.#busy++ === 0) this.#worker.ref();
  }

  #vacate(): void {
    if (--this.#busy === 0) this.#worker.unref();
  }
}
