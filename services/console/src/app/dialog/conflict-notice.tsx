import { Alert, Button } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { When } from '../../format/when.tsx';
import './conflict-notice.css';

/** What of a record somebody else may have changed, in the reader's words. */
export interface ConflictField<R> {
  readonly key: string;
  readonly label: string;
  readonly say: (record: R) => string;
}

interface Kept {
  readonly changed: { readonly by: { readonly name: string }; readonly at: string } | null;
}

interface ConflictNoticeProps<R extends Kept> {
  /** as it was when the form was opened */
  readonly read: R;
  /** as it is now; undefined while it is being fetched */
  readonly now: R | undefined;
  readonly fields: readonly ConflictField<R>[];
  /** goes on with what it is now, keeping what the reader has changed themselves */
  readonly onMerge: () => void;
}

/** Two people changed one thing: says who was first, and what they changed, so that nothing of theirs is overwritten unseen. */
export function ConflictNotice<R extends Kept>({ read, now, fields, onMerge }: ConflictNoticeProps<R>) {
  const { t } = useTranslation();
  if (!now) return <Alert type="warning" showIcon title={t('common.conflict.title')} />;
  const different = fields.filter(({ say }) => say(read) !== say(now));
  return (
    <Alert
      type="warning"
      showIcon
      title={
        now.changed ? (
          <>
            {t('common.conflict.by', { name: now.changed.by.name })} <When at={now.changed.at} />
          </>
        ) : (
          t('common.conflict.title')
        )
      }
      description={
        <>
          {different.length === 0 ? (
            <p className="conflict-line">{t('common.conflict.nothing')}</p>
          ) : (
            <dl className="conflict">
              {different.map(({ key, label, say }) => (
                <Change key={key} label={label} was={say(read)} is={say(now)} />
              ))}
            </dl>
          )}
          <Button size="small" onClick={onMerge}>
            {t('common.conflict.merge')}
          </Button>
          <p className="quiet small conflict-line">{t('common.conflict.mergeHint')}</p>
        </>
      }
    />
  );
}

function Change({ label, was, is }: { readonly label: string; readonly was: string; readonly is: string }): ReactNode {
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        <del>{was}</del> <span aria-hidden="true">→</span> <ins>{is}</ins>
      </dd>
    </div>
  );
}

/** Form values of a record that was changed meanwhile: theirs, but for what the reader has changed themselves. */
export function merged<F extends object>(written: F, before: F, now: F): F {
  const same = (a: unknown, b: unknown) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
  const keys = [...new Set([...Object.keys(now), ...Object.keys(before)])] as (keyof F)[];
  return Object.fromEntries(keys.map((key) => [key, same(written[key], before[key]) ? now[key] : written[key]])) as F;
}
