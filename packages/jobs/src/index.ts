/** Queues: what is asked for in the outbox, carried by BullMQ, done by registered handlers. */
export { JobsError, type JobsErrorCode } from './errors.ts';
export { type JobRequest, openQueues, type QueueCounts, type Queues, type QueuesOptions } from './queue/queues.ts';
export { assertSafeRedis, type SafetyOptions } from './redis/assert-safe-redis.ts';
export { type Handler, HandlerRegistry, type JobContext } from './registry/handler-registry.ts';
export { type Relay, type RelayOptions, startRelay } from './relay/start-relay.ts';
export { queueMetrics } from './worker/metrics.ts';
export { startWorkers, type Workers, type WorkersOptions } from './worker/start-workers.ts';
