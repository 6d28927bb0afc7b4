import type { Evidence, Play } from '@fengcun/contracts';
import { Alert } from 'antd';
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { attachStream, type StreamFault } from './attach-stream.ts';
import { Controls } from './controls.tsx';
import { toggleFullScreen, togglePlay } from './media-actions.ts';
import { Overlay } from './overlay.tsx';
import { type MediaState, useMediaState } from './use-media-state.ts';
import { useRecordedPlay } from './use-recorded-play.ts';
import { Waveform } from './waveform.tsx';

/** Why a viewing is over: it ended, or the right to it was taken away or has run out. */
export type PlayEnd = 'over' | 'revoked' | 'expired';

interface PlayerProps {
  readonly evidence: Evidence;
  /** a play that is on record */
  readonly play: Play;
  /** address of its pieces */
  readonly playlist: string;
  readonly onOver: (end: PlayEnd) => void;
  /** lies over the picture, under the viewer's name */
  readonly stage?: ReactNode;
  /** told where the viewer is, and what plays */
  readonly onMoment?: (state: MediaState, media: HTMLMediaElement | null) => void;
}

/** Plays what one recorded viewing allows, under the viewer's name. The browser's own controls stay off: they would leave the overlay. */
export function Player({ evidence, play, playlist, onOver, stage, onMoment }: PlayerProps) {
  const { t } = useTranslation();
  const frame = useRef<HTMLDivElement>(null);
  const media = useRef<HTMLVideoElement>(null);
  const [fault, setFault] = useState<StreamFault | null>(null);
  const watched = useRecordedPlay(play, () => onOver('over'));
  const state = useMediaState(media, watched);
  const over = useRef(onOver);
  over.current = onOver;
  const moment = useRef(onMoment);
  moment.current = onMoment;
  useEffect(() => moment.current?.(state, media.current), [state]);

  useEffect(() => {
    const element = media.current;
    if (!element) return;
    const stop = attachStream(element, playlist, (found) => (isEnd(found) ? over.current(found) : setFault(found)));
    // Refused where the browser wants another gesture first; the viewer then presses play.
    element.play().catch(() => undefined);
    return stop;
  }, [playlist]);
  useEffect(() => {
    frame.current?.focus({ preventScroll: true });
  }, []);

  const audio = evidence.kind === 'audio';
  const durationMs = Math.max(state.durationMs, evidence.durationMs ?? 0);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms
    <div
      ref={frame}
      className={audio ? 'player audio' : 'player'}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: shortcuts work wherever in the player the focus is
      tabIndex={0}
      role="group"
      aria-label={t('player.title')}
      onKeyDown={(event) => onShortcut(event, media.current, frame.current)}
    >
      <div className="player-picture">
        <video
          ref={media}
          playsInline
          disablePictureInPicture
          disableRemotePlayback
          {...(play.poster ? { poster: play.poster } : {})}
          onClick={() => togglePlay(media.current)}
          onContextMenu={(event) => event.preventDefault()}
        />
        {audio && (
          <Waveform
            play={play.id}
            available={evidence.derivatives.some(({ kind, state: made }) => kind === 'waveform' && made === 'ready')}
            fraction={durationMs > 0 ? state.positionMs / durationMs : 0}
          />
        )}
        {stage}
        <Overlay play={play} />
        {fault && (
          <Alert banner type="warning" title={t(fault === 'media' ? 'player.mediaFault' : 'player.networkFault')} />
        )}
      </div>
      <Controls
        media={media}
        frame={frame}
        state={state}
        durationMs={durationMs}
        thumbnails={play.thumbnails ?? null}
      />
      <p className="player-recorded">
        <i aria-hidden="true" />
        {t('player.recorded')} · {t('player.event')} <span className="num">{play.event}</span>
      </p>
    </div>
  );
}

const isEnd = (found: StreamFault | null): found is PlayEnd =>
  found === 'over' || found === 'revoked' || found === 'expired';

function onShortcut(event: KeyboardEvent, media: HTMLMediaElement | null, frame: HTMLElement | null): void {
  if (!media || event.ctrlKey || event.metaKey || event.altKey) return;
  const onControl = event.target instanceof Element && event.target.closest('button, select, input') !== null;
  const act = shortcuts[event.key.toLowerCase()];
  if (!act || (onControl && event.key !== 'f' && event.key !== 'm')) return;
  event.preventDefault();
  act(media, frame);
}

const shortcuts: Readonly<Record<string, (media: HTMLMediaElement, frame: HTMLElement | null) => void>> = {
  ' ': togglePlay,
  k: togglePlay,
  f: (_, frame) => toggleFullScreen(frame),
  m: (media) => {
    media.muted = !media.muted;
  },
  arrowleft: (media) => {
    media.currentTime -= 5;
  },
  arrowright: (media) => {
    media.currentTime += 5;
  },
};
