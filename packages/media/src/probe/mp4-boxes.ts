import type { FileHandle } from 'node:fs/promises';

/** The skeleton of an MP4 or QuickTime file (ISO/IEC 14496-12, section 4.2), read from its box headers alone. */
export interface Mp4Skeleton {
  readonly hasMoov: boolean;
  readonly hasMdat: boolean;
  /** A `moof` box is present: fragments can be played as far as they go. */
  readonly fragmented: boolean;
  /** A box reaches past the end of the file. */
  readonly truncated: boolean;
  /** The walk met bytes that are no box. */
  readonly garbage: boolean;
  /** The most sample descriptions any track has; more than one means that the picture's geometry or codec may change midway. */
  readonly sampleDescriptions: number;
}

interface Box {
  readonly type: string;
  readonly start: number;
  readonly content: number;
  readonly end: number;
}

/** A crafted file can hold millions of 8-byte boxes; a real one of many hours has a few tens of thousands of fragments. */
const maxBoxes = 100_000;
/** `moov/trak/mdia/minf/stbl/stsd` is the deepest that is looked at. */
const maxDepth = 6;
const containers = new Set(['moov', 'trak', 'mdia', 'minf', 'stbl']);

/** Walks the boxes without reading their contents. Throws only what the file handle throws. */
export async function readSkeleton(file: FileHandle, sizeBytes: number): Promise<Mp4Skeleton> {
  const found = { moov: false, mdat: false, moof: false, truncated: false, garbage: false, descriptions: 0 };
  const budget = { boxes: maxBoxes };

  const read = windowOn(file);

  const walk = async (from: number, to: number, depth: number): Promise<void> => {
    let offset = from;
    while (offset < to && budget.boxes > 0) {
      budget.boxes -= 1;
      const box = await readBox(read, offset, sizeBytes);
      if (box === 'cut') {
        found.truncated = true;
        return;
      }
      if (box === 'garbage') {
        found.garbage = true;
        return;
      }
      if (box.type === 'moov') found.moov = true;
      if (box.type === 'mdat') found.mdat = true;
      if (box.type === 'moof') found.moof = true;
      if (box.end > sizeBytes) found.truncated = true;
      if (containers.has(box.type) && depth < maxDepth)
        await walk(box.content, Math.min(box.end, sizeBytes), depth + 1);
      if (box.type === 'stsd') {
        const count = await read(box.content + 4, 4);
        if (count) found.descriptions = Math.max(found.descriptions, count.readUInt32BE(0));
      }
      offset = box.end;
    }
  };
  await walk(0, sizeBytes, 0);
  return {
    hasMoov: found.moov,
    hasMdat: found.mdat,
    fragmented: found.moof,
    truncated: found.truncated,
    garbage: found.garbage,
    sampleDescriptions: found.descriptions,
  };
}

async function readBox(read: ReadAt, offset: number, sizeBytes: number): Promise<Box | 'cut' | 'garbage'> {
  const head = await read(offset, 8);
  if (!head) return 'cut';
  const type = head.toString('latin1', 4, 8);
  if (!/^[\x20-\x7e\xa9]{4}$/.test(type)) return 'garbage';
  const short = head.readUInt32BE(0);
  if (short === 0) return { type, start: offset, content: offset + 8, end: sizeBytes };
  if (short !== 1) return short < 8 ? 'garbage' : { type, start: offset, content: offset + 8, end: offset + short };
  const long = await read(offset + 8, 8);
  if (!long) return 'cut';
  const size = Number(long.readBigUInt64BE(0));
  return size < 16 ? 'garbage' : { type, start: offset, content: offset + 16, end: offset + size };
}

/** Reads a few bytes at an offset; null past the end. */
type ReadAt = (offset: number, length: number) => Promise<Buffer | null>;

/** Small boxes lie close together; one read serves many of them. */
function windowOn(file: FileHandle): ReadAt {
  const space = Buffer.alloc(16 * 1024);
  let start = 0;
  let filled = 0;
  return async (offset, length) => {
    if (offset < start || offset + length > start + filled) {
      start = offset;
      filled = (await file.read(space, 0, space.length, offset)).bytesRead;
    }
    const at = offset - start;
    return at + length <= filled ? Buffer.from(space.subarray(at, at + length)) : null;
  };
}
