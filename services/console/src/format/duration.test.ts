import { expect, it } from 'vitest';
import { formatClock, formatOffset, formatSpan } from './duration.ts';

it.each([
  [0, '0:00'],
  [59_999, '0:59'],
  [61_000, '1:01'],
  [600_000, '10:00'],
  [3_601_000, '1:00:01'],
  [36_000_000, '10:00:00'],
])('a position of %i ms is %s', (ms, said) => {
  expect(formatClock(ms)).toBe(said);
});

it.each([
  [12_400, '12.4 s', '12.4 秒'],
  [-59_900, '59.9 s', '59.9 秒'],
  [59_960, '0:01:00', '0:01:00'],
  [63_000, '0:01:03', '0:01:03'],
  [-86_400_000, '1 d 0:00:00', '1 天 0:00:00'],
  [1234 * 86_400_000 + 3_723_000, '1,234 d 1:02:03', '1,234 天 1:02:03'],
])('clocks %i ms apart are %s apart', (ms, english, chinese) => {
  expect(formatSpan(ms, 'en')).toBe(english);
  expect(formatSpan(ms, 'zh-CN')).toBe(chinese);
});

it('a deviation has a sign, also when there is none', () => {
  expect([12_400, -63_000, 30, -50].map((ms) => formatOffset(ms, 'en'))).toEqual([
    '+12.4 s',
    '−0:01:03',
    '±0.0 s',
    '−0.1 s',
  ]);
});
