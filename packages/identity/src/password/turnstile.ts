interface Waiting {
  readonly size: number;
  readonly enter: () => void;
}

/** Lets in at once what there is room for, a bounded number wait in order, and turns the rest away. */
export class Turnstile {
  readonly #room: number;
  readonly #waiting: number;
  readonly #full: () => Error;
  readonly #line: Waiting[] = [];
  #taken = 0;

  /** `room` is in whatever unit the sizes given to `pass` are. */
  constructor(options: { readonly room: number; readonly waiting: number; readonly full: () => Error }) {
    this.#room = options.room;
    this.#waiting = options.waiting;
    this.#full = options.full;
  }

  /** Does the work once there is room for its `size`; what is larger than the whole room has it alone. */
  async pass<T>(size: number, work: () => Promise<T>): Promise<T> {
    const bounded = Math.min(size, this.#room);
    if (this.#line.length === 0 && this.#fits(bounded)) this.#taken += bounded;
    else await this.#queue(bounded);
    try {
      return await work();
    } finally {
      this.#taken -= bounded;
      this.#admit();
    }
  }

  #queue(size: number): Promise<void> {
    if (this.#line.length >= this.#waiting) throw this.#full();
    return new Promise((enter) => this.#line.push({ size, enter }));
  }

  /** First come, first served: somebody small does not overtake, or somebody large might wait for ever. */
  #admit(): void {
    for (let next = this.#line[0]; next !== undefined && this.#fits(next.size); next = this.#line[0]) {
      this.#line.shift();
      this.#taken += next.size;
      next.enter();
    }
  }

  #fits(size: number): boolean {
    return this.#taken + size <= this.#room;
  }
}
