import { describe, expect, it } from 'vitest';
import { intersectRanges, mergeRanges } from './ranges.ts';

const r = (from: number, to: number) => ({ from, to });

describe('merging ranges', () => {
  it('sorts, joins what touches, drops what is empty or reversed', () => {
    expect(mergeRanges([r(5, 9), r(0, 2), r(2, 3), r(8, 12), r(4, 4), r(7, 1)], 10)).toEqual([r(0, 3), r(5, 12)]);
  });

  it('never tells less: beyond the most, the narrowest gaps are closed', () => {
    const merged = mergeRanges([r(0, 1), r(2, 3), r(10, 11), r(12, 13), r(100, 101)], 3);
    expect(merged).toEqual([r(0, 3), r(10, 13), r(100, 101)]);
    expect(mergeRanges([r(0, 1), r(2, 3), r(4, 5), r(6, 7)], 1)).toEqual([r(0, 7)]);
  });

  it('keeps to the most whatever the gaps', () => {
    const many = Array.from({ length: 5000 }, (_, i) => r(i * 2, i * 2 + 1));
    const merged = mergeRanges(many, 500);
    expect(merged).toHaveLength(500);
    for (const { from, to } of many) expect(merged.some((m) => m.from <= from && m.to >= to)).toBe(true);
  });
});

describe('intersecting ranges', () => {
  it('keeps what lies in both', () => {
    expect(intersectRanges([r(0, 5), r(8, 20)], [r(3, 10), r(15, 16), r(19, 30)])).toEqual([
      r(3, 5),
      r(8, 10),
      r(15, 16),
      r(19, 20),
    ]);
    expect(intersectRanges([r(0, 5)], [])).toEqual([]);
    expect(intersectRanges([r(0, 5)], [r(5, 9)])).toEqual([]);
  });
});
