import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { client } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { Loaded } from '../../app/api/page-state.tsx';
import { Panel } from '../../app/shell/page.tsx';
import { When } from '../../format/when.tsx';
import { RequestStateTag } from '../marks.tsx';

/** How the requester has used access so far: what an approver should know before saying yes. */
export function HistoryPanel({ request }: { readonly request: string }) {
  const { t } = useTranslation();
  const history = useQuery({
    queryKey: keys.requestHistory(request),
    queryFn: ({ signal }) => client.call('getRequesterHistory', { params: { id: request }, signal }),
  });
  return (
    <Panel title={t('access.detail.history')} flush>
      <Loaded query={history} rows={3}>
        {({ counts, last }) => (
          <>
            <p className={counts.violations > 0 ? 'panel-line warn' : 'panel-line'}>
              {t('access.detail.historyCounts', counts)}
            </p>
            {last.length === 0 ? (
              <p className="quiet panel-line">{t('access.detail.historyNone')}</p>
            ) : (
              <ul className="rows history">
                {last.map((earlier) => (
                  <li key={earlier.id} className="history-row">
                    <Link to={`/access/requests/${earlier.id}`} className="num">
                      {t('access.number', { number: earlier.number })}
                    </Link>
                    <span>{t(`policy.purpose.${earlier.purpose}`)}</span>
                    <RequestStateTag request={earlier} />
                    <span className="quiet small history-when">
                      <When at={earlier.submittedAt ?? earlier.createdAt} />
                    </span>
                  </li>
                ))}
              </ul>
            )}
          </>
        )}
      </Loaded>
    </Panel>
  );
}
