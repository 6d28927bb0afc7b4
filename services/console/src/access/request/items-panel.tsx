import { LockOutlined } from '@ant-design/icons';
import type { AccessRequest } from '@fengcun/contracts';
import { Table, type TableColumnsType } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Panel } from '../../app/shell/page.tsx';
import { formatClock } from '../../format/duration.ts';
import { When } from '../../format/when.tsx';
import { CaseLeft } from '../case-left.tsx';
import { useRuleWords } from '../marks.tsx';

type Item = AccessRequest['items'][number];

/** What is asked for, and what the rules say to each. No pictures: to look is what is asked for. */
export function ItemsPanel({ request }: { readonly request: AccessRequest }) {
  const { t } = useTranslation();
  const rule = useRuleWords();
  // Where the rules say the same to all, the decisions' panel says it once.
  const alike = new Set(request.items.map(({ outcomes }) => JSON.stringify(outcomes))).size <= 1;
  const columns: TableColumnsType<Item> = [
    {
      title: t('access.column.items'),
      key: 'name',
      render: (_, { id, name, held, disposed }) => (
        <div className="request-item">
          {name === null ? (
            <span className="quiet">
              <LockOutlined aria-hidden="true" /> {t('access.detail.hidden')}
            </span>
          ) : (
            <Link to={`/evidence/${id}`}>{name}</Link>
          )}
          {held && <span className="tag warn">{t('access.detail.held')}</span>}
          {disposed && <span className="tag danger">{t('access.detail.disposed')}</span>}
        </div>
      ),
    },
    {
      title: t('evidence.column.unit'),
      key: 'unit',
      width: 170,
      render: (_, { unit, officer }) => (
        <>
          <div>{unit?.name ?? '—'}</div>
          {officer && <div className="quiet small">{officer}</div>}
        </>
      ),
    },
    {
      title: t('evidence.column.captured'),
      key: 'captured',
      width: 166,
      render: (_, { capturedAt, durationMs }) => (
        <>
          <When at={capturedAt} />
          {durationMs !== null && <div className="quiet small num">{formatClock(durationMs)}</div>}
        </>
      ),
    },
    ...(alike
      ? []
      : ([
          {
            title: t('access.detail.rules'),
            key: 'rules',
            width: 220,
            render: (_: unknown, { outcomes }: Item) => (
              <ul className="plain-list small">
                {outcomes.map(({ operation, outcome, rule: name }) => (
                  <li key={operation}>
                    {outcomes.length > 1 && `${t(`policy.operation.${operation}`)}: `}
                    <span className={outcome === 'deny' ? 'danger' : outcome === 'allow' ? 'good' : ''}>
                      {t(`policy.outcome.${outcome}`)}
                    </span>
                    <div className="quiet">{rule(name)}</div>
                  </li>
                ))}
              </ul>
            ),
          },
        ] satisfies TableColumnsType<Item>)),
  ];
  return (
    <Panel
      title={t('access.detail.items')}
      tools={<span className="quiet num">{t('common.items', { count: request.items.length })}</span>}
      flush
    >
      {request.case && (
        <div className="request-case">
          <p className="panel-text">
            {t(request.state === 'draft' ? 'access.detail.wholeCaseDraft' : 'access.detail.wholeCase', {
              number: request.caseNumber ?? '—',
            })}
          </p>
          <CaseLeft left={request.case.left} />
        </div>
      )}
      <Table<Item>
        rowKey="id"
        size="small"
        columns={columns}
        dataSource={request.items}
        pagination={request.items.length > 20 ? { pageSize: 20, size: 'small' } : false}
        scroll={{ x: 720 }}
      />
    </Panel>
  );
}
