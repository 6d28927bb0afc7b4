import { queueNames } from '@fengcun/contracts';
import { Counter, Gauge, Histogram, type Registry } from '@fengcun/runtime';
import { countedStates, type Queues } from '../queue/queues.ts';

export interface JobMetrics {
  readonly finished: Counter<'queue' | 'outcome'>;
  readonly duration: Histogram<'queue'>;
  readonly stalled: Counter<'queue'>;
  readonly locksLost: Counter<'queue'>;
}

export function jobMetrics(registry: Registry): JobMetrics {
  const registers = [registry];
  return {
    finished: new Counter({
      name: 'fengcun_jobs_finished_total',
      help: 'Attempts at jobs, by outcome: completed, retried (another attempt follows), failed',
      labelNames: ['queue', 'outcome'],
      registers,
    }),
    duration: new Histogram({
      name: 'fengcun_job_duration_seconds',
      help: 'Time a handler took, whatever the outcome',
      labelNames: ['queue'],
      buckets: [0.01, 0.05, 0.25, 1, 5, 30, 120, 600, 3600],
      registers,
    }),
    stalled: new Counter({
      name: 'fengcun_jobs_stalled_total',
      help: 'Jobs abandoned by a worker and given back to the queue',
      labelNames: ['queue'],
      registers,
    }),
    locksLost: new Counter({
      name: 'fengcun_job_locks_lost_total',
      help: 'Running jobs told to stop because their lock was lost',
      labelNames: ['queue'],
      registers,
    }),
  };
}

/** Length of every queue, asked of Redis at each scrape. When Redis is away the series is absent, not zero. */
export function queueMetrics(registry: Registry, queues: Queues): void {
  new Gauge({
    name: 'fengcun_queue_jobs',
    help: 'Jobs in a queue, by state',
    labelNames: ['queue', 'state'],
    registers: [registry],
    async collect() {
      this.reset();
      try {
        for (const queue of queueNames) {
          const counts = await queues.counts(queue);
          for (const state of countedStates) this.set({ queue, state }, counts[state]);
        }
      } catch {
        this.reset();
      }
    },
  });
}
