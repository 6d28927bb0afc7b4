import { type RefObject, useEffect, useState } from 'react';
import type { WatchedRanges } from './watched-ranges.ts';

export interface MediaState {
  readonly playing: boolean;
  readonly waiting: boolean;
  readonly positionMs: number;
  /** 0 until known */
  readonly durationMs: number;
  /** end of what is loaded around the position */
  readonly bufferedMs: number;
  readonly muted: boolean;
  readonly volume: number;
  readonly rate: number;
}

const atRest: MediaState = {
  playing: false,
  waiting: false,
  positionMs: 0,
  durationMs: 0,
  bufferedMs: 0,
  muted: false,
  volume: 1,
  rate: 1,
};

const events = [
  'play',
  'playing',
  'pause',
  'ended',
  'waiting',
  'seeking',
  'seeked',
  'timeupdate',
  'durationchange',
  'progress',
  'volumechange',
  'ratechange',
  'emptied',
] as const;

/** A media element's state for drawing, and its playing noted for the record. */
export function useMediaState(media: RefObject<HTMLMediaElement | null>, watched: WatchedRanges): MediaState {
  const [state, setState] = useState(atRest);
  useEffect(() => {
    const element = media.current;
    if (!element) return;
    let waiting = false;
    const note = (event: Event) => {
      if (event.type === 'waiting') waiting = true;
      if (event.type === 'playing' || event.type === 'seeked') waiting = false;
      const shown =
        !element.paused && !element.seeking && !waiting && element.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA;
      // The last position before a pause, a wait for data or the end was shown too.
      const playedUntilNow = shown || event.type === 'pause' || event.type === 'waiting' || event.type === 'ended';
      const position = element.currentTime * 1000;
      if (playedUntilNow && !element.seeking) watched.playing(position, performance.now(), element.playbackRate);
      else watched.standing(position, performance.now());
      setState(stateOf(element, waiting));
    };
    for (const name of events) element.addEventListener(name, note);
    return () => {
      for (const name of events) element.removeEventListener(name, note);
    };
  }, [media, watched]);
  return state;
}

function stateOf(element: HTMLMediaElement, waiting: boolean): MediaState {
  return {
    playing: !element.paused && !element.ended,
    waiting,
    positionMs: element.currentTime * 1000,
    durationMs: Number.isFinite(element.duration) ? element.duration * 1000 : 0,
    bufferedMs: bufferedAround(element) * 1000,
    muted: element.muted,
    volume: element.volume,
    rate: element.playbackRate,
  };
}

function bufferedAround({ buffered, currentTime }: HTMLMediaElement): number {
  for (let at = 0; at < buffered.length; at += 1) {
    if (buffered.start(at) <= currentTime + 0.1 && buffered.end(at) >= currentTime) return buffered.end(at);
  }
  return currentTime;
}
