import { DigestError } from './errors.ts';

/** bytes; large enough that messages cost nothing beside the hashing, small enough to stay in cache between lanes */
export const BLOCK_SIZE = 1024 * 1024;

/** A block of memory that this thread fills and hashing threads read. */
export interface Block {
  readonly id: number;
  readonly memory: SharedArrayBuffer;
  readonly bytes: Uint8Array;
}

/**
 * The pool's memory: at most `limit` blocks, allocated when first needed and then reused, handed out in the order asked for.
 * Nobody may hold a block while waiting for a caller's next byte, or streams that rest would starve those that run.
 */
export class BlockStore {
  readonly #limit: number;
  readonly #free: Block[] = [];
  readonly #waiting: PromiseWithResolvers<Block>[] = [];
  #allocated = 0;
  #closed = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** bytes of shared memory allocated so far; never shrinks, never exceeds the limit */
  get allocatedBytes(): number {
    return this.#allocated * BLOCK_SIZE;
  }

  async take(): Promise<Block> {
    if (this.#closed) throw closedError();
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#allocated < this.#limit) {
      const memory = new SharedArrayBuffer(BLOCK_SIZE);
      return { id: this.#allocated++, memory, bytes: new Uint8Array(memory) };
    }
    const turn = Promise.withResolvers<Block>();
    this.#waiting.push(turn);
    return turn.promise;
  }

  give(block: Block): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(block);
    else next.resolve(block);
  }

  close(): void {
    this.#closed = true;
    for (const turn of this.#waiting.splice(0)) turn.reject(closedError());
  }
}

export function closedError(): DigestError {
  return new DigestError('closed', 'The digest pool is closed; open a new pool to digest more.');
}
