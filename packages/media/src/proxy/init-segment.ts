import { MediaError } from '../errors.ts';
import { boxAt, boxesIn } from './boxes.ts';

/** A track as the initialization segment declares it. */
export interface InitTrack {
  readonly id: number;
  readonly type: 'video' | 'audio';
  readonly timescale: number;
  /** RFC 6381. */
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  /** From `trex`: what fragments mean when they say nothing themselves. */
  readonly defaultDuration: number;
  readonly defaultFlags: number;
}

/** Reads `moov` of an initialization segment that ffmpeg wrote. */
export function readInitSegment(init: Buffer): InitTrack[] {
  const moov = boxAt(init, 'moov');
  if (!moov) throw unexpected('no moov');
  const defaults = new Map<number, { duration: number; flags: number }>();
  for (const box of boxesIn(boxAt(moov, 'mvex') ?? Buffer.alloc(0))) {
    // trex: version and flags, track id, description index, duration, size, flags (14496-12, section 8.8.3).
    if (box.type !== 'trex') continue;
    defaults.set(box.body.readUInt32BE(4), { duration: box.body.readUInt32BE(12), flags: box.body.readUInt32BE(20) });
  }
  return boxesIn(moov)
    .filter((box) => box.type === 'trak')
    .map((trak) => readTrack(trak.body, defaults));
}

function readTrack(trak: Buffer, defaults: ReadonlyMap<number, { duration: number; flags: number }>): InitTrack {
  const tkhd = boxAt(trak, 'tkhd');
  const mdhd = boxAt(trak, 'mdia', 'mdhd');
  const handler = boxAt(trak, 'mdia', 'hdlr')?.toString('latin1', 8, 12);
  const stsd = boxAt(trak, 'mdia', 'minf', 'stbl', 'stsd');
  if (!tkhd || !mdhd || !stsd || (handler !== 'vide' && handler !== 'soun')) throw unexpected('an incomplete track');
  // Version 1 of tkhd and mdhd has 64-bit times before the fields wanted here.
  const id = tkhd.readUInt32BE(tkhd[0] === 1 ? 20 : 12);
  const timescale = mdhd.readUInt32BE(mdhd[0] === 1 ? 20 : 12);
  const entry = boxesIn(stsd.subarray(8))[0];
  if (!entry) throw unexpected('a track without a description');
  const trex = defaults.get(id) ?? { duration: 0, flags: 0 };
  return {
    id,
    type: handler === 'vide' ? 'video' : 'audio',
    timescale,
    codec: handler === 'vide' ? avcCodec(entry.body) : aacCodec(entry.body),
    width: handler === 'vide' ? entry.body.readUInt16BE(24) : 0,
    height: handler === 'vide' ? entry.body.readUInt16BE(26) : 0,
    defaultDuration: trex.duration,
    defaultFlags: trex.flags,
  };
}

/** `avc1.` and three bytes of AVCDecoderConfigurationRecord: profile, constraints, level (RFC 6381, section 3.3). */
function avcCodec(entry: Buffer): string {
  const avcC = boxAt(entry.subarray(78), 'avcC');
  if (!avcC) throw unexpected('video that is not H.264');
  return `avc1.${avcC.toString('hex', 1, 4)}`;
}

/** `mp4a.40.` and the audio object type, the first five bits of AudioSpecificConfig (ISO/IEC 14496-3, section 1.6.2.1). */
function aacCodec(entry: Buffer): string {
  const esds = boxAt(entry.subarray(28), 'esds');
  if (!esds) throw unexpected('sound that is not AAC');
  const config = decoderSpecificInfo(esds.subarray(4));
  if (!config || config.length < 2) return 'mp4a.40.2';
  const type = config.readUInt8(0) >> 3;
  return `mp4a.40.${type === 31 ? 32 + ((config.readUInt16BE(0) >> 5) & 0x3f) : type}`;
}

/** Walks the descriptors ES (3), DecoderConfig (4), DecoderSpecificInfo (5) of ISO/IEC 14496-1, section 7.2.6. */
function decoderSpecificInfo(bytes: Buffer): Buffer | null {
  let offset = 0;
  while (offset < bytes.length) {
    const tag = bytes.readUInt8(offset);
    offset += 1;
    let length = 0;
    for (let more = true; more && offset < bytes.length; offset += 1) {
      const part = bytes.readUInt8(offset);
      length = (length << 7) | (part & 0x7f);
      more = (part & 0x80) !== 0;
    }
    if (tag === 5) return bytes.subarray(offset, offset + length);
    if (tag === 3) offset += 3;
    else if (tag === 4) offset += 13;
    else offset += length;
  }
  return null;
}

function unexpected(what: string): MediaError {
  return new MediaError(
    'ffmpeg_failed',
    `ffmpeg wrote an initialization segment with ${what}: this version is not supported.`,
  );
}
