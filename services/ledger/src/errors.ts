const messages = {
  history_differs:
    'The tiles do not lead to the root that was signed; nothing is signed until an auditor has looked at the database',
  log_went_back:
    'The database knows fewer entries than this key has signed; restore the newer database, never sign over it',
} as const;

export type LedgerErrorCode = keyof typeof messages;

export class LedgerError extends Error {
  override readonly name = 'LedgerError';
  readonly code: LedgerErrorCode;

  constructor(code: LedgerErrorCode, detail?: string, options?: ErrorOptions) {
    super(detail ? `${messages[code]} (${detail})` : messages[code], options);
    this.code = code;
  }
}
