import {
  type Checkpoint,
  decodeUtf8,
  type JsonValue,
  type LogProof,
  type NoteSignature,
  type Opening,
  parseCheckpoint,
  parseLogProof,
  parseNote,
  parseStrictJson,
  parseVerifierKey,
  type VerifierKey,
} from '@fengcun/tlog';
import { VerifierError } from '../errors.ts';
import { Fields, malformed } from './fields.ts';

export const RECEIPT_FORMAT = 'fengcun-receipt/v1';

/** Longer than any receipt of ours; a recording passed in its place is refused before it is read. */
export const MAX_RECEIPT_BYTES = 2 * 1024 * 1024;

/** The JSON text of a receipt, as it is made and stored (design: ingest, "Receipt"). */
export interface ReceiptDocument {
  readonly format: typeof RECEIPT_FORMAT;
  /** the `evidence.sealed` event exactly as logged */
  readonly entry: JsonValue;
  readonly openings: readonly Opening[];
  /** c2sp.org/tlog-proof, checkpoint included */
  readonly proof: string;
  /** vkeys; a convenience, never a source of trust */
  readonly keys: readonly string[];
}

/** A receipt taken apart. Nothing in it is verified. */
export interface Receipt {
  readonly entry: JsonValue;
  readonly openings: readonly Opening[];
  readonly proof: LogProof;
  readonly checkpoint: Checkpoint;
  /** the checkpoint's note text, which signatures are over */
  readonly checkpointText: string;
  readonly signatures: readonly NoteSignature[];
  readonly keys: readonly VerifierKey[];
}

/**
 * Reads a receipt: white space between tokens is free, everything else has one spelling, and unknown members are refused, so that no
 * byte of a receipt stands outside what is verified. Throws `VerifierError` `receipt_not_json` or `receipt_malformed`.
 */
export function parseReceipt(source: string | Uint8Array): Receipt {
  const text = typeof source === 'string' ? source : decodeUtf8(source);
  if (text === undefined || text.length > MAX_RECEIPT_BYTES) throw notJson();
  const fields = new Fields(parseJson(text), 'receipt').only('format', 'entry', 'openings', 'proof', 'keys');
  if (fields.text('format') !== RECEIPT_FORMAT) {
    throw malformed(`回执的 format 不是 ${RECEIPT_FORMAT}`, `the receipt's format is not ${RECEIPT_FORMAT}`);
  }
  const entry = fields.raw('entry');
  if (entry === undefined) throw malformed('回执中没有 entry', 'the receipt has no entry');
  const openings = fields.list('openings', 256).map((value, i) => {
    const opening = new Fields(value, `receipt.openings[${i}]`).only('path', 'salt', 'value');
    return { path: opening.text('path'), salt: opening.text('salt'), value: opening.text('value') };
  });
  if (new Set(openings.map(({ path }) => path)).size !== openings.length) {
    throw malformed('openings 中有重复的 path', 'two openings have the same path');
  }
  const keys = fields.list('keys', 64).map((value, i) => parseKey(value, i));
  return { entry, openings, keys, ...parseProof(fields.text('proof')) };
}

/** The text of a receipt, for whoever issues or stores one. */
export function formatReceipt(receipt: ReceiptDocument): string {
  const { format, entry, openings, proof, keys } = receipt;
  return `${JSON.stringify({ format, entry, openings, proof, keys }, null, 2)}\n`;
}

function parseProof(text: string): Pick<Receipt, 'proof' | 'checkpoint' | 'checkpointText' | 'signatures'> {
  try {
    const proof = parseLogProof(text);
    if (proof.extra)
      throw malformed('proof 中有未经认证的 extra 行', 'the proof has an extra line, which nothing authenticates');
    const note = parseNote(proof.checkpoint);
    return { proof, checkpoint: parseCheckpoint(note.text), checkpointText: note.text, signatures: note.signatures };
  } catch (cause) {
    if (cause instanceof VerifierError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw malformed(`proof 不是完好的 tlog-proof（${why}）`, `the proof is not an intact tlog-proof (${why})`, cause);
  }
}

function parseKey(value: JsonValue, i: number): VerifierKey {
  try {
    if (typeof value === 'string') return parseVerifierKey(value);
  } catch (cause) {
    throw malformed(`keys[${i}] 不是完好的公钥`, `keys[${i}] is not an intact verifier key`, cause);
  }
  throw malformed(`keys[${i}] 不是文本`, `keys[${i}] is not text`);
}

function parseJson(text: string): JsonValue {
  try {
    JSON.parse(text);
  } catch (cause) {
    throw notJson(cause);
  }
  try {
    return parseStrictJson(text);
  } catch (cause) {
    throw malformed(
      '回执的 JSON 中有重复成员，或有写法不规范的数字、转义',
      'the receipt has duplicate members, or numbers or escapes in other than their plain form',
      cause,
    );
  }
}

function notJson(cause?: unknown): VerifierError {
  return new VerifierError(
    'receipt_not_json',
    {
      zh: '回执不是 JSON 文本：文件损坏，或给错了文件。',
      en: 'The receipt is not JSON: it is damaged, or another file was given in its place.',
    },
    { cause },
  );
}
