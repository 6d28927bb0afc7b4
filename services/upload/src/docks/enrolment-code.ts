import { createHash, randomBytes } from 'node:crypto';

/** Crockford's base32: no I, L, O, U, so that a code survives being read out and typed in. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const digits = 16;

/** A one-time code: 80 random bits, in four groups of four. */
export function newEnrolmentCode(): string {
  const text = Array.from(randomBytes(digits), (byte) => alphabet[byte % 32]).join('');
  return text.replace(/.{4}(?=.)/g, '$&-');
}

/** What is kept of a code. It is random through and through, so no salt is needed. Case, spaces and dashes do not matter. */
export function enrolmentCodeHash(code: string): Buffer {
  const plain = code.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1');
  return createHash('sha256').update(`fengcun-enrolment/v1\n${plain}`).digest();
}
