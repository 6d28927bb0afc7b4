const exitCodes = {
  /** something is not sealed */
  not_sealed: 1,
  quarantined: 1,
  refused: 1,
  receipt_does_not_hold: 1,
  usage: 2,
  not_enrolled: 2,
  already_running: 2,
  home_unusable: 2,
  unreachable: 3,
} as const;

export type DockErrorCode = keyof typeof exitCodes;

/** A fault the operator of the dock is told about; the message says what to do. */
export class DockError extends Error {
  override readonly name = 'DockError';
  readonly code: DockErrorCode;

  constructor(code: DockErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  get exitCode(): number {
    return exitCodes[this.code];
  }
}
