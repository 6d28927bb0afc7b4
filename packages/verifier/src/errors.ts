import type { Text } from './report/report.ts';

/** What makes a verification impossible before it has begun. Everything wrong *inside* a receipt is a failed leg, not an error. */
export type VerifierErrorCode =
  | 'file_missing'
  | 'file_unreadable'
  | 'keys_malformed'
  | 'keys_missing'
  | 'receipt_malformed'
  | 'receipt_missing'
  | 'receipt_not_json'
  | 'receipt_unreadable'
  | 'usage';

export class VerifierError extends Error {
  override readonly name = 'VerifierError';
  readonly code: VerifierErrorCode;
  readonly text: Text;

  constructor(code: VerifierErrorCode, text: Text, options?: ErrorOptions) {
    super(text.en, options);
    this.code = code;
    this.text = text;
  }
}
