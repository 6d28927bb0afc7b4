import type { EvidenceSummary } from '@fengcun/contracts';
import type { TableColumnsType } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import { type Rows, RowsTable } from '../../app/list/paged-list.tsx';
import { exactBytes, formatBytes } from '../../format/bytes.ts';
import { formatClock } from '../../format/duration.ts';
import { When } from '../../format/when.tsx';
import { KeyMark, KindMark, StateTag } from '../marks.tsx';
import { useListPlace } from './use-list-address.ts';

/** Rows of the list. The name is the link; the rest of the row is a shortcut to it for the mouse. */
export function EvidenceTable({ items, busy }: Rows<EvidenceSummary>) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const place = useListPlace();
  const columns: TableColumnsType<EvidenceSummary> = [
    {
      title: <span className="visually-hidden">{t('evidence.column.kind')}</span>,
      key: 'kind',
      width: 40,
      render: (_, { kind }) => <KindMark kind={kind} />,
    },
    {
      title: t('evidence.column.name'),
      key: 'name',
      render: (_, { id, name, title, tags, keyMark }) => (
        <>
          <div className="evidence-name">
            <Link to={`/evidence/${id}`} state={place} title={title ?? name} className="two-lines">
              {title ?? name}
            </Link>
            {keyMark && <KeyMark />}
          </div>
          {(title !== null || tags.length > 0) && (
            <div className="evidence-below">
              {title !== null && (
                <span className="quiet small one-line" title={name}>
                  {name}
                </span>
              )}
              {tags.slice(0, 3).map((tag) => (
                <span key={tag} className="tag plain">
                  {tag}
                </span>
              ))}
            </div>
          )}
        </>
      ),
    },
    {
      title: t('evidence.column.state'),
      key: 'state',
      width: 112,
      render: (_, { state, proxy, disposedAt }) => (
        <span className="evidence-states">
          <StateTag state={state} />
          {disposedAt !== undefined && <span className="tag plain">{t('retention.item.disposed')}</span>}
          {proxy === 'failed' && <span className="tag warn">{t('evidence.proxy.failedShort')}</span>}
          {proxy === 'pending' && <span className="tag plain">{t('evidence.proxy.pendingShort')}</span>}
        </span>
      ),
    },
    {
      title: t('evidence.column.extent'),
      key: 'extent',
      width: 106,
      align: 'right',
      render: (_, { durationMs, size }) => (
        <>
          {durationMs !== null && <div className="num">{formatClock(durationMs)}</div>}
          <div className={durationMs === null ? 'num' : 'num quiet small'} title={exactBytes(size)}>
            {formatBytes(size)}
          </div>
        </>
      ),
    },
    {
      title: t('evidence.column.owner'),
      key: 'owner',
      width: 168,
      ellipsis: { showTitle: false },
      render: (_, { unit, officer }) => (
        <>
          <div className="one-line" title={unit.name}>
            {unit.name}
          </div>
          {officer !== null && <div className="quiet small one-line num">{officer}</div>}
        </>
      ),
    },
    {
      title: t('evidence.column.recorded'),
      key: 'recorded',
      width: 176,
      render: (_, { capturedAt, device }) => (
        <>
          <When at={capturedAt} />
          {device && (
            <div className="quiet small one-line num" title={device.serial}>
              {device.serial}
            </div>
          )}
        </>
      ),
    },
  ];
  return (
    <RowsTable<EvidenceSummary>
      rowKey="id"
      items={items}
      busy={busy}
      columns={columns}
      width={900}
      fixed
      onOpen={({ id }) => void navigate(`/evidence/${id}`, { state: place })}
      rowClass={({ state }) => (state === 'quarantined' ? 'row-quarantined' : '')}
    />
  );
}
