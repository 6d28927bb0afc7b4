import { boxAt, boxesIn } from './boxes.ts';
import type { InitTrack } from './init-segment.ts';

/** What one `moof` says of its samples, in seconds on each track's own clock. */
export interface FragmentTiming {
  readonly tracks: readonly { readonly track: InitTrack; readonly start: number; readonly end: number }[];
  /** The video's first sample is a sync sample; true without video. */
  readonly startsWithKeyframe: boolean;
}

/** Flags of tfhd and trun (ISO/IEC 14496-12, sections 8.8.7 and 8.8.8). */
const tfhdHas = { baseOffset: 0x1, descriptionIndex: 0x2, duration: 0x8, size: 0x10, flags: 0x20 };
const trunHas = {
  dataOffset: 0x1,
  firstFlags: 0x4,
  duration: 0x100,
  size: 0x200,
  flags: 0x400,
  compositionOffset: 0x800,
};
const nonSyncSample = 0x10000;

/** Reads the body of a `moof` that ffmpeg wrote. */
export function readFragment(moof: Buffer, tracks: readonly InitTrack[]): FragmentTiming {
  const timed: { track: InitTrack; start: number; end: number }[] = [];
  let startsWithKeyframe = true;
  for (const traf of boxesIn(moof).filter((box) => box.type === 'traf')) {
    const tfhd = boxAt(traf.body, 'tfhd');
    const tfdt = boxAt(traf.body, 'tfdt');
    if (!tfhd || !tfdt) continue;
    const track = tracks.find((candidate) => candidate.id === tfhd.readUInt32BE(4));
    if (!track) continue;
    const defaults = trafDefaults(tfhd, track);
    const start = tfdt[0] === 1 ? Number(tfdt.readBigUInt64BE(4)) : tfdt.readUInt32BE(4);
    let duration = 0;
    let firstFlags: number | null = null;
    for (const box of boxesIn(traf.body)) {
      if (box.type !== 'trun') continue;
      const run = readRun(box.body, defaults);
      duration += run.duration;
      firstFlags ??= run.firstFlags;
    }
    timed.push({ track, start: start / track.timescale, end: (start + duration) / track.timescale });
    if (track.type === 'video' && ((firstFlags ?? 0) & nonSyncSample) !== 0) startsWithKeyframe = false;
  }
  return { tracks: timed, startsWithKeyframe };
}

interface Defaults {
  readonly duration: number;
  readonly flags: number;
}

function trafDefaults(tfhd: Buffer, track: InitTrack): Defaults {
  const has = tfhd.readUInt32BE(0) & 0xffffff;
  let at = 8;
  if (has & tfhdHas.baseOffset) at += 8;
  if (has & tfhdHas.descriptionIndex) at += 4;
  const duration = has & tfhdHas.duration ? tfhd.readUInt32BE(at) : track.defaultDuration;
  if (has & tfhdHas.duration) at += 4;
  if (has & tfhdHas.size) at += 4;
  return { duration, flags: has & tfhdHas.flags ? tfhd.readUInt32BE(at) : track.defaultFlags };
}

function readRun(trun: Buffer, defaults: Defaults): { readonly duration: number; readonly firstFlags: number | null } {
  const has = trun.readUInt32BE(0) & 0xffffff;
  const count = trun.readUInt32BE(4);
  let at = 8;
  if (has & trunHas.dataOffset) at += 4;
  let firstFlags = count > 0 ? defaults.flags : null;
  if (has & trunHas.firstFlags) {
    firstFlags = trun.readUInt32BE(at);
    at += 4;
  }
  if (!(has & trunHas.duration) && !(has & trunHas.flags)) return { duration: count * defaults.duration, firstFlags };
  const flagsAt = (has & trunHas.duration ? 4 : 0) + (has & trunHas.size ? 4 : 0);
  const stride = flagsAt + (has & trunHas.flags ? 4 : 0) + (has & trunHas.compositionOffset ? 4 : 0);
  if (has & trunHas.flags && count > 0) firstFlags = trun.readUInt32BE(at + flagsAt);
  let duration = 0;
  for (let sample = 0; sample < count; sample += 1) {
    duration += has & trunHas.duration ? trun.readUInt32BE(at + sample * stride) : defaults.duration;
  }
  return { duration, firstFlags };
}
