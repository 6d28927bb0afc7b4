import type { Play } from '@fengcun/contracts';
import { useEffect, useRef } from 'react';
import { partingClient } from '../app/api/client.ts';
import { WatchedRanges } from './watched-ranges.ts';

/**
 * Notes what is watched and reports it when the viewer leaves, in whatever way: another page of the console, another site, a closed
 * window. Reported once; a page that the browser brings back from its cache needs a new play.
 */
export function useRecordedPlay(play: Play, onOver: () => void): WatchedRanges {
  const watched = useRef<WatchedRanges>(new WatchedRanges());
  const over = useRef(onOver);
  over.current = onOver;
  useEffect(() => {
    let ended = false;
    const end = () => {
      if (ended) return;
      ended = true;
      // Nobody is left to tell; a play that was never ended is ended by the server when it expires.
      partingClient
        .call('endPlay', { params: { id: play.id }, body: { watched: watched.current.ranges() } })
        .catch(() => undefined);
    };
    const back = (event: PageTransitionEvent) => event.persisted && over.current();
    window.addEventListener('pagehide', end);
    window.addEventListener('pageshow', back);
    return () => {
      window.removeEventListener('pagehide', end);
      window.removeEventListener('pageshow', back);
      end();
    };
  }, [play.id]);
  return watched.current;
}
