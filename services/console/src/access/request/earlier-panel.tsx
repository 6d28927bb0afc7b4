import type { AccessRequest } from '@fengcun/contracts';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Panel } from '../../app/shell/page.tsx';
import { When } from '../../format/when.tsx';

/** Whether the same person asked for the same before, and what became of it. */
export function EarlierPanel({ earlier }: Pick<AccessRequest, 'earlier'>) {
  const { t } = useTranslation();
  return (
    <Panel title={t('access.detail.earlier')} flush>
      <ul className="rows">
        {earlier.map(({ id, number, state, purpose, submittedAt, sharedItems, live }) => (
          <li key={id} className="earlier-row">
            <Link to={`/access/requests/${id}`} className="num">
              {t('access.number', { number })}
            </Link>
            <span>{t(`policy.purpose.${purpose}`)}</span>
            <span className="quiet">{t('access.detail.earlierShared', { count: sharedItems })}</span>
            <span>
              {t(`access.state.${state}`)}
              {live && <span className="good"> · {t('access.detail.earlierLive')}</span>}
            </span>
            <When at={submittedAt} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}
