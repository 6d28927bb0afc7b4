/** Checks a receipt with no network and no server. Pure, and the same in browsers; the command line is `src/cli.ts`. */
export { VerifierError, type VerifierErrorCode } from './errors.ts';
export { parseKeyList } from './keys/key-list.ts';
export {
  formatReceipt,
  MAX_RECEIPT_BYTES,
  parseReceipt,
  RECEIPT_FORMAT,
  type Receipt,
  type ReceiptDocument,
} from './receipt/receipt.ts';
export { parseSealedEntry, type SealedEntry, type SealedEvidence } from './receipt/sealed.ts';
export {
  LEGS,
  type Leg,
  type LegName,
  type Outcome,
  type ReceiptSubject,
  type Report,
  type Text,
  type Verdict,
  verdictOf,
} from './report/report.ts';
export type { Content } from './verify/content-legs.ts';
export { type ReceiptVerification, verifyReceipt } from './verify/verify-receipt.ts';
