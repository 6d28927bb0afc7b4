import { grantOverseers, grantStates, grantViews } from '@fengcun/contracts';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Button, Segmented } from 'antd';
import { useTranslation } from 'react-i18next';
import { client } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { Loaded, Nothing } from '../../app/api/page-state.tsx';
import { Pager } from '../../app/list/pager.tsx';
import { SelectFilter } from '../../app/list/select-filter.tsx';
import {
  type CursorAddress,
  filterReader,
  present,
  readPlace,
  useCursorAddress,
  writeCursorAddress,
} from '../../app/list/use-cursor-address.ts';
import { mayCall, type Person, useMe } from '../../app/session/use-session.ts';
import { GrantCard } from './grant-card.tsx';

type GrantView = (typeof grantViews)[number];

interface GrantFilters {
  readonly view?: GrantView;
  readonly state?: (typeof grantStates)[number];
}

const read = (search: URLSearchParams): CursorAddress<GrantFilters> => {
  const { oneOf } = filterReader(search);
  return {
    filters: present({ view: oneOf('view', grantViews), state: oneOf('state', grantStates) }),
    ...readPlace(search),
  };
};

/** Lists of grants that can have something in them for this reader. */
const viewsOf = (me: Person): readonly GrantView[] => [
  ...(mayCall(me, 'createRequest') ? (['mine'] as const) : []),
  ...(mayCall(me, 'decideRequest') ? (['given'] as const) : []),
  ...(me.roles.some(({ role }) => grantOverseers.some((each) => each === role)) ? (['units'] as const) : []),
];

/** What I may use, what I gave, and what opens recordings I answer for: until when, how often still, and the way to end it. */
export function GrantsPage() {
  const { t } = useTranslation();
  const me = useMe();
  const address = useCursorAddress(read, writeCursorAddress);
  const views = viewsOf(me);
  const { state } = address.filters;
  const view = views.find((each) => each === address.filters.view) ?? views[0] ?? 'mine';
  const set = (filters: GrantFilters) =>
    address.setFilters({
      ...(filters.view && filters.view !== views[0] ? { view: filters.view } : {}),
      ...(filters.state ? { state: filters.state } : {}),
    });
  const query = {
    ...(state ? { state } : {}),
    view,
    limit: address.limit,
    ...(address.cursor ? { cursor: address.cursor } : {}),
  };
  const list = useQuery({
    queryKey: keys.grantList(query),
    queryFn: ({ signal }) => client.call('listGrants', { query, signal }),
    placeholderData: keepPreviousData,
    refetchOnMount: 'always',
  });
  return (
    <section className="panel" aria-label={t('access.tabs.grants')}>
      <search className="filters" aria-label={t('access.filter.label')}>
        {views.length > 1 && (
          <Segmented<GrantView>
            aria-label={t('access.grant.views')}
            value={view}
            onChange={(chosen) => set({ view: chosen, ...(state ? { state } : {}) })}
            options={views.map((each) => ({ value: each, label: t(`access.grant.view.${each}`) }))}
          />
        )}
        <SelectFilter
          label={t('access.grant.state')}
          value={state}
          onChange={(chosen) => set({ view, ...(chosen ? { state: chosen } : {}) })}
          options={grantStates.map((each) => ({ value: each, label: t(`access.grantState.${each}`) }))}
          size="long"
        />
      </search>
      <Loaded query={list}>
        {({ items }) =>
          items.length === 0 ? (
            <Nothing
              title={t(state ? 'access.grant.none.match' : `access.grant.none.${view}`)}
              hint={t(state ? 'access.none.matchHint' : `access.grant.noneHint.${view}`)}
              action={state && <Button onClick={() => set({ view })}>{t('access.filter.clear')}</Button>}
            />
          ) : (
            <ul className="rows">
              {items.map((grant) => (
                <li key={grant.id}>
                  <GrantCard grant={grant} revocable={grant.may.revoke} />
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
