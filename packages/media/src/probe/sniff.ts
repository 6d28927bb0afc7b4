import type { FileHandle } from 'node:fs/promises';

/** What a file's first bytes say it is, whatever its name says. */
export type Sniffed =
  | { readonly family: 'empty' }
  | { readonly family: 'mp4' }
  | { readonly family: 'riff'; readonly declaredBytes: number }
  | { readonly family: 'image'; readonly name: string; readonly demuxer: string | null }
  | { readonly family: 'document'; readonly name: string }
  /** Anything else; ffprobe decides. */
  | { readonly family: 'other' };

const mp4Boxes = new Set(['ftyp', 'moov', 'mdat', 'free', 'skip', 'wide', 'pnot', 'styp', 'moof', 'sidx', 'uuid']);
const stillBrands = new Set(['heic', 'heix', 'mif1', 'avif', 'heim', 'heis']);

const documents: readonly (readonly [signature: string, name: string])[] = [
  ['%PDF-', 'PDF'],
  ['PK\x03\x04', 'ZIP or Office'],
  ['\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 'Office 97'],
  ['{\\rtf', 'RTF'],
  ['Rar!\x1a\x07', 'RAR'],
  ['7z\xbc\xaf\x27\x1c', '7z'],
  ['\x1f\x8b', 'gzip'],
];

const images: readonly (readonly [signature: string, name: string, demuxer: string])[] = [
  ['\xff\xd8\xff', 'JPEG', 'jpeg_pipe'],
  ['\x89PNG\r\n\x1a\n', 'PNG', 'png_pipe'],
  ['GIF8', 'GIF', 'gif'],
  ['II*\0', 'TIFF', 'tiff_pipe'],
  ['MM\0*', 'TIFF', 'tiff_pipe'],
];

/** Reads the first 4 KiB. Empty is decided by the size alone. */
export async function sniff(file: FileHandle, sizeBytes: number): Promise<Sniffed> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0);
  return sniffHead(buffer.subarray(0, bytesRead), sizeBytes);
}

/** The same of first bytes already read; 32 are enough. `sizeBytes`: of the whole file. */
export function sniffHead(head: Buffer, sizeBytes: number): Sniffed {
  if (sizeBytes === 0) return { family: 'empty' };
  const text = head.toString('latin1');

  for (const [signature, name, demuxer] of images) {
    // Motion JPEG has the same first bytes as a picture; a stream of them does not end after one.
    if (text.startsWith(signature)) return { family: 'image', name, demuxer };
  }
  for (const [signature, name] of documents) if (text.startsWith(signature)) return { family: 'document', name };
  const fourth = text.slice(4, 8);
  if (fourth === 'ftyp' && stillBrands.has(text.slice(8, 12))) return { family: 'image', name: 'HEIF', demuxer: null };
  if (head.length >= 8 && mp4Boxes.has(fourth)) return { family: 'mp4' };
  if (text.startsWith('RIFF') && head.length >= 12) {
    if (text.slice(8, 12) === 'WEBP') return { family: 'image', name: 'WebP', demuxer: 'webp_pipe' };
    return { family: 'riff', declaredBytes: head.readUInt32LE(4) + 8 };
  }
  if (text.startsWith('BM') && head.length >= 26 && head.readUInt32LE(2) === sizeBytes) {
    return { family: 'image', name: 'BMP', demuxer: 'bmp_pipe' };
  }
  return { family: 'other' };
}
