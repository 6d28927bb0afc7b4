import { expect, it } from 'vitest';
import { readRetryAfter } from './retry-after.ts';

const now = Date.parse('2026-11-22T10:00:00Z');

it.each([
  ['7', 7],
  [' 0 ', 0],
  ['86400', 300],
  ['Sun, 22 Nov 2026 10:00:09 GMT', 9],
  ['Sun, 22 Nov 2026 09:00:00 GMT', 0],
  ['', null],
  ['soon', null],
  [null, null],
  [undefined, null],
])('Retry-After %s is %s seconds', (value, seconds) => {
  expect(readRetryAfter(value, now)).toBe(seconds);
});
