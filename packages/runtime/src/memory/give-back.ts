/**
 * Frees a chunk's memory at once, when the chunk owns all of its buffer; it cannot be used afterwards.
 *
 * Uploads and seals are gigabytes in buffers of 64 KiB to 1 MiB. V8 lets some 64 MiB of such garbage stand before it looks, and when it
 * looks it marks the whole heap, again and again: in a slow upload that was more work than receiving. Only for chunks that are ours, as
 * a request's body and a vault's `read` and `readPart` give them.
 */
export function giveBack(chunk: Uint8Array): void {
  const { buffer } = chunk;
  if (buffer instanceof ArrayBuffer && buffer.byteLength === chunk.byteLength) buffer.transfer(0);
}
