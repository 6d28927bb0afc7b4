import { TlogError } from '../errors.ts';

const STANDARD = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const URL_SAFE = /^[A-Za-z0-9_-]*$/;

/** RFC 4648 section 4, padded. */
export function encodeBase64(bytes: Uint8Array): string {
  let binary = '';
  // In slices: the argument list of a call is bounded.
  for (let at = 0; at < bytes.length; at += 0x2000) {
    binary += String.fromCharCode(...bytes.subarray(at, at + 0x2000));
  }
  return btoa(binary);
}

/**
 * RFC 4648 section 4, padded, and only the one canonical spelling of the bytes: no white space, no missing padding, no stray
 * bits in the last character. Two spellings of one signature would be two notes that verify as one.
 */
export function decodeBase64(text: string): Uint8Array {
  if (!STANDARD.test(text))
    throw new TlogError('encoding_malformed', 'This is not padded base64 (RFC 4648 section 4).');
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  if (encodeBase64(bytes) !== text) {
    throw new TlogError(
      'encoding_malformed',
      'This base64 has stray bits in its last character; it was altered or badly written.',
    );
  }
  return bytes;
}

/** RFC 4648 section 5, without padding. */
export function encodeBase64Url(bytes: Uint8Array): string {
  return encodeBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** RFC 4648 section 5, without padding, canonical spelling only. */
export function decodeBase64Url(text: string): Uint8Array {
  if (!URL_SAFE.test(text))
    throw new TlogError('encoding_malformed', 'This is not unpadded base64url (RFC 4648 section 5).');
  const padded = text.replaceAll('-', '+').replaceAll('_', '/') + '='.repeat((4 - (text.length % 4)) % 4);
  return decodeBase64(padded);
}
