import { createCipheriv, createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { type Encrypting, importSegmentKey, SegmentCipher, segmentIv } from './encryption.ts';

const key = Buffer.from('2b7e151628aed2a6abf7158809cf4f3c', 'hex');
const iv = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex');
const plain = createHash('shake256', { outputLength: 1000 }).update('segment').digest();

it.each([1, 7, 15, 16, 17, 33, 500, 1000])(
  'pieces of %i bytes give what one call of AES-128-CBC gives',
  async (size) => {
    const cipher = new SegmentCipher(await importSegmentKey(key), iv);
    const pieces: Encrypting[] = [];
    for (let at = 0; at < plain.length; at += size) pieces.push(cipher.update(plain.subarray(at, at + size)));
    pieces.push(cipher.final());
    const out = await Promise.all(pieces.map(({ bytes }) => bytes));
    expect(out.map(({ length }) => length)).toEqual(pieces.map(({ length }) => length));
    const reference = createCipheriv('aes-128-cbc', key, iv);
    expect(Buffer.concat(out).equals(Buffer.concat([reference.update(plain), reference.final()]))).toBe(true);
  },
);

it('a whole number of blocks gets a block of padding', async () => {
  const cipher = new SegmentCipher(await importSegmentKey(key), iv);
  const out = Buffer.concat([await cipher.update(plain.subarray(0, 32)).bytes, await cipher.final().bytes]);
  expect(out).toHaveLength(48);
});

it('IVs count up from the base and wrap at 128 bits', () => {
  expect(segmentIv('000000000000000000000000000000ff', 1).toString('hex')).toBe('00000000000000000000000000000100');
  expect(segmentIv('ffffffffffffffffffffffffffffffff', 1).toString('hex')).toBe('00000000000000000000000000000000');
});
