import { type Database, listen, type OutboxRow, relayOutbox } from '@fengcun/catalog';
import { outboxChannel, type QueueName } from '@fengcun/contracts';
import { Counter, type Logger, type Registry } from '@fengcun/runtime';
import { JobsError } from '../errors.ts';
import { isQueueName, parsePayload } from '../queue/payload.ts';
import type { JobRequest, Queues } from '../queue/queues.ts';

export interface RelayOptions {
  readonly catalog: Database;
  readonly queues: Queues;
  readonly logger: Logger;
  readonly metrics: Registry;
  /** ms between two looks when nobody notifies; default 1000 */
  readonly pollMs?: number;
}

export interface Relay {
  close(): Promise<void>;
}

const batch = 200;

/**
 * Moves jobs from the outbox to the queues: woken by NOTIFY, and looking by itself in case a notification was lost. A row is removed after
 * Redis has taken its job, so a crash in between repeats the job and never loses it. Any number of relays may run.
 */
export function startRelay(options: RelayOptions): Relay {
  const { catalog, queues, logger } = options;
  const relayed = new Counter({
    name: 'fengcun_outbox_relayed_total',
    help: 'Outbox rows handed to a queue, or dropped because they fit none',
    labelNames: ['outcome'],
    registers: [options.metrics],
  });
  let closed = false;
  let wake = Promise.withResolvers<void>();
  const rouse = () => wake.resolve();
  const listener = listen(catalog, {
    channels: [outboxChannel],
    onNotification: rouse,
    onConnected: rouse,
    onError: (error) => logger.warn({ err: error }, 'outbox listener'),
  });

  const deliver = async (rows: readonly OutboxRow[]): Promise<void> => {
    const byQueue = new Map<QueueName, JobRequest[]>();
    for (const row of rows) {
      const request = parsed(row);
      if (request === null) {
        relayed.inc({ outcome: 'dropped' });
        continue;
      }
      const { queue, ...job } = request;
      byQueue.set(queue, [...(byQueue.get(queue) ?? []), job]);
    }
    for (const [queue, requests] of byQueue) {
      await queues.add(queue, requests);
      relayed.inc({ outcome: 'relayed' }, requests.length);
    }
  };

  /** A row that fits no queue would block all behind it; the fact it stands for is in the catalogue, where the reconciler looks. */
  const parsed = (row: OutboxRow): (JobRequest & { readonly queue: QueueName }) | null => {
    try {
      if (!isQueueName(row.queue)) throw new JobsError('payload_invalid', `no queue ${row.queue}`);
      return { queue: row.queue, jobKey: row.jobKey, payload: parsePayload(row.queue, row.payload) };
    } catch (error) {
      logger.error({ err: error, outbox: row.id, queue: row.queue }, 'outbox row dropped: it fits no queue');
      return null;
    }
  };

  const loop = async (): Promise<void> => {
    while (!closed) {
      wake = Promise.withResolvers();
      let moved = 0;
      try {
        moved = await relayOutbox(catalog, batch, deliver);
      } catch (error) {
        if (!closed) logger.warn({ err: error }, 'outbox relay; the rows stay and are tried again');
        moved = -1;
      }
      if (closed || moved === batch) continue;
      // After a failure notifications are not enough reason to hurry: everything waits for the same outage.
      await (moved < 0 ? pause(options.pollMs ?? 1000) : Promise.race([wake.promise, pause(options.pollMs ?? 1000)]));
    }
  };

  let endPause: () => void = () => undefined;
  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const looping = loop();
  return {
    async close() {
      closed = true;
      rouse();
      endPause();
      await Promise.all([listener.close(), looping]);
    },
  };
}
