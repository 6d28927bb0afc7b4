import { grantStates } from '@fengcun/contracts';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Button, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { client } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { Loaded, Nothing } from '../../app/api/page-state.tsx';
import { Pager } from '../../app/list/pager.tsx';
import {
  type CursorAddress,
  filterReader,
  present,
  readPlace,
  useCursorAddress,
  writeCursorAddress,
} from '../../app/list/use-cursor-address.ts';
import { GrantCard } from './grant-card.tsx';

interface GrantFilters {
  readonly state?: (typeof grantStates)[number];
}

const read = (search: URLSearchParams): CursorAddress<GrantFilters> => ({
  filters: present({ state: filterReader(search).oneOf('state', grantStates) }),
  ...readPlace(search),
});

/** What I may use, until when, how often still. */
export function GrantsPage() {
  const { t } = useTranslation();
  const address = useCursorAddress(read, writeCursorAddress);
  const query = {
    ...address.filters,
    limit: address.limit,
    ...(address.cursor ? { cursor: address.cursor } : {}),
  };
  const list = useQuery({
    queryKey: keys.grantList(query),
    queryFn: ({ signal }) => client.call('listGrants', { query, signal }),
    placeholderData: keepPreviousData,
    refetchOnMount: 'always',
  });
  const filtered = address.filters.state !== undefined;
  return (
    <section className="panel" aria-label={t('access.tabs.grants')}>
      <search className="filters" aria-label={t('access.filter.label')}>
        <Select
          allowClear
          aria-label={t('access.grant.state')}
          placeholder={t('access.grant.state')}
          value={address.filters.state ?? null}
          onChange={(state) => address.setFilters(state ? { state } : {})}
          options={grantStates.map((state) => ({ value: state, label: t(`access.grantState.${state}`) }))}
          className="filter-long"
        />
      </search>
      <Loaded query={list}>
        {({ items }) =>
          items.length === 0 ? (
            <Nothing
              title={filtered ? t('access.none.match') : t('access.none.grants')}
              hint={filtered ? t('access.none.matchHint') : t('access.none.grantsHint')}
              action={filtered && <Button onClick={() => address.setFilters({})}>{t('access.filter.clear')}</Button>}
            />
          ) : (
            <ul className="rows">
              {items.map((grant) => (
                <li key={grant.id}>
                  <GrantCard grant={grant} revocable withRequest />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      <Pager
        address={address}
        next={list.isPlaceholderData ? null : (list.data?.next ?? null)}
        shown={list.isPlaceholderData ? null : (list.data?.items.length ?? null)}
      />
    </section>
  );
}
