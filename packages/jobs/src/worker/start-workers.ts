import { type QueueName, queueNames } from '@fengcun/contracts';
import type { Logger, Registry } from '@fengcun/runtime';
import { type Job, UnrecoverableError, Worker } from 'bullmq';
import { JobsError } from '../errors.ts';
import { parsePayload } from '../queue/payload.ts';
import { defaultPrefix } from '../queue/queues.ts';
import { lockMs, maxStalls, queueSettings, stalledCheckMs } from '../queue/settings.ts';
import { connectForWorkers } from '../redis/connect-redis.ts';
import type { Handler, HandlerRegistry } from '../registry/handler-registry.ts';
import { type JobMetrics, jobMetrics } from './metrics.ts';

export interface WorkersOptions {
  readonly redisUrl: string;
  readonly prefix?: string;
  readonly handlers: HandlerRegistry;
  readonly logger: Logger;
  readonly metrics: Registry;
  readonly concurrency?: Partial<Readonly<Record<QueueName, number>>>;
  /** ms that running jobs get to finish when closing, before their signals fire; default 2000 */
  readonly graceMs?: number;
  /** ms a claim lasts without renewal; default 15 s */
  readonly lockMs?: number;
  /** ms between two looks for jobs whose worker died; default 5 s */
  readonly stalledCheckMs?: number;
}

export interface Workers {
  /** whether every queue is being worked on */
  readonly running: boolean;
  /** Takes no more jobs, lets running ones finish or aborts them after the grace, and disconnects. */
  close(): Promise<void>;
}

/**
 * Starts one BullMQ worker per queue. They live through a restarted or flushed Redis: what BullMQ keeps there is made again by the next
 * `add`, and what was lost is the reconciler's to find. Throws `handler_missing`.
 */
export async function startWorkers(options: WorkersOptions): Promise<Workers> {
  const handlers = options.handlers.complete();
  const metrics = jobMetrics(options.metrics);
  const connection = connectForWorkers({ url: options.redisUrl, name: 'fengcun-workers' });
  connection.on('error', (error) => options.logger.warn({ err: error }, 'redis connection'));
  const workers = [...handlers].map(([queue, handler]) => startWorker(queue, handler, connection, metrics, options));
  try {
    await Promise.all(workers.map((worker) => worker.waitUntilReady()));
  } catch (error) {
    connection.disconnect();
    throw error;
  }
  return {
    get running() {
      return (
        workers.length === queueNames.length && workers.every((worker) => worker.isRunning() && !worker.isPaused())
      );
    },
    async close() {
      const abort = setTimeout(() => {
        for (const worker of workers) worker.cancelAllJobs('the worker is closing');
      }, options.graceMs ?? 2000);
      try {
        await Promise.all(workers.map((worker) => worker.close()));
      } finally {
        clearTimeout(abort);
        connection.disconnect();
      }
    },
  };
}

function startWorker(
  queue: QueueName,
  handler: Handler<QueueName>,
  connection: ReturnType<typeof connectForWorkers>,
  metrics: JobMetrics,
  options: WorkersOptions,
): Worker {
  const logger = options.logger.child({ queue });
  const worker = new Worker(queue, (job, _token, signal) => run(job, signal), {
    connection,
    prefix: options.prefix ?? defaultPrefix,
    concurrency: options.concurrency?.[queue] ?? queueSettings[queue].concurrency,
    lockDuration: options.lockMs ?? lockMs,
    stalledInterval: options.stalledCheckMs ?? stalledCheckMs,
    maxStalledCount: maxStalls,
    // After an outage of Redis: look again soon, not after BullMQ's 15 s.
    runRetryDelay: 1000,
  });

  const run = async (job: Job, signal: AbortSignal | undefined): Promise<void> => {
    const payload = parse(queue, job);
    const attempt = job.attemptsMade + 1;
    const stop = metrics.duration.startTimer({ queue });
    try {
      await handler(payload, {
        signal: signal ?? new AbortController().signal,
        attempt,
        last: attempt >= (job.opts.attempts ?? 1),
        logger: logger.child({ job: job.id, attempt }),
      });
    } finally {
      stop();
    }
  };

  worker.on('completed', () => metrics.finished.inc({ queue, outcome: 'completed' }));
  worker.on('failed', (job, error) => {
    const again = job !== undefined && job.finishedOn === undefined;
    metrics.finished.inc({ queue, outcome: again ? 'retried' : 'failed' });
    logger[again ? 'warn' : 'error'](
      { job: job?.id, attempt: job?.attemptsMade, err: error },
      again ? 'job will be tried again' : 'job failed',
    );
  });
  worker.on('stalled', (jobId) => {
    metrics.stalled.inc({ queue });
    logger.warn({ job: jobId }, 'job was abandoned by its worker and goes back to the queue');
  });
  // BullMQ reports a lost lock and lets the handler run on: two workers on one job. It is told to stop.
  worker.on('lockRenewalFailed', (jobIds) => {
    metrics.locksLost.inc({ queue }, jobIds.length);
    for (const jobId of jobIds) worker.cancelJob(jobId, 'the lock on the job was lost');
  });
  worker.on('error', (error) => logger.warn({ err: error }, 'queue worker'));
  return worker;
}

/** A payload that does not fit will not fit next time either. */
function parse(queue: QueueName, job: Job) {
  try {
    return parsePayload(queue, job.data);
  } catch (error) {
    if (error instanceof JobsError) throw new UnrecoverableError(error.message);
    throw error;
  }
}
