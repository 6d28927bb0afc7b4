import { type JobPayload, type QueueName, queueNames } from '@fengcun/contracts';
import type { Logger } from '@fengcun/runtime';
import { JobsError } from '../errors.ts';

export interface JobContext {
  /**
   * Fires when the job's lock was lost - another worker may have the job now - or the process is closing. The handler should stop and
   * reject; whatever it still writes must be fenced, because a signal can arrive too late.
   */
  readonly signal: AbortSignal;
  /** 1 for the first */
  readonly attempt: number;
  /** no further attempt follows from this queue if this one rejects */
  readonly last: boolean;
  readonly logger: Logger;
}

/** Does one job. Jobs arrive at least once, possibly twice at the same time: a handler is idempotent. Rejecting means: try again later. */
export type Handler<Q extends QueueName> = (payload: JobPayload<Q>, context: JobContext) => Promise<void>;

/** Exactly one handler per queue, checked before the first job is taken. */
export class HandlerRegistry {
  readonly #handlers = new Map<QueueName, Handler<QueueName>>();

  /** Throws `handler_twice`. */
  handle<Q extends QueueName>(queue: Q, handler: Handler<Q>): this {
    if (this.#handlers.has(queue)) throw new JobsError('handler_twice', queue);
    this.#handlers.set(queue, handler as Handler<QueueName>);
    return this;
  }

  /** Every queue with its handler. Throws `handler_missing`, naming the queues. */
  complete(): ReadonlyMap<QueueName, Handler<QueueName>> {
    const missing = queueNames.filter((queue) => !this.#handlers.has(queue));
    if (missing.length > 0) throw new JobsError('handler_missing', missing.join(', '));
    return this.#handlers;
  }
}
