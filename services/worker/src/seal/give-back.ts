/**
 * Frees a chunk's memory at once, when the chunk owns all of its buffer; it cannot be used afterwards.
 *
 * A seal reads gigabytes in buffers of 1 MiB, and V8 lets some 64 MiB of such garbage stand before it looks: more than everything else a
 * seal needs. Only for chunks that are ours to keep, as a vault's `read` and `readPart` give them.
 */
export function giveBack(chunk: Uint8Array): void {
  const { buffer } = chunk;
  if (buffer instanceof ArrayBuffer && buffer.byteLength === chunk.byteLength) buffer.transfer(0);
}
