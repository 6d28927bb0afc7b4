import { type AudienceMember, api, type Evidence, urlOf } from '@fengcun/contracts';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Button, Table, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { client } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { Loaded } from '../../app/api/page-state.tsx';
import { useLanguage } from '../../app/i18n/language.ts';
import { mayCall, useMe } from '../../app/session/use-session.ts';
import { Panel } from '../../app/shell/page.tsx';

/** Who could see, play or take the item now, and by which rule or grant. Looked up on request: the look is on record. */
export function AudiencePanel({ evidence }: { readonly evidence: Evidence }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const me = useMe();
  const [asked, setAsked] = useState(false);
  const { id } = evidence;
  const audience = useInfiniteQuery({
    queryKey: keys.audience(id),
    queryFn: ({ pageParam, signal }) =>
      client.call('getAudience', {
        params: { id },
        query: { limit: 50, ...(pageParam ? { cursor: pageParam } : {}) },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
    enabled: asked,
    // A look is an event: only a hand causes one.
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (!mayCall(me, 'getAudience')) return null;
  const report = (form: 'pdf' | 'csv') =>
    urlOf(api[form === 'pdf' ? 'reportItemPdf' : 'reportItemCsv'].path, { id }, { language });
  return (
    <Panel
      title={t('register.audience.title')}
      tools={
        <>
          <Link to={`/access/register?item=${id}`}>{t('register.audience.register')}</Link>
          <Button size="small" href={report('pdf')} download>
            {t('register.reportPdf')}
          </Button>
          <Button size="small" href={report('csv')} download>
            {t('register.reportCsv')}
          </Button>
        </>
      }
    >
      {asked ? (
        <Loaded query={audience}>
          {({ pages }) => (
            <>
              <AudienceTable members={pages.flatMap(({ items }) => items)} />
              {audience.hasNextPage && (
                <Button block loading={audience.isFetchingNextPage} onClick={() => void audience.fetchNextPage()}>
                  {t('common.more')}
                </Button>
              )}
            </>
          )}
        </Loaded>
      ) : (
        <div className="audience-ask">
          <Button onClick={() => setAsked(true)}>{t('register.audience.ask')}</Button>
          <span className="quiet small">{t('register.audience.recorded')}</span>
        </div>
      )}
    </Panel>
  );
}

const shown = ['play', 'download_proxy', 'download_original', 'package', 'disclose'] as const;

function AudienceTable({ members }: { readonly members: readonly AudienceMember[] }) {
  const { t } = useTranslation();
  const columns: TableColumnsType<AudienceMember> = [
    {
      title: t('register.column.person'),
      key: 'person',
      render: (_, { account }) => (
        <>
          <div>{account.name}</div>
          <div className="quiet small">{account.unit.name}</div>
        </>
      ),
    },
    {
      title: t('policy.operation.play'),
      key: 'play',
      render: (_, member) => <Outcome member={member} action="play" />,
    },
    {
      title: t('register.audience.others'),
      key: 'others',
      render: (_, member) => {
        const open = shown.filter((action) => action !== 'play' && outcomeOf(member, action)?.outcome === 'allow');
        return open.length === 0 ? (
          <span className="quiet">—</span>
        ) : (
          open.map((action) => t(`policy.operation.${action}`)).join(t('common.listSeparator'))
        );
      },
    },
  ];
  return (
    <Table<AudienceMember>
      size="small"
      rowKey={({ account }) => account.id}
      columns={columns}
      dataSource={[...members]}
      pagination={false}
    />
  );
}

const outcomeOf = (member: AudienceMember, action: AudienceMember['operations'][number]['action']) =>
  member.operations.find((each) => each.action === action);

function Outcome({ member, action }: { readonly member: AudienceMember; readonly action: (typeof shown)[number] }) {
  const { t } = useTranslation();
  const found = outcomeOf(member, action);
  if (!found) return null;
  const { outcome, rule, purposes, grant } = found;
  const words =
    outcome === 'needApproval' && purposes.length > 0
      ? t('register.audience.withPurpose', {
          purposes: purposes.map((each) => t(`policy.purpose.${each}`)).join(t('common.listSeparator')),
        })
      : t(`register.audience.${outcome}`);
  return (
    <>
      <div className={outcome === 'deny' ? 'danger' : outcome === 'allow' ? 'strong' : ''}>{words}</div>
      <div className="quiet small">
        {grant ? t('register.audience.granted') : t(`policy.rule.${rule}`, { defaultValue: rule })}
      </div>
    </>
  );
}
