import type { ProbePacket } from './ffprobe.ts';

/** Fewer frames than this say nothing about their rhythm. */
const fewestFrames = 8;
/** A recorder that drops one frame in thirty is steady; one that lets the rate float is not. */
const tolerableShare = 0.05;

/**
 * Whether the frames' distances float. Containers round timestamps (Matroska to 1 ms, so 33, 33, 34), and cameras drop a frame now and
 * then; neither makes a player stutter. A distance counts as odd when it is off the median by more than a quarter and by more than 2 ms.
 */
export function looksVariable(packets: readonly ProbePacket[]): boolean {
  const times = packets.flatMap((packet) => packet.ptsSeconds ?? []).sort((a, b) => a - b);
  if (times.length < fewestFrames) return false;
  const gaps = times.slice(1).map((time, at) => time - (times[at] ?? time));
  const median = [...gaps].sort((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? 0;
  const odd = gaps.filter((gap) => Math.abs(gap - median) > Math.max(median / 4, 0.002));
  return odd.length > Math.max(1, gaps.length * tolerableShare);
}

/**
 * The longest distance between keyframes among the sampled packets, counting the stretch after the last one, so that a recording with
 * one keyframe at its start does not pass for a well-cut one. Null when nothing can be said.
 */
export function keyframeIntervalMs(packets: readonly ProbePacket[]): number | null {
  const timed = packets.flatMap((packet) => {
    const time = packet.dtsSeconds ?? packet.ptsSeconds;
    return time === null ? [] : [{ time, keyframe: packet.keyframe }];
  });
  const first = timed[0];
  const last = timed.at(-1);
  if (!first || !last) return null;
  let longest = 0;
  let previous = first.time;
  for (const { time, keyframe } of timed) {
    if (!keyframe) continue;
    longest = Math.max(longest, time - previous);
    previous = time;
  }
  return Math.round(Math.max(longest, last.time - previous) * 1000);
}
