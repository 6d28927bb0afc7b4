import {
  CaretRightFilled,
  FullscreenExitOutlined,
  FullscreenOutlined,
  LoadingOutlined,
  MutedOutlined,
  PauseOutlined,
  SoundOutlined,
} from '@ant-design/icons';
import type { TimelinePictures } from '@fengcun/contracts';
import { type RefObject, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { formatClock } from '../format/duration.ts';
import { toggleFullScreen, togglePlay } from './media-actions.ts';
import { Timeline } from './timeline.tsx';
import type { MediaState } from './use-media-state.ts';

interface ControlsProps {
  readonly media: RefObject<HTMLMediaElement | null>;
  readonly frame: RefObject<HTMLElement | null>;
  readonly state: MediaState;
  readonly durationMs: number;
  readonly thumbnails: TimelinePictures | null;
}

const rates = [0.25, 0.5, 1, 1.5, 2, 4, 8] as const;

export function Controls({ media, frame, state, durationMs, thumbnails }: ControlsProps) {
  const { t } = useTranslation();
  const full = useFullScreen();
  const set = (change: (element: HTMLMediaElement) => void) => media.current && change(media.current);
  return (
    <div className="player-controls">
      <Timeline
        state={state}
        durationMs={durationMs}
        thumbnails={thumbnails}
        onSeek={(ms) =>
          set((element) => {
            element.currentTime = ms / 1000;
          })
        }
      />
      <div className="player-buttons">
        <button
          type="button"
          onClick={() => togglePlay(media.current)}
          aria-label={state.playing ? t('player.pause') : t('player.play')}
        >
          {state.waiting && state.playing ? (
            <LoadingOutlined aria-hidden="true" />
          ) : state.playing ? (
            <PauseOutlined aria-hidden="true" />
          ) : (
            <CaretRightFilled aria-hidden="true" />
          )}
        </button>
        <span className="num player-time">
          {formatClock(state.positionMs)} / {formatClock(durationMs)}
        </span>
        <span className="grow" />
        <button
          type="button"
          onClick={() =>
            set((element) => {
              element.muted = !element.muted;
            })
          }
          aria-label={state.muted ? t('player.unmute') : t('player.mute')}
        >
          {state.muted || state.volume === 0 ? (
            <MutedOutlined aria-hidden="true" />
          ) : (
            <SoundOutlined aria-hidden="true" />
          )}
        </button>
        <input
          type="range"
          className="player-volume"
          aria-label={t('player.volume')}
          min={0}
          max={1}
          step={0.05}
          value={state.muted ? 0 : state.volume}
          onChange={(event) =>
            set((element) => {
              element.volume = Number(event.target.value);
              element.muted = false;
            })
          }
        />
        <select
          aria-label={t('player.speed')}
          value={state.rate}
          onChange={(event) =>
            set((element) => {
              element.playbackRate = Number(event.target.value);
            })
          }
        >
          {rates.map((rate) => (
            <option key={rate} value={rate}>
              {rate}×
            </option>
          ))}
        </select>
        <button
          type="button"
          onClick={() => toggleFullScreen(frame.current)}
          aria-label={full ? t('player.leaveFullScreen') : t('player.fullScreen')}
        >
          {full ? <FullscreenExitOutlined aria-hidden="true" /> : <FullscreenOutlined aria-hidden="true" />}
        </button>
      </div>
    </div>
  );
}

function useFullScreen(): boolean {
  const [full, setFull] = useState(false);
  useEffect(() => {
    const note = () => setFull(document.fullscreenElement !== null);
    document.addEventListener('fullscreenchange', note);
    return () => document.removeEventListener('fullscreenchange', note);
  }, []);
  return full;
}
