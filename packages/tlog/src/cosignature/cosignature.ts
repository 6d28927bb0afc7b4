/** Witness cosignatures, Ed25519 type (c2sp.org/tlog-cosignature, "Ed25519 signed message"). */
import { ed25519 } from '@noble/curves/ed25519.js';
import { parseCheckpoint } from '../checkpoint/checkpoint.ts';
import { isCount } from '../encoding/decimal.ts';
import { concatBytes, encodeUtf8 } from '../encoding/text.ts';
import { TlogError } from '../errors.ts';
import { formatSignatureLine } from '../note/note.ts';
import type { SignatureCheck } from '../note/open-note.ts';
import { SIGNATURE_BYTES, verifyEd25519 } from '../note/signature.ts';
import { publicKeyOf, type SigningKey } from '../note/signer.ts';
import type { VerifierKey } from '../note/verifier-key.ts';

/** A witness's statement: at `timestamp` (POSIX seconds) this was the largest consistent tree it had seen of the log. */
export interface Cosignature {
  readonly key: VerifierKey;
  readonly timestamp: number;
}

const TIMESTAMP_BYTES = 8;

/** Cosigns a checkpoint's note text at `timestamp` (POSIX seconds); returns the signature line without its newline. */
export function cosign(checkpointText: string, key: SigningKey, timestamp: number): string {
  if (key.type !== 'cosignature/v1')
    throw new TlogError('argument_invalid', 'A witness cosigns with a key of type cosignature/v1.');
  if (!isCount(timestamp) || timestamp === 0)
    throw new TlogError('argument_invalid', 'A cosignature needs the time in whole POSIX seconds.');
  parseCheckpoint(checkpointText);
  const time = new Uint8Array(TIMESTAMP_BYTES);
  new DataView(time.buffer).setBigUint64(0, BigInt(timestamp));
  const signature = ed25519.sign(cosignedMessage(checkpointText, timestamp), key.seed);
  const { name, id } = publicKeyOf(key);
  return formatSignatureLine(name, id, concatBytes(time, signature));
}

/** Verifies a cosignature; the detail is its timestamp in POSIX seconds. */
export const checkCosignature: SignatureCheck<number> = (key, text, signature) => {
  if (key.type !== 'cosignature/v1' || signature.length !== TIMESTAMP_BYTES + SIGNATURE_BYTES) return undefined;
  const time = new DataView(signature.buffer, signature.byteOffset).getBigUint64(0);
  // The format allows up to 2^63 - 1 and forbids zero here; past 2^53 it is some 285 million years from now and surely a lie.
  if (time === 0n || time > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
  const timestamp = Number(time);
  const valid = verifyEd25519(key.publicKey, cosignedMessage(text, timestamp), signature.subarray(TIMESTAMP_BYTES));
  return valid ? timestamp : undefined;
};

function cosignedMessage(checkpointText: string, timestamp: number): Uint8Array {
  return encodeUtf8(`cosignature/v1\ntime ${timestamp}\n${checkpointText}`);
}
