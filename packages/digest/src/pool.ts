import { availableParallelism } from 'node:os';
import { BLOCK_SIZE, BlockStore, closedError } from './blocks.ts';
import { ContentDigest } from './content-digest.ts';
import { DigestError } from './errors.ts';
import { type DigestSelection, type LaneSpec, laneCost, lanesOf } from './selection.ts';
import { DigestThread } from './thread.ts';

export interface DigestPoolOptions {
  /**
   * Most worker threads, started when first needed. Default: two per core (2 to 16), because a lane stays on the thread it
   * was placed on: with spare threads it is the operating system that balances streams, not their order of arrival.
   */
  readonly threads?: number;
  /** bytes of memory shared with the threads, for all streams together; default 32 MiB, at least 1 MiB */
  readonly memory?: number;
}

/**
 * Worker threads and memory shared by any number of streams. Threads serve their streams in turn, a block at a time, so a
 * stream that is fast, slow or resting takes nothing from the others but its fair share.
 */
export class DigestPool {
  readonly #threadLimit: number;
  readonly #blocks: BlockStore;
  readonly #threads = new Set<DigestThread>();
  readonly #open = new Set<ContentDigest>();
  #nextStream = 1;
  #closed = false;

  constructor(options: DigestPoolOptions = {}) {
    const { threads = Math.min(16, Math.max(2, 2 * availableParallelism())), memory = 32 * BLOCK_SIZE } = options;
    if (!Number.isSafeInteger(threads) || threads < 1) {
      throw new DigestError('misuse', `A digest pool needs at least one thread, not ${threads}.`);
    }
    if (!(memory >= BLOCK_SIZE)) {
      throw new DigestError('misuse', `A digest pool needs at least ${BLOCK_SIZE} bytes of memory, not ${memory}.`);
    }
    this.#threadLimit = threads;
    this.#blocks = new BlockStore(Math.floor(memory / BLOCK_SIZE));
  }

  /** bytes shared with the threads so far */
  get memoryInUse(): number {
    return this.#blocks.allocatedBytes;
  }

  /** worker threads running */
  get threadCount(): number {
    return this.#threads.size;
  }

  /** Opens a digest over one content. Throws `unsupported`, `misuse` or `closed`. */
  open<const S extends DigestSelection>(selection: S): ContentDigest<S> {
    if (this.#closed) throw closedError();
    const placed = this.#place(lanesOf(selection));
    const stream = this.#nextStream++;
    const digest: ContentDigest<S> = new ContentDigest<S>(
      stream,
      selection,
      this.#blocks,
      [...placed.keys()],
      (ended) => this.#open.delete(ended),
    );
    this.#open.add(digest);
    for (const [thread, lanes] of placed) thread.open(stream, lanes, totalCost(lanes), digest);
    return digest;
  }

  /** Fails every open digest with `closed` and ends the threads. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const digest of [...this.#open]) digest.fail(closedError());
    this.#blocks.close();
    await Promise.all([...this.#threads].map((thread) => thread.terminate()));
  }

  #place(lanes: readonly LaneSpec[]): Map<DigestThread, readonly LaneSpec[]> {
    const now = performance.now();
    const loads = new Map([...this.#threads].map((thread) => [thread, thread.load(now)]));
    const placed = new Map<DigestThread, readonly LaneSpec[]>();
    for (const group of grouped(lanes)) {
      const thread = this.#leastLoaded(loads);
      loads.set(thread, (loads.get(thread) ?? 0) + totalCost(group));
      placed.set(thread, [...(placed.get(thread) ?? []), ...group]);
    }
    return placed;
  }

  #leastLoaded(loads: Map<DigestThread, number>): DigestThread {
    let best: DigestThread | null = null;
    let bestLoad = Number.POSITIVE_INFINITY;
    for (const [thread, load] of loads) {
      if (load < bestLoad) {
        best = thread;
        bestLoad = load;
      }
    }
    // A thread with only resting streams is as good as a new one.
    if (best !== null && (bestLoad < 1 || loads.size >= this.#threadLimit)) return best;
    const started = new DigestThread((ended) => this.#threads.delete(ended));
    this.#threads.add(started);
    loads.set(started, 0);
    return started;
  }
}

/**
 * Packs lanes into as few threads as do not slow the dearest of them: SM3 alone, the SHA-256 passes beside it; without SM3,
 * two passes to a thread.
 */
function grouped(lanes: readonly LaneSpec[]): readonly (readonly LaneSpec[])[] {
  const dearestFirst = lanes.toSorted((a, b) => laneCost(b) - laneCost(a));
  const capacity = Math.max(2, ...lanes.map(laneCost));
  const groups: LaneSpec[][] = [];
  for (const lane of dearestFirst) {
    const fitting = groups.find((group) => totalCost(group) + laneCost(lane) <= capacity);
    if (fitting === undefined) groups.push([lane]);
    else fitting.push(lane);
  }
  return groups;
}

function totalCost(lanes: readonly LaneSpec[]): number {
  return lanes.reduce((total, lane) => total + laneCost(lane), 0);
}

let processPool: DigestPool | null = null;

/**
 * Opens a digest on the process's own pool, made on first use and never closed: its threads do not keep the process alive.
 * Use a `DigestPool` of your own where memory or threads have to be bounded by configuration.
 */
export function openContentDigest<const S extends DigestSelection>(selection: S): ContentDigest<S> {
  processPool ??= new DigestPool();
  return processPool.open(selection);
}
