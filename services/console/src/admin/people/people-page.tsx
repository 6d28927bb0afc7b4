import { PlusOutlined } from '@ant-design/icons';
import { type Account, accountStates, roles, secondFactorStates } from '@fengcun/contracts';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Button, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import { client } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { Nothing } from '../../app/api/page-state.tsx';
import { PagedList, type Rows, RowsTable } from '../../app/list/paged-list.tsx';
import { SelectFilter, UnitFilter } from '../../app/list/select-filter.tsx';
import { TextFilter } from '../../app/list/text-filter.tsx';
import { present, useCursorAddress, writeCursorAddress } from '../../app/list/use-cursor-address.ts';
import { mayCall, useMe } from '../../app/session/use-session.ts';
import { When } from '../../format/when.tsx';
import { CreatePerson } from './create-person.tsx';
import { type PeopleFilters, peopleQueryOf, readPeopleAddress } from './filters.ts';
import { AccountState, FactorState } from './marks.tsx';

/** Everybody of the units the reader keeps; filters and place are the address. */
export function PeoplePage() {
  const { t } = useTranslation();
  const me = useMe();
  const address = useCursorAddress(readPeopleAddress, writeCursorAddress);
  const [creating, setCreating] = useState(false);
  const query = peopleQueryOf(address);
  const list = useQuery({
    queryKey: keys.accountList(query),
    queryFn: ({ signal }) => client.call('listAccounts', { query, signal }),
    placeholderData: keepPreviousData,
    refetchOnMount: 'always',
  });
  return (
    <section className="panel" aria-label={t('admin.tabs.people')}>
      <PeopleFilterBar
        filters={address.filters}
        onChange={address.setFilters}
        onCreate={mayCall(me, 'createAccount') ? () => setCreating(true) : null}
      />
      <PagedList
        address={address}
        list={list}
        nothing={<Nothing title={t('admin.people.none')} hint={t('admin.people.noneHint')} />}
      >
        {(rows) => <PeopleTable {...rows} />}
      </PagedList>
      {creating && <CreatePerson onClose={() => setCreating(false)} />}
    </section>
  );
}

interface FilterBarProps {
  readonly filters: PeopleFilters;
  readonly onChange: (filters: PeopleFilters) => void;
  readonly onCreate: (() => void) | null;
}

function PeopleFilterBar({ filters, onChange, onCreate }: FilterBarProps) {
  const { t } = useTranslation();
  const set = (change: { [K in keyof PeopleFilters]?: PeopleFilters[K] | undefined }) =>
    onChange(present({ ...filters, ...change }));
  return (
    <search className="filters" aria-label={t('admin.people.filter.label')}>
      <TextFilter
        className="people-text"
        value={filters.text ?? ''}
        label={t('admin.people.filter.text')}
        maxLength={64}
        onApply={(text) => set({ text })}
      />
      <UnitFilter label={t('admin.people.filter.unit')} value={filters.unit} onChange={(unit) => set({ unit })} />
      <SelectFilter
        label={t('admin.people.filter.role')}
        value={filters.role}
        onChange={(role) => set({ role })}
        options={roles.map((role) => ({ value: role, label: t(`common.role.${role}`) }))}
        size="long"
      />
      <SelectFilter
        label={t('admin.people.filter.state')}
        value={filters.state}
        onChange={(state) => set({ state })}
        options={accountStates.map((state) => ({ value: state, label: t(`admin.people.state.${state}`) }))}
      />
      <SelectFilter
        size="long"
        label={t('admin.people.filter.factor')}
        value={filters.secondFactor}
        onChange={(secondFactor) => set({ secondFactor })}
        options={secondFactorStates.map((state) => ({
          value: state,
          label: t(`admin.people.factor.${state === 'enrolled' ? 'on' : 'off'}`),
        }))}
      />
      {Object.keys(filters).length > 0 && (
        <Button type="link" onClick={() => onChange({})}>
          {t('admin.people.filter.clear')}
        </Button>
      )}
      <span className="grow" />
      {onCreate && (
        <Button type="primary" icon={<PlusOutlined aria-hidden="true" />} onClick={onCreate}>
          {t('admin.people.add')}
        </Button>
      )}
    </search>
  );
}

function PeopleTable({ items, busy }: Rows<Account>) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const columns: TableColumnsType<Account> = [
    {
      title: t('admin.people.column.name'),
      key: 'name',
      width: 190,
      render: (_, { id, name, officerNumber }) => (
        <>
          <Link to={`/admin/people/${id}`} className="strong">
            {name}
          </Link>
          {officerNumber && <span className="quiet num small"> {officerNumber}</span>}
        </>
      ),
    },
    { title: t('admin.people.column.login'), key: 'login', dataIndex: 'login', width: 150, ellipsis: true },
    {
      title: t('admin.people.column.unit'),
      key: 'unit',
      width: 180,
      ellipsis: true,
      render: (_, { unit }) => unit.name,
    },
    {
      title: t('admin.people.column.roles'),
      key: 'roles',
      render: (_, { roles: held, unit }) =>
        held.length === 0 ? (
          <span className="quiet">{t('admin.people.noRoles')}</span>
        ) : (
          <span className="role-tags">
            {held.map(({ unit: where, unitName, role }) => (
              <span key={`${where}${role}`} className="tag plain">
                {t(`common.role.${role}`)}
                {where !== unit.id && <span className="quiet"> {unitName}</span>}
              </span>
            ))}
          </span>
        ),
    },
    {
      title: t('admin.people.column.factor'),
      key: 'factor',
      width: 118,
      render: (_, account) => <FactorState account={account} />,
    },
    {
      title: t('admin.people.column.state'),
      key: 'state',
      width: 92,
      render: (_, account) => <AccountState account={account} />,
    },
    {
      title: t('admin.people.column.lastSignIn'),
      key: 'last',
      width: 166,
      render: (_, { lastSignInAt }) =>
        lastSignInAt ? <When at={lastSignInAt} /> : <span className="quiet">{t('admin.people.never')}</span>,
    },
  ];
  return (
    <RowsTable<Account>
      rowKey="id"
      items={items}
      busy={busy}
      columns={columns}
      width={1060}
      onOpen={({ id }) => void navigate(`/admin/people/${id}`)}
    />
  );
}
