/**
 * Holds back writers while too many bytes of unfinished parts are in memory: S3 takes a part whole, so it has to be gathered first.
 *
 * A writer waits only while some part is being sent, because only sending frees memory for sure: parts fill as fast as their senders send,
 * and if everybody waited for a sender who waits too, nobody would ever go on. So the bound is a soft one: the limit, or what all open parts
 * hold when none of them is full, whichever is more.
 */
export class PartMemory {
  readonly #limit: number;
  #used = 0;
  #sending = 0;
  readonly #waiting: { readonly bytes: number; readonly go: () => void }[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** bytes held now */
  get used(): number {
    return this.#used;
  }

  /** Resolves when `bytes` more may be held. Each has to be given back by `release`. */
  async take(bytes: number): Promise<void> {
    if (this.#waiting.length === 0 && this.#fits(bytes)) {
      this.#used += bytes;
      return;
    }
    await new Promise<void>((go) => this.#waiting.push({ bytes, go }));
  }

  release(bytes: number): void {
    this.#used -= bytes;
    this.#admit();
  }

  /** Runs work at whose end memory will be released. */
  async sending<T>(work: () => Promise<T>): Promise<T> {
    this.#sending++;
    try {
      return await work();
    } finally {
      this.#sending--;
      this.#admit();
    }
  }

  #fits(bytes: number): boolean {
    return this.#used + bytes <= this.#limit || this.#sending === 0;
  }

  #admit(): void {
    for (let next = this.#waiting[0]; next !== undefined && this.#fits(next.bytes); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#used += next.bytes;
      next.go();
    }
  }
}
