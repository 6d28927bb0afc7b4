import { describe, expect, it } from 'vitest';
import { dayAfter, dayOf, formatInstant, formatInstantExactly, startOfDay } from './instant.ts';

describe('instants', () => {
  it('are shown in the site’s time zone, with the offset in the long form', () => {
    expect(formatInstant('2026-11-22T16:00:00.000Z', 'Asia/Shanghai')).toBe('2026-11-23 00:00:00');
    expect(formatInstantExactly('2026-11-22T11:44:02.120Z', 'Asia/Shanghai')).toBe(
      '2026-11-22 19:44:02.120 +08:00 (Asia/Shanghai)',
    );
    expect(formatInstantExactly('2026-01-01T00:00:00.000Z', 'UTC')).toBe('2026-01-01 00:00:00.000 +00:00 (UTC)');
  });

  it('begin a day where the site is, also on the days when clocks change', () => {
    expect(startOfDay('2026-11-22', 'Asia/Shanghai')).toBe('2026-11-21T16:00:00.000Z');
    expect(startOfDay('2026-03-29', 'Europe/Berlin')).toBe('2026-03-28T23:00:00.000Z');
    expect(startOfDay('2026-03-30', 'Europe/Berlin')).toBe('2026-03-29T22:00:00.000Z');
    expect(dayOf(new Date('2026-11-22T16:00:00Z'), 'Asia/Shanghai')).toBe('2026-11-23');
    expect(dayAfter('2026-02-28')).toBe('2026-03-01');
  });
});
