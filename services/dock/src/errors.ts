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

/** The same sentence for who reads Chinese and for who does not. */
export interface Text {
  readonly zh: string;
  readonly en: string;
}

/** A fault the operator of the dock is told about; the sentence says what to do. What a server said comes in our words for its code (`problemText`). */
export class DockError extends Error {
  override readonly name = 'DockError';
  readonly code: DockErrorCode;
  readonly text: Text;

  constructor(code: DockErrorCode, sentence: string | Text, options?: ErrorOptions) {
    const text = typeof sentence === 'string' ? { zh: sentence, en: sentence } : sentence;
    super(text.en, options);
    this.code = code;
    this.text = text;
  }

  get exitCode(): number {
    return exitCodes[this.code];
  }
}
