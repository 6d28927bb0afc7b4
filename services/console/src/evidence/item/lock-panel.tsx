import { LockFilled, UnlockOutlined } from '@ant-design/icons';
import type { Evidence } from '@fengcun/contracts';
import { useTranslation } from 'react-i18next';
import { Panel } from '../../app/shell/page.tsx';
import { When } from '../../format/when.tsx';
import { Fact, Facts } from './fact.tsx';

/** What keeps the original from being deleted, and, plainly, from whom it does not. */
export function LockPanel({ lock }: { readonly lock: Evidence['lock'] }) {
  const { t } = useTranslation();
  const enforced = lock.protection === 'enforced';
  return (
    <Panel
      title={t('evidence.lock.title')}
      tools={
        <span className={enforced ? 'tag good' : 'tag warn'}>
          {enforced ? <LockFilled aria-hidden="true" /> : <UnlockOutlined aria-hidden="true" />}
          {enforced ? t('evidence.lock.enforced') : t('evidence.lock.advisory')}
        </span>
      }
    >
      <Facts>
        <Fact name={t('evidence.lock.until')}>
          {lock.retainUntil ? <When at={lock.retainUntil} /> : t('evidence.lock.forever')}
        </Fact>
        <Fact name={t('evidence.lock.hold')}>
          {lock.legalHold ? <span className="strong">{t('evidence.lock.holdOn')}</span> : t('evidence.lock.holdOff')}
        </Fact>
        <Fact name={t('evidence.lock.mode')}>{t(`evidence.lock.modeWords.${lock.mode}`)}</Fact>
        <Fact name={t('evidence.lock.driver')}>
          {t(`evidence.lock.drivers.${lock.driver}`, { defaultValue: lock.driver })}
        </Fact>
        <Fact name={t('evidence.lock.version')}>
          <code className="small breakable">{lock.version}</code>
        </Fact>
      </Facts>
      <p className="quiet small panel-note">
        {enforced ? t('evidence.lock.enforcedWords') : t('evidence.lock.advisoryWords')}
      </p>
    </Panel>
  );
}
