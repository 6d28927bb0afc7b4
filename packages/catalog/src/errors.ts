const messages = {
  migration_changed:
    'A migration that was already applied has been edited; restore its text and add a new migration instead',
  event_too_large: 'A ledger event must stay under 64 KiB; put large values beside the log and their digest into it',
  cursor_invalid: 'The cursor was not made by this list; start again without one',
} as const;

export type CatalogErrorCode = keyof typeof messages;

export class CatalogError extends Error {
  override readonly name = 'CatalogError';
  readonly code: CatalogErrorCode;

  constructor(code: CatalogErrorCode, about?: string, options?: ErrorOptions) {
    super(about ? `${messages[code]} (${about})` : messages[code], options);
    this.code = code;
  }
}
