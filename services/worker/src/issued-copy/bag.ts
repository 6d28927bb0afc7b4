import { createHash } from 'node:crypto';
import type { BagContent } from '@fengcun/catalog';
import type { ZipEntry } from './zip.ts';

/** The unaltered original as it goes into a bag. */
export interface BaggedOriginal {
  readonly name: string;
  readonly size: number;
  /** hex, as it was sealed */
  readonly sha256: string;
  readonly bytes: () => AsyncIterable<Uint8Array>;
}

/**
 * A BagIt 1.0 bag (RFC 8493) with one original: `folder` is its base directory, the original its only payload, the files that prove and explain
 * it are tag files. The original comes last, so that whoever unpacks a broken download still has its receipt.
 */
export function bagEntries(
  folder: string,
  content: BagContent,
  original: BaggedOriginal,
  packedOn: Date,
): readonly ZipEntry[] {
  const payloadPath = `data/${payloadName(original.name)}`;
  const tags = new Map<string, string>([
    ['bagit.txt', 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n'],
    [
      'bag-info.txt',
      `Bagging-Date: ${packedOn.toISOString().slice(0, 10)}\nPayload-Oxum: ${original.size}.1\nBag-Software-Agent: Fengcun\n`,
    ],
    ['manifest-sha256.txt', `${original.sha256}  ${manifestPath(payloadPath)}\n`],
    ...Object.entries(content.files),
  ]);
  const digests = [...tags].map(([path, text]) => `${sha256(text)}  ${manifestPath(path)}\n`);
  tags.set('tagmanifest-sha256.txt', digests.join(''));
  const text = ([path, body]: readonly [string, string]): ZipEntry => {
    const bytes = Buffer.from(body, 'utf8');
    return { path: `${folder}/${path}`, size: bytes.length, bytes: () => once(bytes) };
  };
  return [...[...tags].map(text), { path: `${folder}/${payloadPath}`, size: original.size, bytes: original.bytes }];
}

/**
 * The recorder's name for the file, as far as every file system takes it: no folders, no control characters, none of what Windows refuses
 * (RFC 8493, section 5.2.2), and not longer than a name may be.
 */
function payloadName(name: string): string {
  const safe = name
    .toWellFormed()
    .replaceAll(/[\p{C}\\/:*?"<>|]/gu, '_')
    .replace(/^\.+/, '_')
    .replace(/[. ]+$/, '')
    .trim();
  const dot = safe.lastIndexOf('.');
  const extension = dot > 0 ? safe.slice(dot).slice(0, 16) : '';
  const stem = shortened(dot > 0 ? safe.slice(0, dot) : safe, 180 - Buffer.byteLength(extension));
  const reserved = /^(con|prn|aux|nul|com\d|lpt\d)$/i.test(stem);
  return `${stem === '' || reserved ? `original${stem === '' ? '' : '_'}${stem}` : stem}${extension}`;
}

/** Cut between characters so that it has at most `most` bytes in UTF-8. */
function shortened(text: string, most: number): string {
  let bytes = 0;
  let kept = '';
  for (const char of text) {
    bytes += Buffer.byteLength(char);
    if (bytes > most) return kept;
    kept += char;
  }
  return kept;
}

/** RFC 8493, section 2.1.3: line breaks and percent signs of a path are percent-encoded, and nothing else is. */
const manifestPath = (path: string): string =>
  path.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}
