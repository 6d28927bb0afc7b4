import type { EvidenceSummary } from '@fengcun/contracts';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Input, Segmented, Select, Table, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { ProblemNotice } from '../../app/api/problem-notice.tsx';
import { Dialog } from '../../app/dialog/dialog.tsx';
import { KindMark } from '../../evidence/marks.tsx';
import { When } from '../../format/when.tsx';
import { mostItems } from './draft.ts';

interface ItemPickerProps {
  /** already in the request */
  readonly chosen: readonly string[];
  readonly onPick: (items: readonly string[]) => void;
  readonly onClose: () => void;
}

/** Chooses items of the evidence list: by words, or all of a case. */
export function ItemPicker({ chosen, onPick, onClose }: ItemPickerProps) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const [by, setBy] = useState<'text' | 'case'>('text');
  const [words, setWords] = useState('');
  const [caseId, setCaseId] = useState<string | null>(null);
  const [selected, setSelected] = useState<readonly string[]>([]);
  const query = { limit: 50, ...(by === 'text' ? (words ? { q: words } : {}) : { case: caseId ?? '' }) };
  const found = useInfiniteQuery({
    queryKey: keys.pick(query),
    queryFn: ({ pageParam, signal }) =>
      client.call('listEvidence', { query: { ...query, ...(pageParam ? { cursor: pageParam } : {}) }, signal }),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next,
    enabled: by === 'text' || caseId !== null,
  });
  const rows = found.data?.pages.flatMap(({ items }) => items) ?? [];
  const room = mostItems - chosen.length;
  const pick = () => {
    for (const row of rows) if (selected.includes(row.id)) queryClient.setQueryData(keys.picked(row.id), row);
    onPick(selected);
  };
  const columns: TableColumnsType<EvidenceSummary> = [
    { title: '', key: 'kind', width: 36, render: (_, { kind }) => <KindMark kind={kind} /> },
    { title: t('evidence.column.name'), key: 'name', ellipsis: true, render: (_, row) => row.title ?? row.name },
    { title: t('evidence.column.unit'), key: 'unit', width: 150, ellipsis: true, render: (_, { unit }) => unit.name },
    { title: t('evidence.column.officer'), key: 'officer', width: 130, ellipsis: true, dataIndex: 'officer' },
    {
      title: t('evidence.column.captured'),
      key: 'captured',
      width: 158,
      render: (_, { capturedAt }) => <When at={capturedAt} />,
    },
  ];
  return (
    <Dialog
      open
      width={920}
      title={t('access.compose.pickTitle')}
      onCancel={onClose}
      onOk={pick}
      okText={t('access.compose.pickDone', { count: selected.length })}
      okButtonProps={{ disabled: selected.length === 0 }}
    >
      <div className="picker-head">
        <Segmented<'text' | 'case'>
          value={by}
          onChange={setBy}
          options={[
            { value: 'text', label: t('access.compose.byText') },
            { value: 'case', label: t('access.compose.byCase') },
          ]}
        />
        {by === 'text' ? (
          <Input.Search
            autoFocus
            allowClear
            maxLength={200}
            placeholder={t('access.compose.textPlaceholder')}
            aria-label={t('access.compose.textPlaceholder')}
            onSearch={(text) => setWords(text.trim())}
          />
        ) : (
          <CaseChoice value={caseId} onChange={setCaseId} />
        )}
      </div>
      {found.error && <ProblemNotice error={found.error} />}
      <Table<EvidenceSummary>
        rowKey="id"
        size="small"
        columns={columns}
        dataSource={rows}
        loading={found.isFetching}
        pagination={false}
        scroll={{ y: 340 }}
        locale={{ emptyText: <div className="picker-empty">{t('access.compose.pickNone')}</div> }}
        rowSelection={{
          selectedRowKeys: [...chosen, ...selected],
          onChange: (picked) =>
            setSelected(
              picked
                .map(String)
                .filter((id) => !chosen.includes(id))
                .slice(0, room),
            ),
          preserveSelectedRowKeys: true,
          getCheckboxProps: ({ id, name }) => ({ disabled: chosen.includes(id), 'aria-label': name }),
        }}
      />
      <div className="picker-foot">
        <span className="quiet">
          {selected.length >= room
            ? t('access.compose.tooMany', { count: mostItems })
            : t('access.compose.selected', { count: selected.length })}
        </span>
        {found.hasNextPage && (
          <Button size="small" loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
            {t('common.more')}
          </Button>
        )}
      </div>
    </Dialog>
  );
}

interface CaseChoiceProps {
  readonly value: string | null;
  readonly onChange: (id: string | null) => void;
}

function CaseChoice({ value, onChange }: CaseChoiceProps) {
  const { t } = useTranslation();
  const [words, setWords] = useState('');
  const query = { limit: 20, ...(words ? { q: words } : {}) };
  const cases = useQuery({
    queryKey: keys.caseSearch(query),
    queryFn: ({ signal }) => client.call('listCases', { query, signal }),
  });
  return (
    <Select
      allowClear
      showSearch={{ filterOption: false, onSearch: (text) => setWords(text.trim().slice(0, 100)) }}
      aria-label={t('access.compose.caseChoose')}
      placeholder={t('access.compose.caseChoose')}
      loading={cases.isFetching}
      value={value}
      onChange={(id) => onChange(id ?? null)}
      options={cases.data?.items.map(({ id, number, title }) => ({ value: id, label: `${number} ${title}` })) ?? []}
      className="picker-case"
    />
  );
}
