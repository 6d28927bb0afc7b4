const messages = {
  redis_unreachable: 'Redis does not answer; start it or correct the URL',
  redis_evicts: 'Redis may evict keys, and jobs with them; set `maxmemory-policy noeviction` and start again',
  redis_forgets: 'Redis has no append-only file, so a crash loses the queue; set `appendonly yes` and start again',
  handler_missing: 'A queue has no handler, so its jobs would wait for ever; register one before starting',
  handler_twice: 'A queue has two handlers; register one of them only',
  payload_invalid: 'The payload does not fit its queue; build it as contracts/job says',
} as const;

export type JobsErrorCode = keyof typeof messages;

export class JobsError extends Error {
  override readonly name = 'JobsError';
  readonly code: JobsErrorCode;

  constructor(code: JobsErrorCode, about?: string, options?: ErrorOptions) {
    super(about ? `${messages[code]} (${about})` : messages[code], options);
    this.code = code;
  }
}
