import type { Rate } from '@fengcun/contracts';

/** Requests in a minute that one caller may send, of each kind; as many may come at once. A kind that is not named is not limited. */
export type RateLimits = Readonly<Partial<Record<Rate, number>>>;

interface Bucket {
  tokens: number;
  at: number;
}

/** Callers remembered at once; a flood of invented ones cannot take more than this. */
const capacity = 50_000;

/**
 * A bucket for each caller and kind, filled evenly (the token bucket of RFC 2697, one rate). In this process's memory: a site with several
 * processes allows that many times as much, which is still a bound. Takes real time, not the site's clock: it guards this machine.
 */
export class RateLimiter {
  readonly #limits: RateLimits;
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(limits: RateLimits, now: () => number = () => performance.now()) {
    this.#limits = limits;
    this.#now = now;
  }

  /** Callers remembered at present. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Takes one request. Answers 0, or the seconds after which the next one is taken. */
  take(caller: string, rate: Rate): number {
    const limit = this.#limits[rate];
    if (limit === undefined) return 0;
    const now = this.#now();
    const key = `${rate} ${caller}`;
    const known = this.#buckets.get(key);
    const tokens = known ? Math.min(limit, known.tokens + ((now - known.at) * limit) / 60_000) : limit;
    // The latest used stand last, so that the first in line are those to forget.
    this.#buckets.delete(key);
    if (this.#buckets.size >= capacity) this.#forgetFirst();
    this.#buckets.set(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now });
    return tokens >= 1 ? 0 : Math.max(1, Math.ceil(((1 - tokens) * 60) / limit));
  }

  #forgetFirst(): void {
    const [first] = this.#buckets.keys();
    if (first !== undefined) this.#buckets.delete(first);
  }
}
