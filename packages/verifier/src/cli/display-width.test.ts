import { describe, expect, it } from 'vitest';
import { displayWidth, padEnd, wrap } from './display-width.ts';

describe('display width', () => {
  it.each([
    ['abc', 3],
    ['执法记录', 8],
    ['SHA-256', 7],
    ['（全角）', 8],
    ['、。', 4],
    ['🎥', 2],
    ['👨‍👩‍👧', 2],
    ['é', 1],
    ['e\u0301', 1],
    ['한글', 4],
    ['カナ', 4],
    ['✓ ✗ - …', 7],
    ['', 0],
  ])('of %j is %i columns', (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });

  it('pads by columns, not by characters', () => {
    expect(padEnd('未核验', 8)).toBe('未核验  ');
    expect(padEnd('not checked', 8)).toBe('not checked');
  });
});

describe('wrapping', () => {
  it('keeps lines within the columns and loses nothing but the spaces it broke at', () => {
    const text = `条目 evidence.sealed 在日志中 ${'0123456789abcdef'.repeat(4)} 结束`;
    for (const width of [8, 20, 33, 200]) {
      const lines = wrap(text, width);
      for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width);
      expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
    }
    expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrap('封存时 字节，少了字节', 10)).toEqual(['封存时 字', '节，少了字', '节']);
    expect(wrap('', 10)).toEqual(['']);
  });
});
