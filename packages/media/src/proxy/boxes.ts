/** Boxes of an MP4 that is in memory (ISO/IEC 14496-12, section 4.2). The writer is our own ffmpeg, so sizes are 32-bit. */
export interface MemoryBox {
  readonly type: string;
  readonly body: Buffer;
}

/** The boxes in `bytes`, in order. Stops at the first that does not fit. */
export function boxesIn(bytes: Buffer): MemoryBox[] {
  const boxes: MemoryBox[] = [];
  let offset = 0;
  while (offset + 8 <= bytes.length) {
    const size = bytes.readUInt32BE(offset);
    if (size < 8 || offset + size > bytes.length) break;
    boxes.push({
      type: bytes.toString('latin1', offset + 4, offset + 8),
      body: bytes.subarray(offset + 8, offset + size),
    });
    offset += size;
  }
  return boxes;
}

/** The body of the first box at `path`, or null. */
export function boxAt(bytes: Buffer, ...path: string[]): Buffer | null {
  let current: Buffer | undefined = bytes;
  for (const type of path) {
    current = boxesIn(current).find((box) => box.type === type)?.body;
    if (!current) return null;
  }
  return current;
}
