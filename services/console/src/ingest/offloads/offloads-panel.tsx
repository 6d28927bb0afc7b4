import type { OffloadSummary } from '@fengcun/contracts';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Button, Progress } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { client } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { Loaded, Nothing } from '../../app/api/page-state.tsx';
import { Panel } from '../../app/shell/page.tsx';
import { formatBytes, percentOf } from '../../format/bytes.ts';
import { When } from '../../format/when.tsx';

/** Offloads, newest first, moving as their files arrive. */
export function OffloadsPanel() {
  const { t } = useTranslation();
  const offloads = useInfiniteQuery({
    queryKey: keys.offloadList({}),
    queryFn: ({ pageParam, signal }) =>
      client.call('listOffloads', { query: { limit: 20, ...(pageParam ? { cursor: pageParam } : {}) }, signal }),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
  });
  return (
    <Panel title={t('ingest.offloads.title')} flush>
      <Loaded query={offloads} rows={8}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items);
          if (items.length === 0)
            return <Nothing title={t('ingest.offloads.none')} hint={t('ingest.offloads.noneHint')} />;
          return (
            <>
              <ul className="rows">
                {items.map((offload) => (
                  <OffloadRow key={offload.id} offload={offload} />
                ))}
              </ul>
              {offloads.hasNextPage && (
                <div className="offloads-more">
                  <Button block loading={offloads.isFetchingNextPage} onClick={() => void offloads.fetchNextPage()}>
                    {t('common.more')}
                  </Button>
                </div>
              )}
            </>
          );
        }}
      </Loaded>
    </Panel>
  );
}

function OffloadRow({ offload }: { readonly offload: OffloadSummary }) {
  const { t } = useTranslation();
  return (
    <li>
      <Link to={`/ingest/offloads/${offload.id}`} className="offload-row">
        <div className="offload-cell">
          <span className="strong">{offload.device.name}</span>
          {offload.device.name !== offload.device.serial && (
            <span className="quiet small num">{offload.device.serial}</span>
          )}
        </div>
        <div className="offload-cell">
          <span>{offload.unit.name}</span>
          <span className="quiet small">{offload.dock?.name ?? t('ingest.offloads.fromConsole')}</span>
          {offload.officer && <span className="quiet small num">{offload.officer}</span>}
        </div>
        <div>
          <Progress
            percent={percentOf(offload.bytesReceived, offload.bytes)}
            size="small"
            showInfo={false}
            status={offload.bytesReceived < offload.bytes ? 'active' : 'normal'}
            aria-label={t('ingest.offloads.progress')}
          />
          <span className="quiet small num">
            {formatBytes(offload.bytesReceived)} / {formatBytes(offload.bytes)}
          </span>
        </div>
        <div className="offload-count">
          <span className={offload.sealed === offload.files ? 'good num strong' : 'num'}>
            {t('ingest.offloads.filesOf', { done: offload.sealed, all: offload.files })}
          </span>
          <div className="quiet small">{t('ingest.offload.sealed')}</div>
        </div>
        <When at={offload.openedAt} />
        {(offload.quarantined > 0 || offload.openGaps > 0) && (
          <div className="offload-flags">
            {offload.quarantined > 0 && (
              <span className="tag danger">{t('ingest.offloads.quarantined', { count: offload.quarantined })}</span>
            )}
            {offload.openGaps > 0 && (
              <span className="tag warn">{t('ingest.offloads.gaps', { count: offload.openGaps })}</span>
            )}
          </div>
        )}
      </Link>
    </li>
  );
}
