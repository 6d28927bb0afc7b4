/** Half-open range [from, to), ms of a recording. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

/**
 * Sorted, without overlaps or empty ranges, and at most `most` of them: beyond that the narrowest gaps are closed, so that what is told is
 * never less than what was given.
 */
export function mergeRanges(ranges: readonly TimeRange[], most: number): TimeRange[] {
  const merged: TimeRange[] = [];
  for (const range of ranges.filter(({ from, to }) => to > from).toSorted((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last && range.from <= last.to) merged[merged.length - 1] = { from: last.from, to: Math.max(last.to, range.to) };
    else merged.push(range);
  }
  if (merged.length <= most) return merged;
  const gaps = merged.slice(1).map((range, i) => range.from - (merged[i]?.to ?? 0));
  const narrowest = gaps.toSorted((a, b) => a - b)[merged.length - most - 1] ?? 0;
  return closeGaps(merged, narrowest, merged.length - most);
}

function closeGaps(ranges: readonly TimeRange[], widest: number, count: number): TimeRange[] {
  const closed: TimeRange[] = [];
  let left = count;
  for (const range of ranges) {
    const last = closed.at(-1);
    if (last && left > 0 && range.from - last.to <= widest) {
      closed[closed.length - 1] = { from: last.from, to: range.to };
      left--;
    } else closed.push(range);
  }
  return closed;
}

/** What lies in both. Both are merged. */
export function intersectRanges(a: readonly TimeRange[], b: readonly TimeRange[]): TimeRange[] {
  const both: TimeRange[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const [x, y] = [a[i], b[j]];
    if (!x || !y) break;
    const from = Math.max(x.from, y.from);
    const to = Math.min(x.to, y.to);
    if (from < to) both.push({ from, to });
    if (x.to < y.to) i++;
    else j++;
  }
  return both;
}
