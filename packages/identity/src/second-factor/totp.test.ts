import { describe, expect, it } from 'vitest';
import { base32, fromBase32, matchTotp, totpCode, totpStep, totpUri } from './totp.ts';

const secret = Buffer.from('12345678901234567890');

describe('a time-based code', () => {
  // RFC 6238, appendix B, SHA-1, the last six of its eight digits.
  it.each([
    [59, '287082'],
    [1111111109, '081804'],
    [1111111111, '050471'],
    [1234567890, '005924'],
    [2000000000, '279037'],
    [20000000000, '353130'],
  ])('at %i s is that of RFC 6238', (seconds, code) => {
    expect(totpCode(secret, totpStep(new Date(seconds * 1000)))).toBe(code);
  });

  it('is good one step early or late, and no more', () => {
    const now = new Date(1234567890_000);
    const step = totpStep(now);
    for (const off of [-1, 0, 1]) expect(matchTotp(secret, totpCode(secret, step + off), now)).toBe(step + off);
    for (const off of [-2, 2]) expect(matchTotp(secret, totpCode(secret, step + off), now)).toBeUndefined();
    expect(matchTotp(secret, '', now)).toBeUndefined();
  });
});

describe('base32', () => {
  // RFC 4648, section 10, without padding.
  it.each([
    ['', ''],
    ['f', 'MY'],
    ['fo', 'MZXQ'],
    ['foo', 'MZXW6'],
    ['foob', 'MZXW6YQ'],
    ['fooba', 'MZXW6YTB'],
    ['foobar', 'MZXW6YTBOI'],
  ])('of %j is %j, and back', (text, encoded) => {
    expect(base32(Buffer.from(text))).toBe(encoded);
    expect(fromBase32(encoded.toLowerCase()).toString()).toBe(text);
  });

  it('has no other characters', () => {
    expect(() => fromBase32('MZ1')).toThrow('base32');
  });
});

it('a QR code names the site and the person', () => {
  expect(totpUri(secret, { issuer: '临江市公安局', login: 'li.wei' })).toBe(
    `otpauth://totp/${encodeURIComponent('临江市公安局')}:li.wei?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=${encodeURIComponent('临江市公安局')}&algorithm=SHA1&digits=6&period=30`,
  );
});
