/** Lets a bounded number in at once, a bounded number wait in order, and turns the rest away. */
export class Turnstile {
  readonly #inside: number;
  readonly #waiting: number;
  readonly #full: () => Error;
  readonly #line: (() => void)[] = [];
  #busy = 0;

  constructor(options: { readonly inside: number; readonly waiting: number; readonly full: () => Error }) {
    this.#inside = options.inside;
    this.#waiting = options.waiting;
    this.#full = options.full;
  }

  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.#busy >= this.#inside) {
      if (this.#line.length >= this.#waiting) throw this.#full();
      await new Promise<void>((resolve) => this.#line.push(resolve));
    } else {
      this.#busy++;
    }
    try {
      return await work();
    } finally {
      const next = this.#line.shift();
      if (next) next();
      else this.#busy--;
    }
  }
}
