import { describe, expect, test } from 'vitest';
import { fitColumns, formatBytes } from './format.ts';

describe('fitColumns', () => {
  test.each([
    ['abc', 5, 'abc  '],
    ['现场', 5, '现场 '],
    ['现场执法记录.mp4', 9, '…记录.mp4'],
    ['🚓a', 4, '🚓a '],
    ['a\u001b[31m', 6, 'a\uFFFD[31m'],
  ])('%s in %i columns is "%s"', (text, columns, fitted) => {
    expect(fitColumns(text, columns)).toBe(fitted);
  });
});

describe('formatBytes', () => {
  test.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1536, '1.5 KiB'],
    [2 * 1024 ** 3, '2.0 GiB'],
  ])('%i is %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});
