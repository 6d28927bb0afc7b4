import { api, type CallReply, purposes, registerKinds, ruleWord, urlOf } from '@fengcun/contracts';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Button, type TableColumnsType, Tag } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { client } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { Nothing } from '../../app/api/page-state.tsx';
import { useLanguage, wordsIn } from '../../app/i18n/language.ts';
import { DayRange } from '../../app/list/day-range.tsx';
import { PagedList, type Rows, RowsTable } from '../../app/list/paged-list.tsx';
import { CaseFilter, SelectFilter, UnitFilter } from '../../app/list/select-filter.tsx';
import { present, useCursorAddress, writeCursorAddress } from '../../app/list/use-cursor-address.ts';
import { useSite } from '../../app/session/use-session.ts';
import { actorName } from '../../format/actor-name.ts';
import { whatWasRefused } from '../../format/what-was-refused.ts';
import { When } from '../../format/when.tsx';
import { type RegisterFilters, readRegisterAddress, registerQuery } from './filters.ts';
import './register.css';

type Line = CallReply<'listRegister'>['items'][number];

/** 查阅登记簿: who looked at, played, took, asked for, decided about or was refused what. */
export function RegisterPage() {
  const { t } = useTranslation();
  const { timeZone } = useSite();
  const address = useCursorAddress(readRegisterAddress, writeCursorAddress);
  const filter = registerQuery(address.filters, timeZone);
  const query = { ...filter, limit: address.limit, ...(address.cursor ? { cursor: address.cursor } : {}) };
  const list = useQuery({
    queryKey: keys.register(query),
    queryFn: ({ signal }) => client.call('listRegister', { query, signal }),
    placeholderData: keepPreviousData,
    refetchOnMount: 'always',
    // A look is an event: coming back to the window is none.
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  const items = list.data?.items;
  const language = useLanguage();
  const fileOf = (route: 'exportRegisterCsv' | 'exportRegisterXlsx') =>
    urlOf(api[route].path, {}, { ...filter, language });
  const { person, item } = address.filters;
  // Narrowing is by ids; what they are called is in the lines.
  const chosen = {
    person: items?.find(({ actor }) => actor.id === person)?.actor.name ?? undefined,
    item: items?.find((line) => line.item?.id === item)?.item?.title ?? undefined,
  };
  return (
    <section className="panel" aria-label={t('register.title')}>
      <RegisterFilterBar filters={address.filters} chosen={chosen} onChange={address.setFilters} />
      <div className="register-tools">
        <span className="quiet small">{t('register.hint')}</span>
        <span className="grow" />
        {person && (
          <Button href={urlOf(api.reportPersonPdf.path, { id: person }, { language })} download>
            {t('register.personReport')}
          </Button>
        )}
        <Button href={fileOf('exportRegisterCsv')} download>
          {t('register.csv')}
        </Button>
        <Button href={fileOf('exportRegisterXlsx')} download>
          {t('register.xlsx')}
        </Button>
      </div>
      <PagedList
        address={address}
        list={list}
        nothing={<Nothing title={t('register.none')} hint={t('register.noneHint')} />}
      >
        {(rows) => (
          <RegisterTable {...rows} onNarrow={(change) => address.setFilters({ ...address.filters, ...change })} />
        )}
      </PagedList>
    </section>
  );
}

interface FilterBarProps {
  readonly filters: RegisterFilters;
  readonly chosen: { readonly person: string | undefined; readonly item: string | undefined };
  readonly onChange: (filters: RegisterFilters) => void;
}

function RegisterFilterBar({ filters, chosen, onChange }: FilterBarProps) {
  const { t } = useTranslation();
  const set = (change: { [K in keyof RegisterFilters]?: RegisterFilters[K] | undefined }) =>
    onChange(present({ ...filters, ...change }));
  return (
    <search className="filters" aria-label={t('register.title')}>
      <SelectFilter
        label={t('register.filter.kind')}
        value={filters.kind}
        onChange={(kind) => set({ kind })}
        options={registerKinds.map((kind) => ({ value: kind, label: t(`register.kind.${kind}`) }))}
      />
      <UnitFilter label={t('register.filter.unit')} value={filters.unit} onChange={(unit) => set({ unit })} />
      <SelectFilter
        label={t('register.filter.purpose')}
        value={filters.purpose}
        onChange={(purpose) => set({ purpose })}
        options={purposes.map((purpose) => ({ value: purpose, label: t(`policy.purpose.${purpose}`) }))}
        size="long"
      />
      <CaseFilter label={t('register.filter.case')} value={filters.case} onChange={(file) => set({ case: file })} />
      <DayRange
        label={t('register.filter.range')}
        from={filters.from}
        to={filters.to}
        onChange={(from, to) => set({ from, to })}
      />
      {(['person', 'item'] as const).map(
        (key) =>
          filters[key] !== undefined && (
            <Tag key={key} closable onClose={() => set({ [key]: undefined })} className="filter-chosen">
              {t(`register.filter.${key}`)}
              {t('common.colon')}
              {chosen[key] ?? filters[key]}
            </Tag>
          ),
      )}
      {Object.keys(filters).length > 0 && (
        <Button type="link" onClick={() => onChange({})}>
          {t('evidence.filter.clear')}
        </Button>
      )}
    </search>
  );
}

interface TableProps extends Rows<Line> {
  readonly onNarrow: (change: Pick<RegisterFilters, 'person' | 'item'>) => void;
}

/** Lines of the register. A name or an item narrows it to what else that one did, or what else happened to it. */
function RegisterTable({ items, busy, onNarrow }: TableProps) {
  const { t } = useTranslation();
  const language = useLanguage();
  const words = wordsIn(language);
  const columns: TableColumnsType<Line> = [
    { title: t('register.column.at'), key: 'at', width: 160, render: (_, { at }) => <When at={at} /> },
    {
      title: t('register.column.what'),
      key: 'what',
      width: 176,
      render: (_, { kind, type, data }) => {
        const refused = whatWasRefused(type, data, language);
        return (
          <>
            <span className={kind === 'denial' ? 'tag warn' : 'tag plain'}>{t(`register.kind.${kind}`)}</span>{' '}
            {t(`ledger.event.${type}` as 'ledger.event.evidence.viewed', { defaultValue: type })}
            {refused !== null && <div className="quiet small">{refused}</div>}
          </>
        );
      },
    },
    {
      title: t('register.column.person'),
      key: 'person',
      width: 128,
      className: 'breakable',
      render: (_, { actor }) =>
        actor.kind === 'account' ? (
          <>
            <Button type="link" size="small" className="cell-link" onClick={() => onNarrow({ person: actor.id })}>
              {actor.name ?? actor.id}
            </Button>
            <div className="quiet small">{actor.unit?.name}</div>
          </>
        ) : (
          actorName(actor, actor.name, t, language)
        ),
    },
    {
      title: t('register.column.item'),
      key: 'item',
      className: 'breakable',
      render: (_, { item }) =>
        item === null ? (
          <span className="quiet">—</span>
        ) : (
          <>
            <Link to={`/evidence/${item.id}`} title={item.title ?? item.id} className="two-lines">
              {item.title ?? item.id}
            </Link>
            <div className="quiet small">{item.unit?.name}</div>
          </>
        ),
    },
    {
      title: t('register.column.purpose'),
      key: 'purpose',
      width: 108,
      render: (_, { purpose }) => (purpose === null ? '—' : t(`policy.purpose.${purpose}`)),
    },
    {
      title: t('register.column.request'),
      key: 'request',
      width: 84,
      render: (_, { request }) =>
        request === null ? '—' : <Link to={`/access/requests/${request.id}`}>{request.number ?? '…'}</Link>,
    },
    {
      title: t('register.column.rule'),
      key: 'rule',
      width: 158,
      className: 'breakable',
      render: (_, { rule }) => (rule === null ? '—' : ruleWord(rule, words)),
    },
    {
      title: t('register.column.index'),
      key: 'index',
      width: 88,
      align: 'right',
      render: (_, { index }) => <span className="num">{index ?? t('register.pending')}</span>,
    },
  ];
  return <RowsTable<Line> rowKey="event" items={items} busy={busy} columns={columns} width={1040} fixed />;
}
