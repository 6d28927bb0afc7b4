import {
  type Database,
  findForgottenCopies,
  findForgottenRenders,
  findPendingDerivatives,
  findUnsealed,
  outboxBacklog,
} from '@fengcun/catalog';
import type { QueueName } from '@fengcun/contracts';
import type { Queues } from '@fengcun/jobs';
import { type Clock, Counter, Gauge, type Logger, type Registry } from '@fengcun/runtime';
import { type ReplicaSearch, reconcileKeeping } from './keeping.ts';
import type { ConcealmentWatch } from './watch-concealed.ts';

export interface ReconcilerOptions {
  readonly catalog: Database;
  readonly queues: Queues;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Registry;
  /** ms between two rounds */
  readonly everyMs: number;
  /** ms without a sign of life before work counts as forgotten */
  readonly forgottenAfterMs: number;
  /** null where there is no replica vault */
  readonly replicas: ReplicaSearch | null;
  /** looks for hidden objects, in its own time */
  readonly concealment: Pick<ConcealmentWatch, 'round'>;
}

export interface Reconciler {
  close(): Promise<void>;
}

/** per round and kind of work; what is left over is the next round's */
const limit = 500;
/** starts in one round of a queue's own attempts; after each round that came to nothing the wait doubles */
const attemptsPerRound = 5;

/**
 * Finds in the catalogue what Redis forgot - flushed, crashed, or given up after the last attempt - and asks for it again. Asking is harmless:
 * a job whose key is waiting or running is left alone, and every handler looks for itself whether there is anything to do. The outbox needs
 * no help: its rows stay until a queue has taken them.
 */
export function startReconciler(options: ReconcilerOptions): Reconciler {
  const { logger } = options;
  const asked = new Counter({
    name: 'fengcun_reconciled_total',
    help: 'Jobs asked for again because the catalogue shows work nobody is doing',
    labelNames: ['queue'],
    registers: [options.metrics],
  });
  const waiting = new Gauge({
    name: 'fengcun_outbox_oldest_seconds',
    help: 'Age of the oldest outbox row at the last round; 0 when there is none',
    registers: [options.metrics],
  });
  let closed = false;
  let wake: () => void = () => undefined;
  const pause = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, options.everyMs);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const loop = async (): Promise<void> => {
    while (!closed) {
      try {
        for (const [queue, count] of await reconcile(options)) asked.inc({ queue }, count);
        for (const [queue, count] of await reconcileKeeping(options, options.replicas)) asked.inc({ queue }, count);
        await options.concealment.round();
        waiting.set((await outboxBacklog(options.catalog)).oldestSeconds ?? 0);
      } catch (error) {
        if (!closed) logger.warn({ err: error }, 'reconciler; the next round looks again');
      }
      if (!closed) await pause();
    }
  };

  const looping = loop();
  return {
    async close() {
      closed = true;
      wake();
      await looping;
    },
  };
}

/** One round. Answers how many jobs were asked for, by queue. */
export async function reconcile(
  options: Pick<ReconcilerOptions, 'catalog' | 'queues' | 'clock' | 'forgottenAfterMs'>,
): Promise<ReadonlyMap<QueueName, number>> {
  const { catalog, queues } = options;
  const staleness = { now: options.clock.now(), afterMs: options.forgottenAfterMs, attemptsPerRound, limit };
  const byQueue = new Map<QueueName, string[]>([['seal', [...(await findUnsealed(catalog, staleness))]]]);
  for (const { evidence, queue } of await findPendingDerivatives(catalog, staleness)) {
    byQueue.set(queue, [...(byQueue.get(queue) ?? []), evidence]);
  }
  const asked = new Map<QueueName, number>();
  for (const [queue, ids] of byQueue) {
    if (ids.length === 0) continue;
    await queues.add(
      queue,
      ids.map((evidence) => ({ jobKey: evidence, payload: { evidence } })),
    );
    asked.set(queue, ids.length);
  }
  const copies = await findForgottenCopies(catalog, staleness);
  if (copies.length > 0) {
    await queues.add(
      'copy',
      copies.map((copy) => ({ jobKey: copy, payload: { copy } })),
    );
    asked.set('copy', copies.length);
  }
  const renders = await findForgottenRenders(catalog, staleness);
  if (renders.length > 0) {
    await queues.add(
      'redact',
      renders.map((render) => ({ jobKey: render, payload: { render } })),
    );
    asked.set('redact', renders.length);
  }
  return asked;
}
