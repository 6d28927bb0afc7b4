const [sof0, dht, sos, dqt, dri] = [0xc0, 0xc4, 0xda, 0xdb, 0xdd];
/** Markers of a JPEG (ITU-T T.81, table B.1) that are needed to show it. */
const needed = new Set([sof0, dht, sos, dqt, dri]);
const [soi, eoi, app0] = [0xd8, 0xd9, 0xe0];

/**
 * What a JPEG carries besides its picture, in words; null when nothing. Only the markers that a decoder needs may be there, and a JFIF header
 * of fixed size without a thumbnail. So no application segment (EXIF with place, device and thumbnail; XMP; IPTC; colour profiles; pictures
 * appended to the first one) and no comment can be in it, whatever it is called, and nothing may follow its end.
 */
export function whatElseIsIn(jpeg: Buffer): string | null {
  if (jpeg.length < 4 || jpeg.readUInt16BE(0) !== 0xff00 + soi) return 'something that is no JPEG';
  let at = 2;
  while (at + 2 <= jpeg.length) {
    if (jpeg[at] !== 0xff) return 'bytes between its segments';
    const marker = jpeg[at + 1] ?? 0;
    if (marker === eoi) return at + 2 === jpeg.length ? null : 'bytes after its end';
    if (at + 4 > jpeg.length) break;
    const length = jpeg.readUInt16BE(at + 2);
    const body = jpeg.subarray(at + 4, at + 2 + length);
    if (marker === app0) {
      // JFIF, version, density, and a thumbnail of 0 by 0.
      if (body.length !== 14 || body.toString('latin1', 0, 5) !== 'JFIF\0' || body[12] !== 0 || body[13] !== 0)
        return 'a header with more than a header';
    } else if (!needed.has(marker)) return `a segment ${marker.toString(16).toUpperCase()}`;
    at += 2 + length;
    if (marker === sos) at = endOfScan(jpeg, at);
  }
  return 'no end';
}

/** Entropy-coded data goes on over stuffed zeros and restart markers (T.81, B.1.1.5). */
function endOfScan(jpeg: Buffer, from: number): number {
  let at = from;
  for (;;) {
    at = jpeg.indexOf(0xff, at);
    if (at < 0) return jpeg.length;
    const next = jpeg[at + 1] ?? 0;
    if (next !== 0 && (next < 0xd0 || next > 0xd7)) return at;
    at += 2;
  }
}
