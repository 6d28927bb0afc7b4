const messages = {
  migration_changed:
    'A migration that was already applied has been edited; restore its text and add a new migration instead',
  event_too_large: 'A ledger event must stay under 64 KiB; put large values beside the log and their digest into it',
  query_too_long:
    'The search looks for too many words at once; leave some out or put those that belong together into quotes',
  cursor_invalid: 'The cursor was not made by this list; start again without one',
  grant_over: 'The grant was revoked, its time is over or its last use is gone; ask for access again',
  login_taken: 'Somebody has this login; choose another',
  officer_number_taken: 'Somebody has this officer number; correct it',
  unit_closed: 'The unit is closed; choose an open one',
  unit_code_taken: 'A unit has this code; choose another',
  two_administrators: 'Nobody holds two administrator roles; take the other one away first',
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
