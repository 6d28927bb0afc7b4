import { encodeUtf8 } from '../encoding/text.ts';
import { TlogError } from '../errors.ts';
import { type NoteSignature, parseNote } from './note.ts';
import { verifyEd25519 } from './signature.ts';
import { formatKeyId, type VerifierKey } from './verifier-key.ts';

/** What one key type does with a signature: the detail it carries, or `undefined` when it does not verify. */
export type SignatureCheck<Detail> = (key: VerifierKey, text: string, signature: Uint8Array) => Detail | undefined;

export interface VerifiedSignature<Detail> {
  readonly key: VerifierKey;
  readonly detail: Detail;
}

export interface SignatureSurvey<Detail> {
  readonly verified: readonly VerifiedSignature<Detail>[];
  /** from keys we were not given; nothing may be concluded from them */
  readonly unknown: readonly NoteSignature[];
}

/** Plain Ed25519 notes (signature type 0x01). */
export const checkEd25519: SignatureCheck<null> = (key, text, signature) =>
  key.type === 'ed25519' && verifyEd25519(key.publicKey, encodeUtf8(text), signature) ? null : undefined;

/**
 * Verifies every signature by a known key and sets the others apart. As the specification asks, a known key's signature that fails
 * rejects the whole note (`signature_invalid`), and a name and id shared by two different keys is an error rather than a choice.
 */
export function surveySignatures<Detail>(
  text: string,
  signatures: readonly NoteSignature[],
  keys: readonly VerifierKey[],
  check: SignatureCheck<Detail>,
): SignatureSurvey<Detail> {
  const verified: VerifiedSignature<Detail>[] = [];
  const unknown: NoteSignature[] = [];
  for (const signature of signatures) {
    const [key, other] = keys.filter(({ name, id }) => name === signature.name && id === signature.keyId);
    if (key && other) {
      throw new TlogError(
        'key_ambiguous',
        `Two of the given keys are both ${key.name}+${formatKeyId(key.id)}; give each key once.`,
      );
    }
    if (!key) {
      unknown.push(signature);
      continue;
    }
    const detail = check(key, text, signature.signature);
    if (detail === undefined) {
      throw new TlogError(
        'signature_invalid',
        `The signature by ${key.name}+${formatKeyId(key.id)} does not verify: text or signature was altered.`,
      );
    }
    if (!verified.some((earlier) => earlier.key === key)) verified.push({ key, detail });
  }
  return { verified, unknown };
}

export interface OpenedNote {
  readonly text: string;
  readonly verified: readonly VerifierKey[];
  readonly unknown: readonly NoteSignature[];
}

/**
 * Opens a note that must be signed by at least one of `keys`. Its text must not be looked at when this throws: `note_malformed`,
 * `note_not_signed` (by any of these keys), `signature_invalid`, `key_ambiguous`.
 */
export function openNote(source: string, keys: readonly VerifierKey[]): OpenedNote {
  const { text, signatures } = parseNote(source);
  const { verified, unknown } = surveySignatures(text, signatures, keys, checkEd25519);
  if (verified.length === 0) {
    throw new TlogError(
      'note_not_signed',
      'None of the signatures is by a key you gave; get the right key, or do not trust this note.',
    );
  }
  return { text, verified: verified.map(({ key }) => key), unknown };
}
