/** The service on a real database and vault, and what stands in for the worker, for tests outside this package. */
export * from './bureau.ts';
export * from './events.ts';
export * from './harness.ts';
export * from './make-copy.ts';
export * from './make-evidence.ts';
