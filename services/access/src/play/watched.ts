import { intersectRanges, mergeRanges, type TimeRange } from '@fengcun/catalog';
import type { ProxyCopy } from './proxy-copy.ts';

/** Ranges in one event, at most: it has to stay well under 64 KiB. */
const mostRanges = 500;

/** Segment numbers, half-open, as times of the recording, ms, half-open. */
export function servedTimes(index: ProxyCopy['index'], segments: readonly TimeRange[]): TimeRange[] {
  const starts = [0];
  for (const { durationMs } of index.segments) starts.push((starts.at(-1) ?? 0) + durationMs);
  const at = (n: number) => Math.round(starts[Math.min(n, starts.length - 1)] ?? 0);
  return mergeRanges(
    segments.map(({ from, to }) => ({ from: at(from), to: at(to) })),
    mostRanges,
  );
}

/**
 * What was watched, for the event. A player says it, and is believed only as far as it was handed what it says it showed; one that never
 * said it is taken to have shown everything it was handed.
 */
export function watchedTimes(said: readonly TimeRange[] | null, served: readonly TimeRange[]): TimeRange[] {
  return said === null ? [...served] : mergeRanges(intersectRanges(mergeRanges(said, said.length), served), mostRanges);
}
