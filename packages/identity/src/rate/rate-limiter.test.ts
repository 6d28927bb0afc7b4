import { expect, it } from 'vitest';
import { RateLimiter } from './rate-limiter.ts';

const limits = { general: 60, search: 6, sign_in: 3 };

it('lets a minute’s worth through at once, then as many as come due, and says how long to wait', () => {
  let now = 0;
  const limiter = new RateLimiter(limits, () => now);
  expect([1, 2, 3, 4].map(() => limiter.take('a', 'sign_in'))).toEqual([0, 0, 0, 20]);
  now += 19_999;
  expect(limiter.take('a', 'sign_in')).toBe(1);
  now += 1;
  expect(limiter.take('a', 'sign_in')).toBe(0);
  expect(limiter.take('a', 'sign_in')).toBe(20);
});

it('keeps callers and kinds apart', () => {
  const limiter = new RateLimiter(limits, () => 0);
  for (let i = 0; i < 3; i++) expect(limiter.take('a', 'sign_in')).toBe(0);
  expect(limiter.take('a', 'sign_in')).toBeGreaterThan(0);
  expect(limiter.take('b', 'sign_in')).toBe(0);
  expect(limiter.take('a', 'general')).toBe(0);
});

it('does not count what has no limit', () => {
  const limiter = new RateLimiter({ sign_in: 1 }, () => 0);
  for (let i = 0; i < 10; i++) expect(limiter.take('a', 'upload')).toBe(0);
  expect(limiter.size).toBe(0);
});

it('remembers no more callers than it may', () => {
  const limiter = new RateLimiter(limits, () => 0);
  for (let i = 0; i < 60_000; i++) limiter.take(String(i), 'general');
  expect(limiter.size).toBe(50_000);
});
