import { describe, expect, it } from 'vitest';
import { contentDisposition } from './content-disposition.ts';
import { markLines } from './mark-lines.ts';
import { ifRangeHolds, namesFile, rangeOf } from './range.ts';

const part = (start: number, end: number) => ({ kind: 'part', range: { start, end } });

describe('a range of a file of 100 bytes', () => {
  it.each([
    ['bytes=0-0', part(0, 1)],
    ['bytes=10-19', part(10, 20)],
    ['bytes=90-', part(90, 100)],
    ['bytes=-10', part(90, 100)],
    ['bytes=-1000', part(0, 100)],
    ['bytes=50-1000', part(50, 100)],
    ['BYTES=1-2', part(1, 3)],
    ['bytes= 1-2 ', part(1, 3)],
    ['bytes=1-2,', part(1, 3)],
    // several: the whole, which is always allowed
    ['bytes=0-1,5-6', { kind: 'whole' }],
    ['bytes=0-1,500-600', { kind: 'whole' }],
    // nothing there
    ['bytes=100-', { kind: 'none' }],
    ['bytes=100-200,-0', { kind: 'none' }],
    ['bytes=-0', { kind: 'none' }],
    ['bytes=99999999999999999999-', { kind: 'none' }],
    // no range at all
    [undefined, { kind: 'whole' }],
    ['', { kind: 'whole' }],
    ['bytes=', { kind: 'whole' }],
    ['bytes=9-1', { kind: 'whole' }],
    ['bytes=a-b', { kind: 'whole' }],
    ['bytes=1-2-3', { kind: 'whole' }],
    ['bytes=--1', { kind: 'whole' }],
    ['items=0-1', { kind: 'whole' }],
  ])('%s', (header, answer) => {
    expect(rangeOf(header, 100)).toEqual(answer);
  });

  it('of nothing is never there', () => {
    expect(rangeOf('bytes=0-', 0)).toEqual({ kind: 'none' });
    expect(rangeOf('bytes=-1', 0)).toEqual({ kind: 'none' });
  });
});

describe('If-Range', () => {
  const file = { etag: '"abc"', lastModified: new Date('2026-11-22T01:02:03.456Z') };
  const now = new Date('2026-11-22T02:00:00Z');

  it.each([
    [undefined, true],
    ['"abc"', true],
    ['"abd"', false],
    ['W/"abc"', false],
    ['abc', false],
    ['Sun, 22 Nov 2026 01:02:03 GMT', true],
    ['Sun, 22 Nov 2026 01:02:04 GMT', false],
    ['2026-11-22T01:02:03Z', false],
    ['*', false],
  ])('%s', (header, holds) => {
    expect(ifRangeHolds(header, file, now)).toBe(holds);
  });

  it('takes no date for proof while the file could still have changed within its second', () => {
    const justNow = new Date('2026-11-22T01:02:03.999Z');
    expect(ifRangeHolds('Sun, 22 Nov 2026 01:02:03 GMT', file, justNow)).toBe(false);
  });

  it('lists of tags are compared strongly or weakly', () => {
    expect(namesFile('"x", "abc"', file, true)).toBe(true);
    expect(namesFile('W/"abc"', file, true)).toBe(false);
    expect(namesFile('W/"abc"', file, false)).toBe(true);
    expect(namesFile('*', file, true)).toBe(true);
    expect(namesFile('"x"', file, false)).toBe(false);
  });
});

describe('a name in a header', () => {
  it('is readable, and cannot end the header or the name', () => {
    expect(contentDisposition("现场 (1)'s 100%.mp4")).toBe(
      `attachment; filename="__ (1)'s 100_.mp4"; filename*=UTF-8''%E7%8E%B0%E5%9C%BA%20%281%29%27s%20100%25.mp4`,
    );
    expect(contentDisposition('a"; filename="b\r\nset-cookie: x\ud800.mp4')).not.toMatch(/[\r\n]|"b"/);
  });
});

describe('the mark', () => {
  it('says who, for whom, when in local time, and where it stands on record', () => {
    const mark = { viewer: '李警官 043217', at: new Date('2026-11-22T14:50:04Z'), event: 1234 };
    const evidence = '0190b2a4-0000-7000-8000-a1b2c3d4e5f6';
    expect(markLines({ ...mark, evidence, recipient: '某区检察院', timeZone: 'Asia/Shanghai' })).toEqual([
      '李警官 043217',
      '提供给 某区检察院',
      '2026-11-22 22:50:04 +08:00',
      '事件 1234 · a1b2c3d4e5f6',
    ]);
    expect(markLines({ ...mark, evidence, recipient: null, timeZone: 'UTC' })[1]).toBe('2026-11-22 14:50:04 +00:00');
  });
});
