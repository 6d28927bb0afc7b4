import type { CallReply } from '@fengcun/contracts';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Button, Table, type TableColumnsType } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { client } from '../app/api/client.ts';
import { Loaded, Nothing } from '../app/api/page-state.tsx';
import { Panel } from '../app/shell/page.tsx';
import { When } from '../format/when.tsx';
import { retentionKeys } from './queries.ts';

type StandingHold = CallReply<'listHolds'>['items'][number];

/** Holds that stand, newest first: why nothing of these items is deleted, whatever their term. Each is lifted on its item's page. */
export function HoldsPanel() {
  const { t } = useTranslation();
  const holds = useInfiniteQuery({
    queryKey: retentionKeys.holds,
    queryFn: ({ signal, pageParam }) =>
      client.call('listHolds', {
        query: { limit: 50, standing: true, ...(pageParam ? { cursor: pageParam } : {}) },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next ?? undefined,
  });
  const columns: TableColumnsType<StandingHold> = [
    {
      title: t('retention.holds.item'),
      key: 'item',
      render: (_, { evidence, item }) => (
        <>
          <Link to={`/evidence/${evidence}`} title={item.name} className="two-lines">
            {item.name}
          </Link>
          <div className="quiet small">{item.unit}</div>
        </>
      ),
    },
    { title: t('retention.holds.reason'), key: 'reason', className: 'breakable', dataIndex: 'reason' },
    { title: t('retention.holds.setBy'), key: 'setBy', width: 140, dataIndex: 'setBy' },
    { title: t('retention.holds.setAt'), key: 'setAt', width: 168, render: (_, { setAt }) => <When at={setAt} /> },
  ];
  return (
    <Panel title={t('retention.holds.title')} flush>
      <Loaded query={holds}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items);
          if (items.length === 0)
            return <Nothing title={t('retention.holds.none')} hint={t('retention.holds.noneHint')} />;
          return (
            <>
              <Table<StandingHold>
                rowKey="id"
                size="small"
                tableLayout="fixed"
                columns={columns}
                dataSource={items}
                pagination={false}
                scroll={{ x: 800 }}
              />
              {holds.hasNextPage && (
                <div className="keeping-more">
                  <Button loading={holds.isFetchingNextPage} onClick={() => void holds.fetchNextPage()}>
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
