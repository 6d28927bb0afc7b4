import { useQuery } from '@tanstack/react-query';
import { Progress } from 'antd';
import { useTranslation } from 'react-i18next';
import { client } from '../app/api/client.ts';
import { keys } from '../app/api/keys.ts';
import { Loaded, Nothing } from '../app/api/page-state.tsx';
import { Panel } from '../app/shell/page.tsx';
import { formatBytes, percentOf } from '../format/bytes.ts';

/** Everything that is on its way in, moving as it moves. */
export function RunningUploads() {
  const { t } = useTranslation();
  const uploads = useQuery({
    queryKey: keys.uploads,
    queryFn: ({ signal }) => client.call('listUploads', { query: { limit: 50 }, signal }),
  });
  const count = uploads.data?.items.length ?? 0;
  return (
    <Panel title={t('desk.running')} tools={count > 0 && <span className="num quiet">{count}</span>} flush>
      <Loaded query={uploads} rows={3}>
        {({ items }) =>
          items.length === 0 ? (
            <Nothing title={t('desk.runningNone')} hint={t('desk.runningHint')} />
          ) : (
            <ul className="rows running">
              {items.map((upload) => (
                <li key={upload.id} className="running-row">
                  <span className="two-lines" title={upload.name}>
                    {upload.name}
                  </span>
                  <span className="quiet small running-from">{upload.device?.serial ?? upload.unit.name}</span>
                  <Progress
                    percent={upload.size === null ? 0 : percentOf(upload.offset, upload.size)}
                    status={upload.state === 'receiving' ? 'active' : 'normal'}
                    showInfo={false}
                    size="small"
                    aria-label={upload.name}
                  />
                  <span className="num quiet small running-bytes">
                    {formatBytes(upload.offset)} /{' '}
                    {upload.size === null ? t('desk.unknownSize') : formatBytes(upload.size)}
                  </span>
                  <span className="running-state">{t(`common.uploadState.${upload.state}`)}</span>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Panel>
  );
}
