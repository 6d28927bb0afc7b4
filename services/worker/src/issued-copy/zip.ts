import { crc32 } from 'node:zlib';

/** One file of an archive. `bytes` is read once, when its turn comes, and must give exactly `size` bytes. */
export interface ZipEntry {
  /** with `/` between folders; stored as UTF-8 */
  readonly path: string;
  readonly size: number;
  readonly bytes: () => AsyncIterable<Uint8Array>;
}

const marks = {
  local: 0x04034b50,
  descriptor: 0x08074b50,
  central: 0x02014b50,
  end64: 0x06064b50,
  locator64: 0x07064b50,
  end: 0x06054b50,
};
/** 4.5: ZIP64 */
const version = 45;
/** bit 3: digest and sizes follow the data; bit 11: names are UTF-8 */
const flags = 0x0008 | 0x0800;
const full32 = 0xffffffff;

interface Written {
  readonly name: Buffer;
  readonly size: number;
  readonly crc: number;
  readonly offset: number;
}

/**
 * A ZIP file as it is written (APPNOTE.TXT 6.3.10), any size, in constant memory: everything stored as it is, nothing compressed, and sizes in
 * 64 bits throughout, so that no file is ever too large. A file's checksum comes after it (section 4.3.9), because it is not known before.
 */
export async function* zip(entries: readonly ZipEntry[], at: Date): AsyncGenerator<Uint8Array> {
  const time = dosTime(at);
  const written: Written[] = [];
  let offset = 0;
  for (const { path, size, bytes } of entries) {
    const name = Buffer.from(path, 'utf8');
    const head = Buffer.concat([localHeader(name, time), name, sizes64([0, 0])]);
    yield head;
    let crc = 0;
    let read = 0;
    for await (const chunk of bytes()) {
      crc = crc32(chunk, crc);
      read += chunk.length;
      yield chunk;
    }
    if (read !== size) throw new Error(`${path} gave ${read} bytes instead of ${size}`);
    const descriptor = Buffer.alloc(24);
    descriptor.writeUInt32LE(marks.descriptor, 0);
    descriptor.writeUInt32LE(crc, 4);
    descriptor.writeBigUInt64LE(BigInt(size), 8);
    descriptor.writeBigUInt64LE(BigInt(size), 16);
    yield descriptor;
    written.push({ name, size, crc, offset });
    offset += head.length + size + descriptor.length;
  }
  const directory = Buffer.concat(written.flatMap((entry) => centralHeader(entry, time)));
  yield directory;
  yield ending(written.length, directory.length, offset);
}

function localHeader(name: Buffer, time: number): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(marks.local, 0);
  header.writeUInt16LE(version, 4);
  header.writeUInt16LE(flags, 6);
  header.writeUInt32LE(time, 10);
  // Sizes are in the ZIP64 field; there they are zero too, as bit 3 asks (section 4.4.4).
  header.writeUInt32LE(full32, 18);
  header.writeUInt32LE(full32, 22);
  header.writeUInt16LE(name.length, 26);
  header.writeUInt16LE(4 + 16, 28);
  return header;
}

function centralHeader({ name, size, crc, offset }: Written, time: number): Buffer[] {
  const header = Buffer.alloc(46);
  header.writeUInt32LE(marks.central, 0);
  // Made on Unix, so that the attributes below are permissions.
  header.writeUInt16LE((3 << 8) | version, 4);
  header.writeUInt16LE(version, 6);
  header.writeUInt16LE(flags, 8);
  header.writeUInt32LE(time, 12);
  header.writeUInt32LE(crc, 16);
  header.writeUInt32LE(full32, 20);
  header.writeUInt32LE(full32, 24);
  header.writeUInt16LE(name.length, 28);
  header.writeUInt16LE(4 + 24, 30);
  header.writeUInt32LE((0o100444 << 16) >>> 0, 38);
  header.writeUInt32LE(full32, 42);
  return [header, name, sizes64([size, size, offset])];
}

/** The ZIP64 extended information (section 4.5.3): sizes, and in the central directory where the file begins. */
function sizes64(values: readonly number[]): Buffer {
  const field = Buffer.alloc(4 + 8 * values.length);
  field.writeUInt16LE(0x0001, 0);
  field.writeUInt16LE(8 * values.length, 2);
  values.forEach((value, n) => {
    field.writeBigUInt64LE(BigInt(value), 4 + 8 * n);
  });
  return field;
}

/** End of the central directory, in 64 bits and, for old readers that look for it, in 32 (sections 4.3.14 to 4.3.16). */
function ending(count: number, directoryBytes: number, directoryAt: number): Buffer {
  const end = Buffer.alloc(56 + 20 + 22);
  end.writeUInt32LE(marks.end64, 0);
  end.writeBigUInt64LE(44n, 4);
  end.writeUInt16LE((3 << 8) | version, 12);
  end.writeUInt16LE(version, 14);
  end.writeBigUInt64LE(BigInt(count), 24);
  end.writeBigUInt64LE(BigInt(count), 32);
  end.writeBigUInt64LE(BigInt(directoryBytes), 40);
  end.writeBigUInt64LE(BigInt(directoryAt), 48);
  end.writeUInt32LE(marks.locator64, 56);
  end.writeBigUInt64LE(BigInt(directoryAt + directoryBytes), 64);
  end.writeUInt32LE(1, 72);
  end.writeUInt32LE(marks.end, 76);
  end.writeUInt16LE(count, 84);
  end.writeUInt16LE(count, 86);
  end.writeUInt32LE(directoryBytes, 88);
  end.writeUInt32LE(full32, 92);
  return end;
}

/** Date and time as MS-DOS wrote them, in UTC: nothing in a bag may depend on the machine's own zone. */
function dosTime(at: Date): number {
  const date = ((at.getUTCFullYear() - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate();
  const time = (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1);
  return ((date << 16) | time) >>> 0;
}
