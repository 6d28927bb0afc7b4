import { describe, expect, it } from 'vitest';
import { WatchedRanges } from './watched-ranges.ts';

describe('watched ranges', () => {
  it('joins what was played without a break, at any speed', () => {
    const watched = new WatchedRanges();
    watched.playing(0, 1000, 1);
    watched.playing(250, 1250, 1);
    watched.playing(2250, 2250, 2);
    expect(watched.ranges()).toEqual([{ from: 0, to: 2250 }]);
  });

  it('does not count what was jumped over', () => {
    const watched = new WatchedRanges();
    watched.playing(0, 0, 1);
    watched.playing(1000, 1000, 1);
    watched.playing(60_000, 1250, 1);
    watched.playing(61_000, 2250, 1);
    watched.standing(500, 2900);
    watched.playing(500, 3000, 1);
    watched.playing(1500, 4000, 1);
    expect(watched.ranges()).toEqual([
      { from: 0, to: 1500 },
      { from: 60_000, to: 61_000 },
    ]);
  });

  it('counts what was shown before the page was told that it plays', () => {
    const watched = new WatchedRanges();
    watched.standing(0, 0);
    watched.playing(537, 600, 1);
    watched.playing(1000, 1063, 1);
    expect(watched.ranges()).toEqual([{ from: 0, to: 1000 }]);
  });

  it('is never more than the contract carries, and never less than was watched', () => {
    const watched = new WatchedRanges();
    for (let at = 0; at < 1200; at += 1) {
      watched.playing(at * 1000, at * 1000, 1);
      watched.playing(at * 1000 + 100, at * 1000 + 100, 1);
      watched.standing((at + 1) * 1000, at * 1000 + 200);
    }
    const ranges = watched.ranges();
    expect(ranges).toHaveLength(1000);
    for (let at = 0; at < 1200; at += 1) {
      expect(ranges.some(({ from, to }) => from <= at * 1000 && to >= at * 1000 + 100)).toBe(true);
    }
  });
});
