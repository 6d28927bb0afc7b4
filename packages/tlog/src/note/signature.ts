import { ed25519 } from '@noble/curves/ed25519.js';

/** Bytes in an Ed25519 signature. */
export const SIGNATURE_BYTES = 64;

/**
 * RFC 8032 verification, strict: reduced encodings only and no small-order keys, so that one signature belongs to one message and one
 * key. Never throws: a malformed key or signature verifies nothing.
 */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_BYTES) return false;
  try {
    return ed25519.verify(signature, message, publicKey, { zip215: false });
  } catch {
    return false;
  }
}
