import type { Clock } from '@fengcun/runtime';

export interface FloodGateOptions<T> {
  readonly clock: Clock;
  /** one of a kind from one source is let through this often */
  readonly windowMs: number;
  /** kinds times sources remembered at once; what comes beyond is counted as from `overflow` */
  readonly capacity: number;
  /** what happened from too many sources to tell them apart, for its summary */
  readonly overflow: (sample: T) => { readonly key: string; readonly sample: T };
  /** writes one occurrence that stands for `suppressed` further ones */
  readonly write: (sample: T, suppressed: number) => Promise<void>;
}

interface Entry<T> {
  opened: number;
  suppressed: number;
  latest: T;
}

/**
 * Keeps a flood out of the ledger without hiding it: per source and kind the first occurrence is written at once, those that follow
 * within the window are counted, and the count is written with the next one or when the window closes. Memory is bounded.
 */
export class FloodGate<T> {
  readonly #options: FloodGateOptions<T>;
  readonly #entries = new Map<string, Entry<T>>();

  constructor(options: FloodGateOptions<T>) {
    this.#options = options;
  }

  /** kinds times sources remembered at present */
  get size(): number {
    return this.#entries.size;
  }

  /** Takes one occurrence; resolves once it is written or counted. */
  async take(key: string, sample: T): Promise<void> {
    const { capacity, clock, windowMs, overflow, write } = this.#options;
    const known = this.#entries.get(key);
    if (!known && this.#entries.size >= capacity) {
      const summary = overflow(sample);
      if (summary.key !== key) return this.#takeOverflow(summary.key, summary.sample);
    }
    const now = clock.now().getTime();
    if (known && now - known.opened < windowMs) {
      known.suppressed++;
      known.latest = sample;
      return;
    }
    const suppressed = known?.suppressed ?? 0;
    this.#entries.set(key, { opened: now, suppressed: 0, latest: sample });
    await write(sample, suppressed);
  }

  async #takeOverflow(key: string, sample: T): Promise<void> {
    const { clock, windowMs, write } = this.#options;
    const now = clock.now().getTime();
    const known = this.#entries.get(key);
    if (known && now - known.opened < windowMs) {
      known.suppressed++;
      return;
    }
    this.#entries.set(key, { opened: now, suppressed: 0, latest: sample });
    await write(sample, known?.suppressed ?? 0);
  }

  /** Writes the counts of windows that have closed (or all, at the end) and forgets sources that are quiet. */
  async sweep(options: { readonly all: boolean } = { all: false }): Promise<void> {
    const { clock, windowMs, write } = this.#options;
    const now = clock.now().getTime();
    const due = [...this.#entries].filter(([, entry]) => options.all || now - entry.opened >= windowMs);
    for (const [key, entry] of due) {
      if (entry.suppressed === 0) {
        this.#entries.delete(key);
        continue;
      }
      // The written occurrence is itself one of those that were counted.
      const suppressed = entry.suppressed - 1;
      entry.opened = now;
      entry.suppressed = 0;
      await write(entry.latest, suppressed);
    }
  }
}
