import { FullscreenOutlined } from '@ant-design/icons';
import type { Play } from '@fengcun/contracts';
import { Alert, Button } from 'antd';
import { type ReactNode, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { toggleFullScreen } from './media-actions.ts';
import { Overlay } from './overlay.tsx';
import { useRecordedPlay } from './use-recorded-play.ts';

interface StillViewProps {
  /** a play that is on record, of a still picture */
  readonly play: Play;
  readonly still: NonNullable<Play['still']>;
  readonly onOver: (end: 'over') => void;
  /** lies over the picture, under the viewer's name */
  readonly stage?: ReactNode;
}

/** Shows what one recorded viewing of a picture allows, under the viewer's name. */
export function StillView({ play, still, onOver, stage }: StillViewProps) {
  const { t } = useTranslation();
  const frame = useRef<HTMLDivElement>(null);
  const [fault, setFault] = useState(false);
  const watched = useRecordedPlay(play, () => onOver('over'));
  return (
    <div ref={frame} className="player still">
      <div className="player-picture">
        <img
          src={still.uri}
          width={still.width}
          height={still.height}
          alt={t('player.still')}
          draggable={false}
          onLoad={() => watched.shown({ from: 0, to: 1 })}
          onError={() => setFault(true)}
          onContextMenu={(event) => event.preventDefault()}
        />
        {stage}
        <Overlay play={play} />
        {fault && <Alert banner type="warning" title={t('player.stillFault')} />}
      </div>
      <div className="player-recorded still-foot">
        <span>
          <i aria-hidden="true" />
          {t('player.recorded')} · {t('player.event')} <span className="num">{play.event}</span>
        </span>
        <Button
          size="small"
          type="text"
          icon={<FullscreenOutlined />}
          aria-label={t('player.fullScreen')}
          onClick={() => toggleFullScreen(frame.current)}
        />
      </div>
    </div>
  );
}
