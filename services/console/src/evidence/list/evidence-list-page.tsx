import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { client } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { Nothing } from '../../app/api/page-state.tsx';
import { PagedList } from '../../app/list/paged-list.tsx';
import { useSite } from '../../app/session/use-session.ts';
import { Page } from '../../app/shell/page.tsx';
import { EvidenceTable } from './evidence-table.tsx';
import { FilterBar } from './filter-bar.tsx';
import { queryOf } from './filters.ts';
import { useNewArrivals } from './new-arrivals.ts';
import { Timeline } from './timeline.tsx';
import { useListAddress } from './use-list-address.ts';
import './evidence-list.css';

/** The evidence of the reader's units: filters and place are the address, so a list can be bookmarked and sent. */
export function EvidenceListPage() {
  const { t } = useTranslation();
  const { timeZone } = useSite();
  const address = useListAddress();
  const query = queryOf(address, timeZone);
  const list = useQuery({
    queryKey: keys.evidenceList(query),
    queryFn: ({ signal }) => client.call('listEvidence', { query, signal }),
    placeholderData: keepPreviousData,
    refetchOnMount: 'always',
  });
  const arrivals = useNewArrivals(query);
  const bringIn = () => {
    arrivals.forget();
    if (address.cursor !== undefined) address.goFirst();
    else void list.refetch();
  };
  const filtered = Object.keys(address.filters).length > 0;
  return (
    <Page title={t('evidence.title')}>
      <section className="panel evidence-list">
        <FilterBar filters={address.filters} onChange={address.setFilters} />
        <Timeline query={query} filters={address.filters} onChange={address.setFilters} />
        <div aria-live="polite">
          {arrivals.count > 0 && (
            <button type="button" className="arrivals" onClick={bringIn}>
              {t('evidence.arrivals', { count: arrivals.count })}
            </button>
          )}
        </div>
        <PagedList
          address={address}
          list={list}
          nothing={
            <Nothing
              title={filtered ? t('evidence.noneMatch') : t('evidence.none')}
              hint={filtered ? t('evidence.noneMatchHint') : t('evidence.noneHint')}
              action={filtered && <Button onClick={() => address.setFilters({})}>{t('evidence.filter.clear')}</Button>}
            />
          }
        >
          {(rows) => <EvidenceTable {...rows} />}
        </PagedList>
      </section>
    </Page>
  );
}
