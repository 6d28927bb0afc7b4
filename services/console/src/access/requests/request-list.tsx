import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Button, type TableColumnsType } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import { client } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { Nothing } from '../../app/api/page-state.tsx';
import { PagedList, type Rows, RowsTable } from '../../app/list/paged-list.tsx';
import { useCursorAddress, writeCursorAddress } from '../../app/list/use-cursor-address.ts';
import { useSite } from '../../app/session/use-session.ts';
import { When } from '../../format/when.tsx';
import { Operations, RequestStateTag, type RequestSummary, UrgentMark, useRoleWords } from '../marks.tsx';
import { readRequestAddress, requestQueryOf } from './filters.ts';
import { RequestFilterBar } from './request-filter-bar.tsx';

interface RequestListProps {
  readonly view: 'mine' | 'to_decide' | 'decided';
}

/** Requests, page by page; filters and place are the address. */
export function RequestList({ view }: RequestListProps) {
  const { t } = useTranslation();
  const { timeZone } = useSite();
  const address = useCursorAddress(readRequestAddress, writeCursorAddress);
  const query = requestQueryOf(view, address, timeZone);
  const list = useQuery({
    queryKey: keys.requestList(query),
    queryFn: ({ signal }) => client.call('listRequests', { query, signal }),
    placeholderData: keepPreviousData,
    refetchOnMount: 'always',
  });
  const filtered = Object.keys(address.filters).length > 0;
  return (
    <section className="panel" aria-label={t(`access.tabs.${view}`)}>
      <RequestFilterBar view={view} filters={address.filters} onChange={address.setFilters} />
      <PagedList
        address={address}
        list={list}
        nothing={
          <Nothing
            title={filtered ? t('access.none.match') : t(`access.none.${view}`)}
            hint={filtered ? t('access.none.matchHint') : t(`access.none.${view}Hint`)}
            action={filtered && <Button onClick={() => address.setFilters({})}>{t('access.filter.clear')}</Button>}
          />
        }
      >
        {(rows) => <RequestTable view={view} {...rows} />}
      </PagedList>
    </section>
  );
}

type RequestTableProps = RequestListProps & Rows<RequestSummary>;

function RequestTable({ view, items, busy }: RequestTableProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const roleWords = useRoleWords();
  const columns: TableColumnsType<RequestSummary> = [
    {
      title: t('access.column.number'),
      key: 'number',
      width: 104,
      render: (_, { id, number, kind }) => (
        <span className="request-number">
          <Link to={`/access/requests/${id}`} className="num strong">
            {t('access.number', { number })}
          </Link>
          {kind === 'urgent' && <UrgentMark />}
        </span>
      ),
    },
    {
      title: t('access.column.purpose'),
      key: 'purpose',
      render: (_, { purpose, caseNumber, applicant }) => (
        <>
          <div>
            {t(`policy.purpose.${purpose}`)}
            {applicant && (
              <span className="quiet">
                {' · '}
                {applicant.organisation ?? t(`policy.applicant.${applicant.kind}`)}
              </span>
            )}
          </div>
          {caseNumber && <div className="quiet small">{caseNumber}</div>}
        </>
      ),
    },
    ...(view === 'mine'
      ? []
      : ([
          {
            title: t('access.column.requester'),
            key: 'requester',
            width: 140,
            render: (_, { requester }) => (
              <>
                <div>{requester.name}</div>
                <div className="quiet small">{requester.unit.name}</div>
              </>
            ),
          },
        ] satisfies TableColumnsType<RequestSummary>)),
    {
      title: t('access.column.operations'),
      key: 'operations',
      width: 176,
      render: (_, { operations, items: count }) => (
        <>
          <div>
            <Operations operations={operations} />
          </div>
          <div className="quiet small">{t('common.items', { count })}</div>
        </>
      ),
    },
    {
      title: t('access.column.state'),
      key: 'state',
      width: 164,
      render: (_, request) => (
        <>
          <RequestStateTag request={request} />
          {request.waitingFor.length > 0 && (
            <div className="quiet small">
              {t('access.column.waitingFor')} {roleWords(request.waitingFor)}
            </div>
          )}
        </>
      ),
    },
    view === 'decided'
      ? {
          title: t('access.column.decided'),
          key: 'decided',
          width: 158,
          render: (_, { decidedAt }) => <When at={decidedAt} />,
        }
      : {
          title: t('access.column.due'),
          key: 'due',
          width: 158,
          render: (_, { dueAt }) => <When at={dueAt} />,
        },
    {
      title: view === 'mine' ? t('access.column.created') : t('access.column.submitted'),
      key: 'at',
      width: 158,
      render: (_, { createdAt, submittedAt }) => <When at={view === 'mine' ? createdAt : submittedAt} />,
    },
  ];
  return (
    <RowsTable<RequestSummary>
      rowKey="id"
      items={items}
      busy={busy}
      columns={columns}
      width={940}
      onOpen={({ id }) => void navigate(`/access/requests/${id}`)}
    />
  );
}
