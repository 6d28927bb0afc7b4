import { expect, it } from 'vitest';
import { detailLeft } from './check-still.ts';
import { whatElseIsIn } from './picture-only.ts';

const side = 120;
const cover = { x: 0, y: 0, width: side, height: side, style: 'blur', when: null } as const;
const drawn = (value: (x: number, y: number) => number) =>
  Buffer.from(Array.from({ length: side * side }, (_, n) => value(n % side, Math.floor(n / side))));
const print = drawn((x, y) => (((x >> 1) + (y >> 1)) % 2 ? 220 : 30));

it('finds all of the detail where nothing was covered, half where half was, and none in what is flat or blurred', () => {
  expect(detailLeft(print, print, side, cover)).toBeCloseTo(1, 1);
  const half = drawn((x, y) => (x < side / 2 ? (print[y * side + x] ?? 0) : 125));
  expect(detailLeft(half, print, side, cover)).toBeCloseTo(0.5, 1);
  expect(
    Math.abs(
      detailLeft(
        drawn((x) => 100 + x / 4),
        print,
        side,
        cover,
      ),
    ),
  ).toBeLessThan(0.05);
  // There was nothing to be hidden.
  expect(
    detailLeft(
      drawn(() => 90),
      drawn(() => 90),
      side,
      cover,
    ),
  ).toBe(0);
});

it.each([
  ['no JPEG', Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), /no JPEG/],
  ['the lack of an end', Buffer.from('ffd8ffc0', 'hex'), /no end/],
  ['an EXIF segment', Buffer.from('ffd8ffe10004aabbffd9', 'hex'), /E1/],
  ['a comment', Buffer.from('ffd8fffe0004aabbffd9', 'hex'), /FE/],
  ['a colour profile', Buffer.from('ffd8ffe20004aabbffd9', 'hex'), /E2/],
  ['a header with a thumbnail', Buffer.from('ffd8ffe000104a46494600010200000100010101ffd9', 'hex'), /header/],
  ['something after its end', Buffer.from('ffd8ffd900', 'hex'), /after its end/],
  ['a second picture after the scan', Buffer.from('ffd8ffda000300aaff00bbffd8ffd9', 'hex'), /D8|no end|between/],
] as const)('sees %s', (_, jpeg, words) => {
  expect(whatElseIsIn(jpeg)).toMatch(words);
});
