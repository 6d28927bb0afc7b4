import type { TimelinePictures } from '@fengcun/contracts';
import { type CSSProperties, type KeyboardEvent, type PointerEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { formatClock } from '../format/duration.ts';
import type { MediaState } from './use-media-state.ts';

interface TimelineProps {
  readonly state: MediaState;
  readonly durationMs: number;
  readonly thumbnails: TimelinePictures | null;
  readonly onSeek: (ms: number) => void;
}

/** Position in the recording: a range input, so that it is a slider to every keyboard and screen reader. */
export function Timeline({ state, durationMs, thumbnails, onSeek }: TimelineProps) {
  const { t } = useTranslation();
  const [hover, setHover] = useState<{ readonly fraction: number; readonly width: number } | null>(null);
  const part = (ms: number) => (durationMs > 0 ? `${Math.min(100, (ms / durationMs) * 100)}%` : '0%');
  const point = (event: PointerEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    setHover({ fraction: Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)), width: box.width });
  };
  const step = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -5000, ArrowRight: 5000, ArrowDown: -1000, ArrowUp: 1000 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    onSeek(Math.min(durationMs, Math.max(0, state.positionMs + by)));
  };
  const style = { '--played': part(state.positionMs), '--loaded': part(state.bufferedMs) } as CSSProperties;
  return (
    <div className="timeline" style={style} onPointerMove={point} onPointerLeave={() => setHover(null)}>
      <input
        type="range"
        aria-label={t('player.position')}
        aria-valuetext={t('player.positionOf', { at: formatClock(state.positionMs), length: formatClock(durationMs) })}
        min={0}
        max={Math.max(1, Math.round(durationMs))}
        value={Math.min(state.positionMs, durationMs)}
        onChange={(event) => onSeek(Number(event.target.value))}
        onKeyDown={step}
      />
      {hover && (
        <Preview
          atMs={hover.fraction * durationMs}
          at={hover.fraction * hover.width}
          width={hover.width}
          pictures={thumbnails}
        />
      )}
    </div>
  );
}

interface PreviewProps {
  readonly atMs: number;
  /** pixels from the left of the timeline */
  readonly at: number;
  readonly width: number;
  readonly pictures: TimelinePictures | null;
}

function Preview({ atMs, at, width, pictures }: PreviewProps) {
  const tile = pictures?.tiles.findLast(({ startMs }) => startMs <= atMs) ?? pictures?.tiles[0];
  const half = (tile?.w ?? 60) / 2;
  const left = Math.min(Math.max(at, half), Math.max(half, width - half));
  return (
    <div className="timeline-preview" style={{ left }} aria-hidden="true">
      {tile && pictures && (
        <div
          className="timeline-picture"
          style={{
            width: tile.w,
            height: tile.h,
            backgroundImage: `url("${pictures.sprite}")`,
            backgroundPosition: `-${tile.x}px -${tile.y}px`,
          }}
        />
      )}
      <span className="num">{formatClock(atMs)}</span>
    </div>
  );
}
