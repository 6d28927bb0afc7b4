import type { Clock } from '@fengcun/runtime';

interface Attempts {
  failed: number;
  readonly since: number;
}

const allowed = 10;
const windowMs = 15 * 60_000;
const maxAddresses = 10_000;

/** Counts wrong codes by source address: ten in a quarter of an hour, then none until it is over. In memory, per process. */
export class AttemptLimit {
  readonly #clock: Clock;
  readonly #attempts = new Map<string, Attempts>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Seconds to wait before this address may try again; 0 when it may now. */
  wait(address: string): number {
    const attempts = this.#current(address);
    if (!attempts || attempts.failed < allowed) return 0;
    return Math.ceil((attempts.since + windowMs - this.#clock.now().getTime()) / 1000);
  }

  failed(address: string): void {
    const attempts = this.#current(address) ?? { failed: 0, since: this.#clock.now().getTime() };
    attempts.failed++;
    this.#attempts.set(address, attempts);
    const [oldest] = this.#attempts.keys();
    if (this.#attempts.size > maxAddresses && oldest !== undefined) this.#attempts.delete(oldest);
  }

  #current(address: string): Attempts | undefined {
    const attempts = this.#attempts.get(address);
    if (attempts && this.#clock.now().getTime() - attempts.since < windowMs) return attempts;
    this.#attempts.delete(address);
    return undefined;
  }
}
