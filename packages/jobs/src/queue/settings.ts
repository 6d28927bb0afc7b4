import type { QueueName } from '@fengcun/contracts';

/** How a queue treats its jobs. */
export interface QueueSettings {
  /** starts before Redis forgets the job and leaves it to the reconciler */
  readonly attempts: number;
  /** ms before the second attempt; doubles with each further one, less up to half at random so that failures do not march in step */
  readonly backoffMs: number;
  /** jobs of this queue that one process works on at once, unless configured */
  readonly concurrency: number;
}

/**
 * A job that has ended, either way, leaves Redis at once: BullMQ ignores an `add` whose id is still known, so a kept failed job would swallow
 * every later attempt to repeat it. What happened to the evidence is in the catalogue.
 */
export const finishedJobs = { removeOnComplete: true, removeOnFail: true } as const;

export const queueSettings: Readonly<Record<QueueName, QueueSettings>> = {
  seal: { attempts: 5, backoffMs: 500, concurrency: 4 },
  probe: { attempts: 3, backoffMs: 1000, concurrency: 2 },
  proxy: { attempts: 3, backoffMs: 5000, concurrency: 1 },
  copy: { attempts: 3, backoffMs: 5000, concurrency: 1 },
  redact: { attempts: 3, backoffMs: 5000, concurrency: 1 },
  retain: { attempts: 5, backoffMs: 1000, concurrency: 2 },
  replicate: { attempts: 3, backoffMs: 5000, concurrency: 2 },
  dispose: { attempts: 5, backoffMs: 2000, concurrency: 1 },
};

export const backoffJitter = 0.5;

/** ms a worker's claim on a job lasts without renewal; a dead worker's job is taken up by another after this and the next check. */
export const lockMs = 15_000;
export const stalledCheckMs = 5_000;
/** A job found abandoned this often is left to the reconciler, in case it is the job that kills its worker. */
export const maxStalls = 3;
