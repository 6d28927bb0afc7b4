/** In an address, instead of an id: one that is not saved yet. */
export const unsavedRedaction = 'new';

/** The page of a redacted version; null: of a new one. */
export const redactionLink = (evidence: string, redaction: string | null): string =>
  `/evidence/${evidence}/redactions/${redaction ?? unsavedRedaction}`;
