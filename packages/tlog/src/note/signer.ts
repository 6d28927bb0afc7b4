import { ed25519 } from '@noble/curves/ed25519.js';
import { encodeBase64 } from '../encoding/base64.ts';
import { concatBytes } from '../encoding/text.ts';
import { TlogError } from '../errors.ts';
import {
  byteOfType,
  formatKeyId,
  KEY_BYTES,
  type KeyType,
  splitKeyText,
  typeOfByte,
  type VerifierKey,
  verifierKey,
} from './verifier-key.ts';

/** Signs a note's text. May be backed by a device or another process, hence the promise. */
export interface NoteSigner {
  readonly key: VerifierKey;
  /** What follows the key id in a signature line, for the text including its final newline. */
  sign(text: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

/** A private key with the name it signs under. */
export interface SigningKey {
  readonly name: string;
  readonly type: KeyType;
  /** RFC 8032 seed, 32 bytes */
  readonly seed: Uint8Array;
}

const PREFIX = 'PRIVATE+KEY+';

/** `PRIVATE+KEY+<name>+<hex id>+base64(<type> || <seed>)`, as golang.org/x/mod/sumdb/note writes and reads it. */
export function formatSigningKey(key: SigningKey): string {
  const { id } = publicKeyOf(key);
  return `${PREFIX}${key.name}+${formatKeyId(id)}+${encodeBase64(concatBytes(Uint8Array.of(byteOfType(key.type)), key.seed))}`;
}

export function parseSigningKey(text: string): SigningKey {
  if (!text.startsWith(PREFIX))
    throw new TlogError('key_malformed', `A signing key begins with ${PREFIX}; this text does not.`);
  const { name, id, material } = splitKeyText(text.slice(PREFIX.length), 'A signing key');
  const key = { name, type: typeOfByte(material[0]), seed: material.slice(1) };
  if (publicKeyOf(key).id !== id)
    throw new TlogError('key_malformed', `The signing key of ${name} is damaged: its id does not belong to its bytes.`);
  return key;
}

/** A new key; the seed comes from the platform's cryptographic random source. */
export function generateSigningKey(name: string, type: KeyType = 'ed25519'): SigningKey {
  const key = { name, type, seed: crypto.getRandomValues(new Uint8Array(KEY_BYTES)) };
  publicKeyOf(key);
  return key;
}

export function publicKeyOf(key: SigningKey): VerifierKey {
  if (key.seed.length !== KEY_BYTES)
    throw new TlogError('key_malformed', `An Ed25519 seed has ${KEY_BYTES} bytes; this has ${key.seed.length}.`);
  return verifierKey(key.name, key.type, ed25519.getPublicKey(key.seed));
}

/** Signs notes with an Ed25519 key held in memory (signature type 0x01). */
export function ed25519Signer(key: SigningKey): NoteSigner {
  if (key.type !== 'ed25519')
    throw new TlogError('argument_invalid', `A key of type ${key.type} does not sign plain notes.`);
  return { key: publicKeyOf(key), sign: (text) => ed25519.sign(text, key.seed) };
}
