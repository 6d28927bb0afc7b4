import { MediaError } from '../errors.ts';

/** The pieces of a fragmented MP4 in the order they are written. `mdat` payloads pass through in the chunks they came in. */
export type Mp4Piece =
  /** Everything before the first fragment, whole. */
  | { readonly kind: 'init'; readonly bytes: Buffer }
  /** A `moof` box, whole, header included. */
  | { readonly kind: 'moof'; readonly bytes: Buffer }
  | { readonly kind: 'data'; readonly bytes: Buffer }
  /** The `mdat` of the last `moof` is complete. */
  | { readonly kind: 'end' };

/** A `moof` has some 16 bytes for each sample; this is hours of samples in one fragment. */
const largestHeld = 16 * 1024 * 1024;

/**
 * Cuts a fragmented MP4 into pieces while it is written; holds no more than one `moov` or `moof`.
 * @throws MediaError ffmpeg_failed when the stream is not a fragmented MP4 or ends inside a box
 */
export async function* splitMp4(source: AsyncIterable<Uint8Array>): AsyncGenerator<Mp4Piece> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let init: Buffer[] | null = [];
  let payloadLeft = 0;

  for await (const chunk of source) {
    let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    while (rest.length > 0) {
      if (payloadLeft > 0) {
        const payload = rest.subarray(0, payloadLeft);
        payloadLeft -= payload.length;
        rest = rest.subarray(payload.length);
        yield { kind: 'data', bytes: payload };
        if (payloadLeft === 0) yield { kind: 'end' };
        continue;
      }
      const pending: Buffer = held.length === 0 ? rest : Buffer.concat([...held, rest]);
      const header = readHeader(pending);
      const wanted = header === null ? pending.length + 1 : header.type === 'mdat' ? header.headerBytes : header.size;
      if (wanted > largestHeld) throw broken(`a ${header?.type} box of ${wanted} bytes`);
      if (pending.length < wanted) {
        held = [pending];
        heldBytes = pending.length;
        break;
      }
      held = [];
      heldBytes = 0;
      const box = pending.subarray(0, wanted);
      rest = pending.subarray(wanted);
      const type = header?.type;
      if (type === 'moof') {
        if (init) yield { kind: 'init', bytes: Buffer.concat(init) };
        init = null;
        yield { kind: 'moof', bytes: box };
      } else if (type === 'mdat' && !init && header) {
        payloadLeft = header.size - header.headerBytes;
        yield { kind: 'data', bytes: box };
        if (payloadLeft === 0) yield { kind: 'end' };
      } else if (init && (type === 'ftyp' || type === 'moov')) {
        init.push(Buffer.from(box));
      } else {
        throw broken(`an unexpected ${type} box`);
      }
    }
  }
  if (payloadLeft > 0 || heldBytes > 0) throw broken('an end inside a box');
}

function readHeader(
  bytes: Buffer,
): { readonly type: string; readonly size: number; readonly headerBytes: number } | null {
  if (bytes.length < 8) return null;
  const type = bytes.toString('latin1', 4, 8);
  const short = bytes.readUInt32BE(0);
  if (short !== 1) {
    if (short < 8) throw broken(`a ${type} box without a size`);
    return { type, size: short, headerBytes: 8 };
  }
  if (bytes.length < 16) return null;
  return { type, size: Number(bytes.readBigUInt64BE(8)), headerBytes: 16 };
}

function broken(what: string): MediaError {
  return new MediaError('ffmpeg_failed', `ffmpeg's output stopped making sense (${what}); make the proxy again.`);
}
