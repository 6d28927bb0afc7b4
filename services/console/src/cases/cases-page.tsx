import { PlusOutlined } from '@ant-design/icons';
import { type CaseSummary, caseKinds, caseStates } from '@fengcun/contracts';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Button, Checkbox, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import { client } from '../app/api/client.ts';
import { keys } from '../app/api/keys.ts';
import { Nothing } from '../app/api/page-state.tsx';
import { PagedList, type Rows, RowsTable } from '../app/list/paged-list.tsx';
import { SelectFilter, UnitFilter } from '../app/list/select-filter.tsx';
import { TextFilter } from '../app/list/text-filter.tsx';
import { present, useCursorAddress, writeCursorAddress } from '../app/list/use-cursor-address.ts';
import { mayCall, useMe } from '../app/session/use-session.ts';
import { Page } from '../app/shell/page.tsx';
import { When } from '../format/when.tsx';
import { CreateCase } from './case-dialogs.tsx';
import { type CaseFilters, caseQueryOf, readCaseAddress } from './filters.ts';
import './cases.css';

/** The case files of the reader's units; filters and place are the address. */
export function CasesPage() {
  const { t } = useTranslation();
  const me = useMe();
  const navigate = useNavigate();
  const address = useCursorAddress(readCaseAddress, writeCursorAddress);
  const [creating, setCreating] = useState(false);
  const query = caseQueryOf(address);
  const list = useQuery({
    queryKey: keys.caseList(query),
    queryFn: ({ signal }) => client.call('listCases', { query, signal }),
    placeholderData: keepPreviousData,
    refetchOnMount: 'always',
  });
  const filtered = Object.keys(address.filters).length > 0;
  const add = mayCall(me, 'createCase') && (
    <Button type="primary" icon={<PlusOutlined aria-hidden="true" />} onClick={() => setCreating(true)}>
      {t('cases.add')}
    </Button>
  );
  return (
    <Page title={t('cases.title')} tools={add}>
      <section className="panel" aria-label={t('cases.title')}>
        <FilterBar filters={address.filters} onChange={address.setFilters} />
        <PagedList
          address={address}
          list={list}
          nothing={
            <Nothing
              title={t(filtered ? 'cases.noneMatch' : 'cases.none')}
              hint={t(filtered ? 'cases.noneMatchHint' : 'cases.noneHint')}
              action={filtered && <Button onClick={() => address.setFilters({})}>{t('cases.filter.clear')}</Button>}
            />
          }
        >
          {(rows) => <CaseTable {...rows} />}
        </PagedList>
      </section>
      {creating && (
        <CreateCase onClose={() => setCreating(false)} onOpened={({ id }) => void navigate(`/cases/${id}`)} />
      )}
    </Page>
  );
}

interface FilterBarProps {
  readonly filters: CaseFilters;
  readonly onChange: (filters: CaseFilters) => void;
}

function FilterBar({ filters, onChange }: FilterBarProps) {
  const { t } = useTranslation();
  const me = useMe();
  const set = (change: { [K in keyof CaseFilters]?: CaseFilters[K] | undefined }) =>
    onChange(present({ ...filters, ...change }));
  return (
    <search className="filters" aria-label={t('cases.filter.label')}>
      <TextFilter
        className="case-text"
        value={filters.q ?? ''}
        label={t('cases.filter.q')}
        maxLength={100}
        onApply={(q) => set({ q })}
      />
      <SelectFilter
        label={t('cases.column.kind')}
        value={filters.kind}
        onChange={(kind) => set({ kind })}
        options={caseKinds.map((kind) => ({ value: kind, label: t(`cases.kind.${kind}`) }))}
      />
      <SelectFilter
        label={t('cases.column.state')}
        value={filters.state}
        onChange={(state) => set({ state })}
        options={caseStates.map((state) => ({ value: state, label: t(`cases.state.${state}`) }))}
      />
      <UnitFilter label={t('cases.filter.unit')} value={filters.unit} onChange={(unit) => set({ unit })} />
      <Checkbox
        className="case-mine"
        checked={filters.officer === me.id}
        onChange={({ target }) => set({ officer: target.checked ? me.id : undefined })}
      >
        {t('cases.filter.mine')}
      </Checkbox>
      {Object.keys(filters).length > 0 && (
        <Button type="link" onClick={() => onChange({})}>
          {t('cases.filter.clear')}
        </Button>
      )}
    </search>
  );
}

function CaseTable({ items, busy }: Rows<CaseSummary>) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const columns: TableColumnsType<CaseSummary> = [
    {
      title: `${t('cases.column.number')} · ${t('cases.column.title')}`,
      key: 'number',
      render: (_, { id, number, title }) => (
        <>
          <Link to={`/cases/${id}`} className="strong">
            {number}
          </Link>
          <div className="case-title" title={title}>
            {title}
          </div>
        </>
      ),
    },
    {
      title: t('cases.column.kind'),
      key: 'kind',
      width: 124,
      ellipsis: true,
      render: (_, { kind }) => t(`cases.kind.${kind}`),
    },
    {
      title: t('cases.column.subject'),
      key: 'subject',
      width: 150,
      ellipsis: true,
      render: (_, { subject }) => subject ?? <span className="quiet">—</span>,
    },
    { title: t('cases.column.unit'), key: 'unit', width: 130, ellipsis: true, render: (_, { unit }) => unit.name },
    {
      title: t('cases.column.officers'),
      key: 'officers',
      width: 140,
      ellipsis: true,
      render: (_, { officers }) =>
        officers.map(({ name }) => name).join(t('common.listSeparator')) || <span className="quiet">—</span>,
    },
    {
      title: t('cases.column.items'),
      key: 'items',
      width: 66,
      align: 'right',
      render: (_, { items: count }) => <span className="num">{count}</span>,
    },
    {
      title: t('cases.column.state'),
      key: 'state',
      width: 88,
      render: (_, { state }) => <CaseState state={state} />,
    },
    {
      title: t('cases.column.opened'),
      key: 'opened',
      width: 166,
      render: (_, { openedAt }) => <When at={openedAt} />,
    },
  ];
  return (
    <RowsTable<CaseSummary>
      rowKey="id"
      items={items}
      busy={busy}
      columns={columns}
      width={1080}
      onOpen={({ id }) => void navigate(`/cases/${id}`)}
    />
  );
}

export function CaseState({ state }: { readonly state: CaseSummary['state'] }) {
  const { t } = useTranslation();
  return <span className={state === 'open' ? 'tag good' : 'tag plain'}>{t(`cases.state.${state}`)}</span>;
}
