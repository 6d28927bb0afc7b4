import { decodeBase64, encodeBase64 } from '../encoding/base64.ts';
import { concatBytes, encodeUtf8 } from '../encoding/text.ts';
import { TlogError } from '../errors.ts';
import { sha256 } from '../hash/hasher.ts';
import { requireKeyName } from './key-name.ts';

/** Signature types of c2sp.org/signed-note that this package can verify. */
export type KeyType = 'ed25519' | 'cosignature/v1';

const TYPE_BYTES: Readonly<Record<KeyType, number>> = { ed25519: 0x01, 'cosignature/v1': 0x04 };

/** Bytes in an Ed25519 public key, and in a seed. */
export const KEY_BYTES = 32;

/** A public key as a verifier is configured with it. Name and id together name it in a note. */
export interface VerifierKey {
  readonly name: string;
  /** uint32 */
  readonly id: number;
  readonly type: KeyType;
  readonly publicKey: Uint8Array;
}

/** SHA-256(name || 0x0A || type || public key)[:4] as a big-endian uint32. */
export function keyId(name: string, type: KeyType, publicKey: Uint8Array): number {
  const digest = sha256(concatBytes(encodeUtf8(`${name}\n`), Uint8Array.of(TYPE_BYTES[type]), publicKey));
  return new DataView(digest.buffer, digest.byteOffset).getUint32(0);
}

export function verifierKey(name: string, type: KeyType, publicKey: Uint8Array): VerifierKey {
  requireKeyName(name);
  if (publicKey.length !== KEY_BYTES) {
    throw new TlogError('key_malformed', `An Ed25519 public key has ${KEY_BYTES} bytes; this has ${publicKey.length}.`);
  }
  return { name, type, publicKey, id: keyId(name, type, publicKey) };
}

/** `<name>+<hex id>+base64(<type> || <public key>)`, a vkey. */
export function formatVerifierKey(key: VerifierKey): string {
  return `${key.name}+${formatKeyId(key.id)}+${encodeBase64(concatBytes(Uint8Array.of(TYPE_BYTES[key.type]), key.publicKey))}`;
}

/**
 * Reads a vkey. The id must be the one the specification recommends for these types, so that no damaged or mistyped key passes for
 * another. Throws `key_malformed`, or `key_type_unsupported` for types that exist but that we cannot verify (ECDSA, ML-DSA-44).
 */
export function parseVerifierKey(vkey: string): VerifierKey {
  const { name, id, material } = splitKeyText(vkey, 'A verifier key');
  const type = typeOfByte(material[0]);
  const key = verifierKey(name, type, material.slice(1));
  if (key.id !== id)
    throw new TlogError(
      'key_malformed',
      `The verifier key of ${name} is damaged: its id does not belong to its bytes.`,
    );
  return key;
}

export function sameKey(a: VerifierKey, b: VerifierKey): boolean {
  return formatVerifierKey(a) === formatVerifierKey(b);
}

/** Eight lower-case hexadecimal digits. */
export function formatKeyId(id: number): string {
  return id.toString(16).padStart(8, '0');
}

export function typeOfByte(byte: number | undefined): KeyType {
  for (const [type, typeByte] of Object.entries(TYPE_BYTES)) {
    if (typeByte === byte) return type as KeyType;
  }
  if (byte === undefined) throw new TlogError('key_malformed', 'The key has no bytes.');
  throw new TlogError(
    'key_type_unsupported',
    `Keys of signature type 0x${byte.toString(16).padStart(2, '0')} cannot be verified here; only Ed25519 (0x01) and cosignature/v1 (0x04) can.`,
  );
}

export function byteOfType(type: KeyType): number {
  return TYPE_BYTES[type];
}

/** The three parts that verifier keys and signing keys share. Base64 contains "+", so only the first two are separators. */
export function splitKeyText(text: string, what: string): { name: string; id: number; material: Uint8Array } {
  const first = text.indexOf('+');
  const second = text.indexOf('+', first + 1);
  const name = text.slice(0, Math.max(first, 0));
  const hex = text.slice(first + 1, Math.max(second, 0));
  if (first < 0 || second < 0 || !/^[0-9a-f]{8}$/.test(hex)) {
    throw new TlogError('key_malformed', `${what} is written <name>+<8 hexadecimal digits>+<base64>; this is not one.`);
  }
  requireKeyName(name);
  try {
    return { name, id: Number.parseInt(hex, 16), material: decodeBase64(text.slice(second + 1)) };
  } catch (cause) {
    throw new TlogError('key_malformed', `${what} ends in base64; this one of ${name} does not.`, { cause });
  }
}
