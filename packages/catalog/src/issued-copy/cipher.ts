import { createCipheriv, createDecipheriv } from 'node:crypto';

const algorithm = 'aes-256-ctr';
const block = 16;

/** A copy's bytes as they lie in the vault: the same length, and noise without the key. The key must never be used for other bytes. */
export async function* encryptCopy(key: Uint8Array, source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const cipher = createCipheriv(algorithm, key, counterAt(0));
  for await (const chunk of source) yield cipher.update(chunk);
}

/** The bytes again, from stored ones that begin at `start` of the copy. */
export async function* decryptCopy(
  key: Uint8Array,
  source: AsyncIterable<Uint8Array>,
  start: number,
): AsyncGenerator<Uint8Array> {
  const decipher = createDecipheriv(algorithm, key, counterAt(Math.floor(start / block)));
  // The bytes of the first block that lie before the start.
  decipher.update(Buffer.alloc(start % block));
  for await (const chunk of source) yield decipher.update(chunk);
}

/** The counter of a block (NIST SP 800-38A, section 6.5): sixteen bytes, big-endian, from zero. */
function counterAt(blockNumber: number): Buffer {
  const counter = Buffer.alloc(block);
  counter.writeBigUInt64BE(BigInt(blockNumber), 8);
  return counter;
}
