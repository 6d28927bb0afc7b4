import type { FragmentTiming } from './fragment.ts';
import type { InitTrack } from './init-segment.ts';

export interface SegmentTimes {
  readonly durationsMs: readonly number[];
  readonly independent: boolean;
}

/** Turns fragments' times into segment durations that add up: each is the distance between two rounded instants. */
export class SegmentClock {
  readonly #main: InitTrack | undefined;
  readonly #ends: number[] = [];
  #first = 0;
  #lastOfAll = 0;
  #independent = true;

  constructor(tracks: readonly InitTrack[]) {
    this.#main = tracks.find((track) => track.type === 'video') ?? tracks[0];
  }

  add(fragment: FragmentTiming): void {
    const main = fragment.tracks.find(({ track }) => track.id === this.#main?.id);
    if (this.#ends.length === 0) this.#first = main?.start ?? fragment.tracks[0]?.start ?? 0;
    this.#lastOfAll = Math.max(this.#lastOfAll, ...fragment.tracks.map(({ end }) => end));
    // A fragment without the main track (its picture has ended, the sound goes on) lasts as long as what it has.
    const end = main?.end ?? Math.max(...fragment.tracks.map((timed) => timed.end));
    this.#ends.push(Math.max(end, this.#ends.at(-1) ?? this.#first));
    this.#independent &&= fragment.startsWithKeyframe && (main !== undefined || this.#main?.type !== 'video');
  }

  finish(): SegmentTimes {
    // The last segment also carries whatever another track has left.
    const ends = [...this.#ends.slice(0, -1), Math.max(this.#ends.at(-1) ?? 0, this.#lastOfAll)];
    const instants = [this.#first, ...ends].map((seconds) => Math.round(seconds * 1000));
    const durationsMs = instants.slice(1).map((instant, n) => instant - (instants[n] ?? 0));
    return { durationsMs, independent: this.#independent };
  }
}
