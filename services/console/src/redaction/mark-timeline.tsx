import { isTimed } from '@fengcun/contracts';
import { useTranslation } from 'react-i18next';
import { formatClock } from '../format/duration.ts';
import type { DraftMark } from './draft-marks.ts';

interface MarkTimelineProps {
  readonly marks: readonly DraftMark[];
  readonly selected: string | null;
  readonly durationMs: number;
  /** null: what plays is not the recording */
  readonly positionMs: number | null;
  readonly faulty: ReadonlySet<number>;
  readonly onSelect: (mark: DraftMark) => void;
}

/** Marks along the recording, one line each; choosing one also goes to where it begins. */
export function MarkTimeline({ marks, selected, durationMs, positionMs, faulty, onSelect }: MarkTimelineProps) {
  const { t } = useTranslation();
  if (marks.length === 0 || durationMs <= 0) return null;
  const part = (ms: number) => Math.min(100, Math.max(0, (ms / durationMs) * 100));
  return (
    <section className="mark-timeline" aria-label={t('redaction.timeline')}>
      {marks.map((mark, index) => {
        if (!isTimed(mark)) return null;
        const about = mark.kind === 'sound' ? t(`redaction.style.${mark.style}`) : t(`redaction.reason.${mark.reason}`);
        const what = `${t(`redaction.kind.${mark.kind}`)} · ${about}`;
        const times = { from: formatClock(mark.from), to: formatClock(mark.to) };
        return (
          <button
            key={mark.key}
            type="button"
            className={`mark-line${mark.key === selected ? ' active' : ''}${faulty.has(index) ? ' faulty' : ''}`}
            aria-pressed={mark.key === selected}
            aria-label={t('redaction.select', { n: index + 1, what, ...times })}
            onClick={() => onSelect(mark)}
          >
            <span className="mark-line-name">
              <span className="num">{index + 1}</span> {what}
            </span>
            <span className="mark-line-track">
              <span
                className={`mark-bar ${mark.kind}`}
                style={{ left: `${part(mark.from)}%`, width: `${Math.max(0.6, part(mark.to) - part(mark.from))}%` }}
              />
              {positionMs !== null && <span className="mark-now" style={{ left: `${part(positionMs)}%` }} />}
            </span>
          </button>
        );
      })}
    </section>
  );
}
