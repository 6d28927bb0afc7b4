import { type ClaimedDelivery, claimDeliveries, type Database, recordAttempt } from '@fengcun/catalog';
import type { Clock, Logger } from '@fengcun/runtime';
import { send } from './send.ts';

export interface NotifierOptions {
  readonly catalog: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  /** ms between two looks */
  readonly everyMs: number;
  readonly allowLoopback: boolean;
  /** ms to wait for a reply; default 10 s */
  readonly timeoutMs?: number;
}

export interface Notifier {
  close(): Promise<void>;
}

const atOnce = 10;
/** Eight attempts over about a day: after 15 s, 1 min, 5 min, 20 min, 1 h, 4 h, 18 h. */
const waitsMs = [15_000, 60_000, 300_000, 1_200_000, 3_600_000, 14_400_000, 64_800_000];

/** Sends what other programs are to be told, and records each attempt. Any number of processes may do this. */
export function startNotifier(options: NotifierOptions): Notifier {
  const stop = new AbortController();
  let round: Promise<void> | null = null;
  const timer = setInterval(() => {
    round ??= deliver(options, stop.signal)
      .catch((error: unknown) =>
        options.logger.warn({ err: error }, 'webhooks could not be served; the next round looks again'),
      )
      .finally(() => {
        round = null;
      });
  }, options.everyMs);
  return {
    async close() {
      clearInterval(timer);
      stop.abort();
      await round;
    },
  };
}

/** One round: everything that is due. */
export async function deliver(options: Omit<NotifierOptions, 'everyMs'>, signal?: AbortSignal): Promise<void> {
  const { catalog, clock, timeoutMs = 10_000 } = options;
  for (;;) {
    const now = clock.now();
    // A claim outlives the attempt, so that nobody sends the same while it may still arrive.
    const until = new Date(now.getTime() + 3 * timeoutMs);
    const due = signal?.aborted ? [] : await claimDeliveries(catalog, { now, until, limit: atOnce });
    await Promise.all(due.map((delivery) => attempt(options, delivery, timeoutMs, signal)));
    if (due.length < atOnce) return;
  }
}

async function attempt(
  { catalog, clock, logger, allowLoopback }: Omit<NotifierOptions, 'everyMs'>,
  delivery: ClaimedDelivery,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const at = clock.now();
  const began = performance.now();
  const outcome = await send(delivery, { allowLoopback, timeoutMs, now: at, ...(signal ? { signal } : {}) });
  const wait = waitsMs[delivery.attempt - 1];
  await catalog.transaction().execute((trx) =>
    recordAttempt(trx, {
      delivery: delivery.id,
      attempt: delivery.attempt,
      at,
      ...outcome,
      durationMs: Math.round(performance.now() - began),
      retryAt: wait === undefined ? null : new Date(at.getTime() + wait),
    }),
  );
  if (wait === undefined && !(outcome.status !== null && outcome.status >= 200 && outcome.status < 300))
    logger.warn({ delivery: delivery.id, ...outcome }, 'a webhook was given up');
}
