/** Half-open range of the recording, ms. */
export interface WatchedRange {
  readonly from: number;
  readonly to: number;
}

/** The most ranges that the end of a play can carry (contract `endPlay`). */
const mostRanges = 1000;

/**
 * What was really shown. Positions are noted while playing; a step that is no longer than playing could have made it belongs to one
 * range, anything else is a jump.
 */
export class WatchedRanges {
  #ranges: WatchedRange[] = [];
  #last: { readonly position: number; readonly at: number } | null = null;

  /** Playing at `position` ms, at `at` ms of any steady clock, at `rate` times normal speed. */
  playing(position: number, at: number, rate: number): void {
    const last = this.#last;
    this.standing(position, at);
    if (!last) return;
    const step = position - last.position;
    // A quarter of a second of slack: timeupdate comes four to sixty times a second and not evenly.
    if (step > 0 && step <= (at - last.at) * rate + 250)
      this.#add({ from: Math.floor(last.position), to: Math.ceil(position) });
  }

  /** A range that was shown at once, as a still picture is. */
  shown(range: WatchedRange): void {
    this.#add(range);
  }

  /**
   * Paused, seeking, waiting for data or over, at `position` ms. Playing goes on from there: a busy page is told that the recording plays
   * only some time after it began to.
   */
  standing(position: number, at: number): void {
    this.#last = { position, at };
  }

  /** Disjoint ranges in order; where there are too many, the narrowest gaps are closed: rather too much on record than too little. */
  ranges(): WatchedRange[] {
    const ranges = [...this.#ranges];
    while (ranges.length > mostRanges) {
      let narrowest = 1;
      for (let at = 2; at < ranges.length; at += 1)
        if (gapBefore(ranges, at) < gapBefore(ranges, narrowest)) narrowest = at;
      const [before, after] = ranges.slice(narrowest - 1, narrowest + 1);
      if (!before || !after) break;
      ranges.splice(narrowest - 1, 2, { from: before.from, to: after.to });
    }
    return ranges;
  }

  #add(added: WatchedRange): void {
    let { from, to } = added;
    const apart: WatchedRange[] = [];
    for (const range of this.#ranges) {
      if (range.to < from || range.from > to) apart.push(range);
      else {
        from = Math.min(from, range.from);
        to = Math.max(to, range.to);
      }
    }
    apart.push({ from, to });
    this.#ranges = apart.sort((a, b) => a.from - b.from);
  }
}

function gapBefore(ranges: readonly WatchedRange[], at: number): number {
  const before = ranges[at - 1];
  const after = ranges[at];
  return before && after ? after.from - before.to : Number.POSITIVE_INFINITY;
}
