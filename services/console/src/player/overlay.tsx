import type { Play } from '@fengcun/contracts';
import { useEffect, useState } from 'react';
import { useSite } from '../app/session/use-session.ts';
import { formatInstant } from '../format/instant.ts';

const moveMs = 14_000;

/**
 * Viewer, time and event number over the picture, wandering slowly, so that a screen filmed with a telephone names whoever held it and
 * no single strip can be cut off to hide it.
 */
export function Overlay({ play }: { readonly play: Play }) {
  const { timeZone } = useSite();
  const [now, setNow] = useState(() => new Date().toISOString());
  const [place, setPlace] = useState({ left: 6, top: 8 });
  useEffect(() => {
    const clock = setInterval(() => setNow(new Date().toISOString()), 1000);
    const move = () => setPlace({ left: 2 + Math.random() * 56, top: 4 + Math.random() * 78 });
    const start = setTimeout(move, 300);
    const mover = setInterval(move, moveMs);
    return () => {
      clearInterval(clock);
      clearTimeout(start);
      clearInterval(mover);
    };
  }, []);
  return (
    <div
      className="player-overlay"
      aria-hidden="true"
      style={{ left: `${place.left}%`, top: `${place.top}%`, transitionDuration: `${moveMs}ms` }}
    >
      {play.viewer}
      <br />
      {formatInstant(now, timeZone)}
      <br />
      {play.event}
    </div>
  );
}
