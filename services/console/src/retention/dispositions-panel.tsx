import { type Disposition, type DispositionState, dispositionStates } from '@fengcun/contracts';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Button, Form, Radio, Select, Table, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { client } from '../app/api/client.ts';
import { keys } from '../app/api/keys.ts';
import { Loaded, Nothing } from '../app/api/page-state.tsx';
import { FormDialog, TextField } from '../app/dialog/form-dialog.tsx';
import { Panel } from '../app/shell/page.tsx';
import { formatBytes } from '../format/bytes.ts';
import { FindingText } from '../format/finding-text.tsx';
import { When } from '../format/when.tsx';
import { retentionKeys } from './queries.ts';

const tones: Record<DispositionState, string> = {
  requested: 'warn',
  approved: 'info',
  rejected: 'plain',
  withdrawn: 'plain',
  refused: 'danger',
  disposing: 'info',
  disposed: 'plain',
};

/** Dispositions: who asked, who decided, what became of them. The filter is in the address. */
export function DispositionsPanel() {
  const { t } = useTranslation();
  const [search, setSearch] = useSearchParams();
  const state = dispositionStates.find((each) => each === search.get('state'));
  const [deciding, setDeciding] = useState<Disposition | null>(null);
  const [withdrawing, setWithdrawing] = useState<Disposition | null>(null);
  const list = useInfiniteQuery({
    queryKey: [...retentionKeys.dispositions, state ?? 'all'],
    queryFn: ({ signal, pageParam }) =>
      client.call('listDispositions', {
        query: { limit: 50, ...(state ? { state } : {}), ...(pageParam ? { cursor: pageParam } : {}) },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next ?? undefined,
  });
  const columns: TableColumnsType<Disposition> = [
    {
      title: t('retention.disposition.item'),
      key: 'item',
      ellipsis: true,
      render: (_, { evidence, item }) => (
        <>
          <Link to={`/evidence/${evidence}`}>{item.name}</Link>
          <div className="quiet small">
            {item.unit.name} · {formatBytes(item.size)}
          </div>
        </>
      ),
    },
    {
      title: t('retention.disposition.state'),
      key: 'state',
      width: 170,
      render: (_, { state: now, refusal, detail, findings }) => (
        <>
          <span className={`tag ${tones[now]}`}>{t(`retention.disposition.states.${now}`)}</span>
          {refusal && <div className="quiet small">{t(`retention.disposition.refusal.${refusal}`)}</div>}
          {detail && (
            <div className="quiet small">
              <FindingText told={{ detail, ...(findings && { findings }) }} />
            </div>
          )}
        </>
      ),
    },
    {
      title: t('retention.disposition.requested'),
      key: 'requested',
      width: 230,
      render: (_, { requested }) => (
        <>
          {requested.by.name} <When at={requested.at} />
          <div className="quiet small">{requested.reason}</div>
        </>
      ),
    },
    {
      title: t('retention.disposition.decided'),
      key: 'decided',
      width: 230,
      render: (_, { decided }) =>
        decided && (
          <>
            {decided.by.name} <When at={decided.at} />
            <div className="quiet small">{decided.reason}</div>
          </>
        ),
    },
    {
      title: <span className="visually-hidden">{t('retention.disposition.decide')}</span>,
      key: 'actions',
      width: 110,
      render: (_, row) => (
        <>
          {row.actions.decide && (
            <Button size="small" type="primary" onClick={() => setDeciding(row)}>
              {t('retention.disposition.decide')}
            </Button>
          )}
          {row.actions.withdraw && (
            <Button size="small" type="link" onClick={() => setWithdrawing(row)}>
              {t('retention.disposition.withdraw')}
            </Button>
          )}
        </>
      ),
    },
  ];
  return (
    <Panel
      title={t('retention.disposition.title')}
      tools={
        <Select<DispositionState | 'all'>
          size="small"
          aria-label={t('retention.disposition.state')}
          value={state ?? 'all'}
          onChange={(chosen) => setSearch(chosen === 'all' ? {} : { state: chosen }, { replace: true })}
          options={[
            { value: 'all', label: t('retention.disposition.all') },
            ...dispositionStates.map((value) => ({ value, label: t(`retention.disposition.states.${value}`) })),
          ]}
        />
      }
      flush
    >
      <Loaded query={list}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items);
          if (items.length === 0)
            return <Nothing title={t('retention.disposition.none')} hint={t('retention.disposition.noneHint')} />;
          return (
            <>
              <Table<Disposition>
                rowKey="id"
                size="small"
                columns={columns}
                dataSource={items}
                pagination={false}
                scroll={{ x: 940 }}
              />
              {list.hasNextPage && (
                <div className="keeping-more">
                  <Button loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
                    {t('common.more')}
                  </Button>
                </div>
              )}
            </>
          );
        }}
      </Loaded>
      {deciding && <DecideDialog disposition={deciding} onClose={() => setDeciding(null)} />}
      {withdrawing && (
        <FormDialog<object>
          title={t('retention.disposition.withdraw')}
          ok={t('retention.disposition.withdraw')}
          send={() => client.call('withdrawDisposition', { params: { id: withdrawing.id } })}
          refresh={[retentionKeys.all, keys.evidence(withdrawing.evidence)]}
          done={t('retention.disposition.withdrawn')}
          onClose={() => setWithdrawing(null)}
        >
          <p>{withdrawing.item.name}</p>
        </FormDialog>
      )}
    </Panel>
  );
}

function DecideDialog({ disposition, onClose }: { readonly disposition: Disposition; readonly onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <FormDialog<{ approve: boolean; reason: string }>
      title={t('retention.disposition.decideTitle', { name: disposition.item.name })}
      danger
      ok={t('retention.disposition.decide')}
      send={(body) => client.call('decideDisposition', { params: { id: disposition.id }, body })}
      refresh={[retentionKeys.all, keys.evidence(disposition.evidence)]}
      done={t('retention.disposition.done')}
      onClose={onClose}
    >
      <p>{t('retention.disposition.decideHint')}</p>
      <p className="quiet">{disposition.requested.reason}</p>
      <Form.Item
        name="approve"
        label={t('retention.disposition.verdict')}
        rules={[{ required: true, message: t('common.required') }]}
      >
        <Radio.Group
          options={[
            { value: true, label: t('retention.disposition.approve') },
            { value: false, label: t('retention.disposition.reject') },
          ]}
        />
      </Form.Item>
      <TextField name="reason" label={t('retention.disposition.reason')} />
    </FormDialog>
  );
}
