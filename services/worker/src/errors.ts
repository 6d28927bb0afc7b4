const messages = {
  vault_unfit: 'The vault does not do what sealing rests on, so the worker does not start; mend what is named',
  lock_missing: 'The vault does not show the lock that was asked for; nothing is sealed until it does, check the vault',
  object_incomplete:
    'The vault gave fewer bytes than the object has; nothing is sealed until it gives all, check the vault',
  taken_over: 'Another worker has taken this work over; its result will count',
} as const;

export type WorkerErrorCode = keyof typeof messages;

export class WorkerError extends Error {
  override readonly name = 'WorkerError';
  readonly code: WorkerErrorCode;

  constructor(code: WorkerErrorCode, about?: string, options?: ErrorOptions) {
    super(about ? `${messages[code]} (${about})` : messages[code], options);
    this.code = code;
  }
}
