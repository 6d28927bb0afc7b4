import { useTranslation } from 'react-i18next';
import type { DraftMark } from './draft-marks.ts';

interface MarkListProps {
  readonly marks: readonly DraftMark[];
  readonly selected: string | null;
  readonly faulty: ReadonlySet<number>;
  readonly onSelect: (mark: DraftMark) => void;
}

/** Marks of a still picture, one line each. */
export function MarkList({ marks, selected, faulty, onSelect }: MarkListProps) {
  const { t } = useTranslation();
  if (marks.length === 0) return null;
  return (
    <section className="mark-timeline" aria-label={t('redaction.marks')}>
      {marks.map((mark, index) => {
        const how = 'style' in mark ? t(`redaction.style.${mark.style}`) : '';
        const what = [t(`redaction.reason.${mark.reason}`), how].filter((word) => word !== '').join(' · ');
        return (
          <button
            key={mark.key}
            type="button"
            className={`mark-line plain${mark.key === selected ? ' active' : ''}${faulty.has(index) ? ' faulty' : ''}`}
            aria-pressed={mark.key === selected}
            aria-label={t('redaction.selectArea', { n: index + 1, what })}
            onClick={() => onSelect(mark)}
          >
            <span className="mark-line-name">
              <span className="num">{index + 1}</span> {what}
              {mark.note && <span className="quiet"> · {mark.note}</span>}
            </span>
          </button>
        );
      })}
    </section>
  );
}
