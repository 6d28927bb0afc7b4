import { type JobPayload, type QueueName, queueNames } from '@fengcun/contracts';
import { Queue } from 'bullmq';
import { connectForCommands } from '../redis/connect-redis.ts';
import { parsePayload } from './payload.ts';
import { backoffJitter, finishedJobs, queueSettings } from './settings.ts';

export interface QueuesOptions {
  readonly redisUrl: string;
  /** put before every key; default `fengcun` */
  readonly prefix?: string;
  /** connection errors; the client reconnects by itself */
  readonly onError: (error: Error) => void;
}

export interface JobRequest<Q extends QueueName = QueueName> {
  /** idempotency key within the queue; not a whole number and without `:` (BullMQ's rule for ids) */
  readonly jobKey: string;
  readonly payload: JobPayload<Q>;
}

export const countedStates = ['wait', 'active', 'delayed'] as const;
export type QueueCounts = Readonly<Record<(typeof countedStates)[number], number>>;

/** The producing end of all queues, over one connection. */
export interface Queues {
  /** Adds jobs; one whose key is already waiting, delayed or active is left as it is. Rejects `payload_invalid`, or when Redis is away. */
  add<Q extends QueueName>(queue: Q, requests: readonly JobRequest<Q>[]): Promise<void>;
  counts(queue: QueueName): Promise<QueueCounts>;
  /** Rejects when Redis does not answer within seconds. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export const defaultPrefix = 'fengcun';

export function openQueues(options: QueuesOptions): Queues {
  const connection = connectForCommands({ url: options.redisUrl, name: 'fengcun-queues' });
  connection.on('error', options.onError);
  const queues = new Map(
    queueNames.map((name) => {
      const queue = new Queue(name, {
        connection,
        prefix: options.prefix ?? defaultPrefix,
        // Queue events are for dashboards; a short stream is enough.
        streams: { events: { maxLen: 1000 } },
      });
      queue.on('error', options.onError);
      return [name, queue] as const;
    }),
  );
  const queueOf = (name: QueueName): Queue => {
    const queue = queues.get(name);
    if (!queue) throw new TypeError(`No queue ${name}`);
    return queue;
  };
  return {
    async add(queue, requests) {
      const { attempts, backoffMs } = queueSettings[queue];
      await queueOf(queue).addBulk(
        requests.map(({ jobKey, payload }) => ({
          name: queue,
          data: parsePayload(queue, payload),
          opts: {
            jobId: jobKey,
            attempts,
            backoff: { type: 'exponential', delay: backoffMs, jitter: backoffJitter },
            ...finishedJobs,
          },
        })),
      );
    },
    async counts(queue) {
      const counts = await queueOf(queue).getJobCounts(...countedStates);
      return { wait: counts.wait ?? 0, active: counts.active ?? 0, delayed: counts.delayed ?? 0 };
    },
    async ping() {
      await connection.ping();
    },
    async close() {
      await Promise.all([...queues.values()].map((queue) => queue.close()));
      connection.disconnect();
    },
  };
}
