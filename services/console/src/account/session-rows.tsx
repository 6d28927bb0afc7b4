import type { OpenSession } from '@fengcun/contracts';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { When } from '../format/when.tsx';
import { browserOf } from './browser-name.ts';
import './account.css';

interface SessionRowsProps {
  readonly sessions: readonly OpenSession[];
  /** null: may look only */
  readonly onEnd: ((session: OpenSession) => void) | null;
  readonly ending: string | null;
}

/** Where somebody is signed in, newest first. */
export function SessionRows({ sessions, onEnd, ending }: SessionRowsProps) {
  const { t } = useTranslation();
  return (
    <ul className="rows">
      {sessions.map((session) => {
        const { id, kind, name, via, openedAt, lastSeenAt, address, userAgent, current } = session;
        return (
          <li key={id} className="session-row">
            <div>
              <span className="strong">
                {kind === 'token' ? `${t('account.sessions.token')} ${name ?? ''}` : browserOf(userAgent)}
              </span>{' '}
              {current && <span className="tag good">{t('account.sessions.current')}</span>}
              <div className="quiet small breakable">
                <span className="num">{address}</span> · {t(`account.sessions.via.${via}`)} ·{' '}
                {t('account.sessions.opened')} <When at={openedAt} />
              </div>
              <div className="quiet small">
                {t('account.sessions.seen')} <When at={lastSeenAt} />
              </div>
            </div>
            {onEnd && !current && (
              <Button size="small" loading={ending === id} onClick={() => onEnd(session)}>
                {t('account.sessions.end')}
              </Button>
            )}
          </li>
        );
      })}
    </ul>
  );
}
