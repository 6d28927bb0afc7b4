/** What a telephone writes into a photograph and nobody may find in a published one. */
export const photoSecrets = [
  'ACME-PHONE-9',
  'SERIAL-DSJ-77810',
  'XMP-OFFICER-043217',
  'COMMENT-SECRET',
  'TRAILER-SECRET',
];
/** 39 degrees 54 minutes north, as EXIF has it: three rationals */
export const photoPlace = Buffer.from('000000270000000100000036000000010000000f00000001', 'hex');

/**
 * A JPEG as a camera would have written it: an EXIF orientation (CIPA DC-008, tag 0x0112), make, place, a thumbnail of the whole picture, XMP, a
 * comment, and bytes after its end.
 */
export function asPhotographed(jpeg: Buffer, orientation: 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8): Buffer {
  const make = Buffer.from('ACME-PHONE-9 SERIAL-DSJ-77810\0', 'latin1');
  const [first, gps, thumbnail] = [8, 8 + 2 + 3 * 12 + 4, 8 + 2 + 3 * 12 + 4 + 2 + 2 * 12 + 4];
  const data = thumbnail + 2 + 2 * 12 + 4;
  const [makeAt, placeAt, pictureAt] = [data, data + make.length, data + make.length + photoPlace.length];
  const ascii = 2;
  const [short, long, rational] = [3, 4, 5];
  const entry = (tag: number, type: number, count: number, value: number) => {
    const bytes = Buffer.alloc(12);
    bytes.writeUInt16BE(tag, 0);
    bytes.writeUInt16BE(type, 2);
    bytes.writeUInt32BE(count, 4);
    if (type === short) bytes.writeUInt16BE(value, 8);
    else bytes.writeUInt32BE(value, 8);
    return bytes;
  };
  const directory = (entries: readonly Buffer[], next: number) => {
    const [count, last] = [Buffer.alloc(2), Buffer.alloc(4)];
    count.writeUInt16BE(entries.length);
    last.writeUInt32BE(next);
    return Buffer.concat([count, ...entries, last]);
  };
  const header = Buffer.from('4d4d002a00000008', 'hex');
  const tiff = Buffer.concat([
    header.subarray(0, first),
    directory(
      [entry(0x010f, ascii, make.length, makeAt), entry(0x0112, short, 1, orientation), entry(0x8825, long, 1, gps)],
      thumbnail,
    ),
    directory([entry(1, ascii, 2, 0x4e000000), entry(2, rational, 3, placeAt)], 0),
    directory([entry(0x0201, long, 1, pictureAt), entry(0x0202, long, 1, jpeg.length)], 0),
    make,
    photoPlace,
    jpeg,
  ]);
  const segment = (marker: number, body: Buffer) => {
    const head = Buffer.from([0xff, marker, 0, 0]);
    head.writeUInt16BE(body.length + 2, 2);
    return Buffer.concat([head, body]);
  };
  return Buffer.concat([
    jpeg.subarray(0, 2),
    segment(0xe1, Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff])),
    segment(0xe1, Buffer.from('http://ns.adobe.com/xap/1.0/\0<x>XMP-OFFICER-043217</x>', 'latin1')),
    segment(0xfe, Buffer.from('COMMENT-SECRET', 'latin1')),
    jpeg.subarray(2),
    Buffer.from('TRAILER-SECRET', 'latin1'),
  ]);
}
