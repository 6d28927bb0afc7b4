import { decodeBase64, encodeBase64 } from '../encoding/base64.ts';
import { TlogError } from '../errors.ts';

/** Bytes in a SHA-256 hash. */
export const HASH_BYTES = 32;

/** Exactly 32 bytes: a node of a tree. */
export type Hash = Uint8Array & { readonly Hash: unique symbol };

/** Takes 32 bytes as a hash; does not copy. */
export function asHash(bytes: Uint8Array): Hash {
  if (bytes.length !== HASH_BYTES) {
    throw new TlogError('encoding_malformed', `A SHA-256 hash has ${HASH_BYTES} bytes; this has ${bytes.length}.`);
  }
  return bytes as Hash;
}

/** The line form that checkpoints and proofs use: padded base64 of 32 bytes. */
export function formatHash(hash: Hash): string {
  return encodeBase64(hash);
}

export function parseHash(line: string): Hash {
  return asHash(decodeBase64(line));
}

const HEX = /^[0-9a-f]{64}$/;

/** Lower-case hexadecimal, 64 digits. */
export function hashFromHex(hex: string): Hash {
  if (!HEX.test(hex))
    throw new TlogError('encoding_malformed', 'A SHA-256 hash is written as 64 lower-case hexadecimal digits.');
  const bytes = new Uint8Array(HASH_BYTES);
  for (let i = 0; i < HASH_BYTES; i++) bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return bytes as Hash;
}

export function hashToHex(hash: Uint8Array): string {
  let hex = '';
  for (const byte of hash) hex += byte.toString(16).padStart(2, '0');
  return hex;
}
