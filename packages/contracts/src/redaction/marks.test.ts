import { describe, expect, it } from 'vitest';
import { cutSpans, lengthAfterCuts, markFaults, type RedactionMark } from './marks.ts';

const film = { durationMs: 10_000, still: false, hasPicture: true, hasSound: true };
const cut = (from: number, to: number): RedactionMark => ({ kind: 'cut', from, to, reason: 'address' });
const region = (change: object = {}): RedactionMark =>
  ({
    kind: 'region',
    style: 'solid',
    x: 0.1,
    y: 0.1,
    w: 0.2,
    h: 0.2,
    from: 0,
    to: 1000,
    reason: 'face',
    ...change,
  }) as never;

describe('marks', () => {
  it('that are good have no faults, touching edges and the end included', () => {
    const edges = [region({ x: 0.7, w: 0.3 }), region({ x: 0.1 + 0.2, w: 0.7 }), region({ from: 9999, to: 20_000 })];
    expect(markFaults(edges, film)).toEqual([]);
  });

  it('are each told of what is wrong with them, all at once', () => {
    const marks = [region({ x: 0.9 }), region({ from: 5, to: 5 }), region({ reason: 'other', note: '  ' })];
    expect(markFaults(marks, film)).toEqual([
      { mark: 0, code: 'outside_the_picture' },
      { mark: 1, code: 'empty_span' },
      { mark: 2, code: 'note_missing' },
    ]);
  });

  it('of a recording of unknown length may lie anywhere', () => {
    expect(markFaults([cut(0, 2_000_000), region({ from: 1e9, to: 2e9 })], { ...film, durationMs: null })).toEqual([]);
  });
});

describe('marks of a still picture', () => {
  const photo = { durationMs: null, still: true, hasPicture: true, hasSound: false };
  const area = (change: object = {}): RedactionMark =>
    ({ kind: 'area', style: 'solid', x: 0.1, y: 0.1, w: 0.2, h: 0.2, reason: 'plate', ...change }) as never;

  it('are areas within it, each with a reason', () => {
    expect(markFaults([area(), area({ x: 0, y: 0, w: 1, h: 1 })], photo)).toEqual([]);
    expect(markFaults([area({ x: 0.9 }), area({ h: 0.001 }), area({ reason: 'other' })], photo)).toEqual([
      { mark: 0, code: 'outside_the_picture' },
      { mark: 1, code: 'too_small' },
      { mark: 2, code: 'note_missing' },
    ]);
  });

  it('have no time, and those of a recording always have one', () => {
    const timed = [region(), cut(0, 1000), area()];
    expect(markFaults(timed, photo)).toEqual([
      { mark: 0, code: 'not_of_a_still' },
      { mark: 1, code: 'not_of_a_still' },
    ]);
    expect(markFaults(timed, film)).toEqual([{ mark: 2, code: 'of_stills_only' }]);
  });
});

describe('what is left out', () => {
  it('is in order, without overlaps, and within the recording', () => {
    const marks = [cut(8000, 12_000), cut(1000, 3000), cut(2000, 4000), cut(4000, 5000), cut(20_000, 30_000), region()];
    expect(cutSpans(marks, 10_000)).toEqual([
      { from: 1000, to: 5000 },
      { from: 8000, to: 10_000 },
    ]);
    expect(lengthAfterCuts(marks, 10_000)).toBe(4000);
  });

  it('is everything only where less than a second is left', () => {
    expect(markFaults([cut(0, 9000)], film)).toEqual([]);
    expect(markFaults([cut(0, 9001)], film)).toEqual([{ mark: null, code: 'nothing_left' }]);
  });
});
