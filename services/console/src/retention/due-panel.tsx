import type { KeptItem } from '@fengcun/contracts';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Button, Table, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { client } from '../app/api/client.ts';
import { Loaded, Nothing } from '../app/api/page-state.tsx';
import { mayCall, useMe } from '../app/session/use-session.ts';
import { Panel } from '../app/shell/page.tsx';
import { formatBytes } from '../format/bytes.ts';
import { When } from '../format/when.tsx';
import { retentionKeys } from './queries.ts';
import { RequestDialog } from './request-dialog.tsx';

/** What one request may hold. */
const most = 100;

/** Items whose term has run out; the archivist chooses among them what to ask for. */
export function DuePanel() {
  const { t } = useTranslation();
  const me = useMe();
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [asking, setAsking] = useState(false);
  const due = useInfiniteQuery({
    queryKey: retentionKeys.due,
    queryFn: ({ signal, pageParam }) =>
      client.call('listDueItems', { query: { limit: 50, ...(pageParam ? { cursor: pageParam } : {}) }, signal }),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next ?? undefined,
  });
  const columns: TableColumnsType<KeptItem> = [
    {
      title: t('retention.due.name'),
      key: 'name',
      ellipsis: true,
      render: (_, { id, name }) => <Link to={`/evidence/${id}`}>{name}</Link>,
    },
    { title: t('retention.due.unit'), key: 'unit', width: 180, ellipsis: true, render: (_, { unit }) => unit.name },
    { title: t('retention.due.class'), key: 'class', width: 100, dataIndex: 'class' },
    { title: t('retention.due.until'), key: 'until', width: 168, render: (_, { until }) => <When at={until} /> },
    {
      title: t('retention.due.size'),
      key: 'size',
      width: 96,
      align: 'right',
      render: (_, { size }) => <span className="num">{formatBytes(size)}</span>,
    },
  ];
  const mayAsk = mayCall(me, 'requestDisposition');
  return (
    <Panel
      title={t('retention.due.title')}
      tools={
        mayAsk && (
          <Button
            size="small"
            danger
            disabled={chosen.length === 0 || chosen.length > most}
            onClick={() => setAsking(true)}
          >
            {t('retention.disposition.request')}
            {chosen.length > 0 && ` (${chosen.length})`}
          </Button>
        )
      }
      flush
    >
      <Loaded query={due}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items);
          if (items.length === 0) return <Nothing title={t('retention.due.none')} hint={t('retention.due.noneHint')} />;
          return (
            <>
              <Table<KeptItem>
                rowKey="id"
                size="small"
                columns={columns}
                dataSource={items}
                pagination={false}
                scroll={{ x: 800 }}
                {...(mayAsk
                  ? {
                      rowSelection: {
                        selectedRowKeys: [...chosen],
                        onChange: (selected: readonly React.Key[]) => setChosen(selected.map(String)),
                      },
                    }
                  : {})}
              />
              {due.hasNextPage && (
                <div className="keeping-more">
                  <Button loading={due.isFetchingNextPage} onClick={() => void due.fetchNextPage()}>
                    {t('common.more')}
                  </Button>
                </div>
              )}
            </>
          );
        }}
      </Loaded>
      {asking && (
        <RequestDialog
          evidence={chosen}
          refresh={[retentionKeys.all]}
          onClose={() => {
            setAsking(false);
            setChosen([]);
          }}
        />
      )}
    </Panel>
  );
}
