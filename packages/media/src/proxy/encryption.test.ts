import { createCipheriv } from 'node:crypto';
import { expect, it } from 'vitest';
import { segmentCipher, segmentIv } from './encryption.ts';

const key = Buffer.from('2b7e151628aed2a6abf7158809cf4f3c', 'hex');
const baseIv = '000102030405060708090a0b0c0d0e0f';

// NIST SP 800-38A, section F.2.1: CBC-AES128.Encrypt, its first two blocks.
const plain = Buffer.from('6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51', 'hex');
const encrypted = '7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2';

it('encrypts as AES-128-CBC does, in pieces of any size, and pads with a block of its own', () => {
  const cipher = segmentCipher(key, baseIv, 0);
  const out = [cipher.update(plain.subarray(0, 7)), cipher.update(plain.subarray(7)), cipher.final()];
  expect(Buffer.concat(out).toString('hex', 0, 32)).toBe(encrypted);
  expect(Buffer.concat(out)).toHaveLength(48);
});

it('every segment has an IV of its own', () => {
  const second = createCipheriv('aes-128-cbc', key, Buffer.from('000102030405060708090a0b0c0d0e10', 'hex'));
  expect(segmentCipher(key, baseIv, 1).update(plain).equals(second.update(plain))).toBe(true);
});

it('IVs count up from the base and wrap at 128 bits', () => {
  expect(segmentIv('000000000000000000000000000000ff', 1).toString('hex')).toBe('00000000000000000000000000000100');
  expect(segmentIv('ffffffffffffffffffffffffffffffff', 1).toString('hex')).toBe('00000000000000000000000000000000');
});
