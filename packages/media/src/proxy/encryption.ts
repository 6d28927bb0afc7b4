import { type Cipheriv, createCipheriv } from 'node:crypto';

/**
 * The IV of segment `n`: the base plus `n`, as a 128-bit big-endian number. Each segment has its own, so that two segments that begin
 * alike do not encrypt alike; the base is random for every proxy, so that neither do two proxies under one key.
 */
export function segmentIv(baseIv: string, n: number): Buffer {
  const sum = (BigInt(`0x${baseIv}`) + BigInt(n)) & ((1n << 128n) - 1n);
  return Buffer.from(sum.toString(16).padStart(32, '0'), 'hex');
}

/**
 * AES-128-CBC with PKCS7 padding over the whole of segment `n` (RFC 8216, section 5.2), which ffmpeg's own muxer refuses to do for fMP4.
 * `key` has 16 bytes. On the caller's own thread: for pieces as they come out of a pipe, handing them to another costs more than it saves.
 */
export function segmentCipher(key: Uint8Array, baseIv: string, n: number): Cipheriv {
  return createCipheriv('aes-128-cbc', key, segmentIv(baseIv, n));
}
