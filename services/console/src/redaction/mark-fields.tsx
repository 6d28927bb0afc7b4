import { AimOutlined, DeleteOutlined } from '@ant-design/icons';
import { coverStyles, type MarkFault, redactionReasons, soundStyles } from '@fengcun/contracts';
import { Button, Input, InputNumber, Select, Tooltip } from 'antd';
import { type ReactNode, useId } from 'react';
import { useTranslation } from 'react-i18next';
import { type DraftMark, type Rectangle, within } from './draft-marks.ts';

interface MarkFieldsProps {
  readonly mark: DraftMark;
  readonly n: number;
  readonly faults: readonly MarkFault['code'][];
  readonly positionMs: number;
  readonly readOnly: boolean;
  readonly onChange: (mark: DraftMark) => void;
  readonly onRemove: () => void;
}

/** Everything about one mark as numbers and words: what the mouse can do, these can do too. */
export function MarkFields({ mark, n, faults, positionMs, readOnly, onChange, onRemove }: MarkFieldsProps) {
  const { t } = useTranslation();
  const styles = mark.kind === 'sound' ? soundStyles : mark.kind === 'cut' ? [] : coverStyles;
  const at = Math.round(positionMs);
  return (
    <div className="mark-fields">
      <div className="mark-fields-head">
        <span className="strong">
          <span className="num">{n}</span> {t(`redaction.kind.${mark.kind}`)}
        </span>
        {!readOnly && (
          <Button size="small" danger icon={<DeleteOutlined />} onClick={onRemove} aria-label={t('redaction.remove')} />
        )}
      </div>
      {faults.map((code) => (
        <div key={code} className="mark-fault small" role="alert">
          {t(`redaction.fault.${code}`)}
        </div>
      ))}
      {mark.kind !== 'area' && (
        <div className="mark-pair">
          <Seconds
            label={t('redaction.from')}
            value={mark.from}
            readOnly={readOnly}
            onChange={(from) => onChange({ ...mark, from })}
            onHere={() => onChange({ ...mark, from: at })}
          />
          <Seconds
            label={t('redaction.to')}
            value={mark.to}
            readOnly={readOnly}
            onChange={(to) => onChange({ ...mark, to })}
            onHere={() => onChange({ ...mark, to: at })}
          />
        </div>
      )}
      <div className="mark-pair">
        {'style' in mark && (
          <Labelled label={t('redaction.styleLabel')}>
            {(id) => (
              <Select
                id={id}
                disabled={readOnly}
                value={mark.style}
                onChange={(style) => onChange({ ...mark, style } as DraftMark)}
                options={styles.map((value) => ({ value, label: t(`redaction.style.${value}`) }))}
              />
            )}
          </Labelled>
        )}
        <Labelled label={t('redaction.reasonLabel')}>
          {(id) => (
            <Select
              id={id}
              disabled={readOnly}
              value={mark.reason}
              onChange={(reason) => onChange({ ...mark, reason })}
              options={redactionReasons.map((value) => ({ value, label: t(`redaction.reason.${value}`) }))}
            />
          )}
        </Labelled>
      </div>
      {(mark.kind === 'region' || mark.kind === 'area') && (
        <Place mark={mark} readOnly={readOnly} onChange={(place) => onChange({ ...mark, ...place })} />
      )}
      <Labelled
        label={
          mark.reason === 'other' ? `${t('redaction.note')} · ${t('redaction.noteRequired')}` : t('redaction.note')
        }
      >
        {(id) => (
          <Input
            id={id}
            disabled={readOnly}
            maxLength={200}
            value={mark.note ?? ''}
            onChange={(event) => onChange({ ...mark, note: event.target.value })}
          />
        )}
      </Labelled>
      {mark.kind !== 'sound' && 'style' in mark && mark.style !== 'solid' && (
        <p className="quiet small mark-hint">{t('redaction.styleHint')}</p>
      )}
    </div>
  );
}

interface SecondsProps {
  readonly label: string;
  /** ms */
  readonly value: number;
  readonly readOnly: boolean;
  readonly onChange: (ms: number) => void;
  readonly onHere: () => void;
}

function Seconds({ label, value, readOnly, onChange, onHere }: SecondsProps) {
  const { t } = useTranslation();
  const name = `${t('redaction.here')} · ${label}`;
  return (
    <Labelled label={label}>
      {(id) => (
        <span className="mark-seconds">
          <InputNumber
            id={id}
            disabled={readOnly}
            min={0}
            max={2_000_000}
            step={0.1}
            precision={3}
            value={value / 1000}
            onChange={(seconds) => onChange(Math.round((seconds ?? 0) * 1000))}
          />
          {!readOnly && (
            <Tooltip title={t('redaction.here')}>
              <Button icon={<AimOutlined />} aria-label={name} onClick={onHere} />
            </Tooltip>
          )}
        </span>
      )}
    </Labelled>
  );
}

interface PlaceProps {
  readonly mark: Rectangle;
  readonly readOnly: boolean;
  readonly onChange: (place: Rectangle) => void;
}

function Place({ mark, readOnly, onChange }: PlaceProps) {
  const { t } = useTranslation();
  const { x, y, w, h } = mark;
  const fields = [
    ['x', 'left', x],
    ['y', 'top', y],
    ['w', 'width', w],
    ['h', 'height', h],
  ] as const;
  return (
    <div className="mark-place">
      {fields.map(([field, name, value]) => (
        <Labelled key={field} label={t(`redaction.${name}`)}>
          {(id) => (
            <InputNumber
              id={id}
              disabled={readOnly}
              min={0}
              max={100}
              step={0.5}
              precision={1}
              controls={false}
              value={Math.round(value * 1000) / 10}
              onChange={(percent) => onChange(within({ x, y, w, h, [field]: (percent ?? 0) / 100 }))}
            />
          )}
        </Labelled>
      ))}
    </div>
  );
}

function Labelled({ label, children }: { readonly label: string; readonly children: (id: string) => ReactNode }) {
  const id = useId();
  return (
    <div className="mark-field">
      <label htmlFor={id}>{label}</label>
      {children(id)}
    </div>
  );
}
