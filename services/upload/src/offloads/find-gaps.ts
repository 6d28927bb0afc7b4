import { announcedSequences, type Executor, type GapRange, lastSequenceOf } from '@fengcun/catalog';

/** More gaps than this in one offload are not numbering any more; the rest is one gap that says so. */
const maxGaps = 1_000;

/**
 * The numbers missing between the files now announced, and between them and the device's offload before. Numbers that an earlier offload
 * of the device announced are not missing: cards are not always emptied. A device whose numbers start again from below has no gap to its
 * past. To be asked before the new offload is written.
 */
export async function findGaps(db: Executor, deviceId: string, announced: readonly number[]): Promise<GapRange[]> {
  if (announced.length === 0) return [];
  const lowest = announced.reduce((a, b) => Math.min(a, b));
  const highest = announced.reduce((a, b) => Math.max(a, b));
  const before = await lastSequenceOf(db, deviceId);
  const from = before !== undefined && before < lowest ? before : lowest;
  const earlier = await announcedSequences(db, deviceId, from, highest);
  return missingRanges([...announced, ...earlier, from]);
}

/** The ranges between the smallest and the largest number in which none stands, in order. */
export function missingRanges(numbers: readonly number[]): GapRange[] {
  const sorted = [...new Set(numbers)].sort((a, b) => a - b);
  const gaps: GapRange[] = [];
  for (const [i, next] of sorted.entries()) {
    const previous = sorted[i - 1];
    if (previous === undefined || next === previous + 1) continue;
    const last = sorted.at(-1) ?? next;
    if (gaps.length === maxGaps - 1) return [...gaps, { first: previous + 1, last: last - 1 }];
    gaps.push({ first: previous + 1, last: next - 1 });
  }
  return gaps;
}
