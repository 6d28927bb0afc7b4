/** Seals what was received and makes what is watched: BullMQ processors, outbox relay, reconciler. */
export {
  defaultWorkerConfig,
  fontSettings,
  readWorkerSettings,
  type WorkerConfig,
} from './config.ts';
export type { FailureReason, NothingReason } from './derivatives/outcome.ts';
export { WorkerError, type WorkerErrorCode } from './errors.ts';
export { startWorker, type WorkerOptions, type WorkerProcess } from './start-worker.ts';
