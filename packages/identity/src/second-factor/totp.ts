import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** RFC 6238 as every authenticator does it: HMAC-SHA-1, 30 seconds, 6 digits. */
const stepMs = 30_000;
const digits = 6;
/** A clock may be one step off, either way (RFC 6238, 5.2). */
const drift = 1;
/** 160 bits: as long as the hash (RFC 4226, section 4, R6). */
const secretBytes = 20;

export function newTotpSecret(): Buffer {
  return randomBytes(secretBytes);
}

/** What an account's secret is bound to while it is kept in a `SecretBox`. */
export const totpUse = (account: string): string => `totp ${account}`;

/** The time step a moment lies in. */
export const totpStep = (at: Date): number => Math.floor(at.getTime() / stepMs);

/** The code of a time step (RFC 4226, 5.3). */
export function totpCode(secret: Uint8Array, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 0x0f;
  const number = mac.readUInt32BE(offset) & 0x7fff_ffff;
  return String(number % 10 ** digits).padStart(digits, '0');
}

/** The time step whose code this is, now or one step off; undefined where it is none of them. */
export function matchTotp(secret: Uint8Array, code: string, now: Date): number | undefined {
  const given = Buffer.from(code);
  let match: number | undefined;
  for (let step = totpStep(now) - drift; step <= totpStep(now) + drift; step++) {
    const expected = Buffer.from(totpCode(secret, step));
    if (given.length === expected.length && timingSafeEqual(given, expected)) match = step;
  }
  return match;
}

/** What a QR code shows to an authenticator (the `otpauth` URI of Google's Key Uri Format, which all of them read). */
export function totpUri(secret: Uint8Array, about: { readonly issuer: string; readonly login: string }): string {
  const label = `${encodeURIComponent(about.issuer)}:${encodeURIComponent(about.login)}`;
  const query = `secret=${base32(secret)}&issuer=${encodeURIComponent(about.issuer)}&algorithm=SHA1&digits=${digits}&period=30`;
  return `otpauth://totp/${label}?${query}`;
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** RFC 4648, section 6, without padding. */
export function base32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += alphabet[(value >> bits) & 31];
    }
    value &= (1 << bits) - 1;
  }
  return bits > 0 ? text + alphabet[(value << (5 - bits)) & 31] : text;
}

/** The bytes of a base32 text; blanks, case and padding do not matter. Throws a RangeError for other characters. */
export function fromBase32(text: string): Buffer {
  const bytes: number[] = [];
  let bits = 0;
  let value = 0;
  for (const character of text.toUpperCase().replaceAll(/[\s=-]/g, '')) {
    const five = alphabet.indexOf(character);
    if (five < 0) throw new RangeError('This is not base32; it has A to Z and 2 to 7 only');
    value = (value << 5) | five;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((value >> bits) & 255);
    value &= (1 << bits) - 1;
  }
  return Buffer.from(bytes);
}
