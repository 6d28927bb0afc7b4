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
      className: 'breakable',
      render: (_, { id, name, title, tags, keyMark }) => (
        <>
          <span className="evidence-name">
            <Link to={`/evidence/${id}`} state={place} title={title ?? name}>
              {title ?? name}
            </Link>
            {keyMark && <KeyMark />}
            {tags.slice(0, 3).map((tag) => (
              <span key={tag} className="tag plain">
                {tag}
              </span>
            ))}
          </span>
          {title !== null && <div className="quiet small evidence-file">{name}</div>}
        </>
      ),
    },
    {
      title: t('evidence.column.state'),
      key: 'state',
      width: 128,
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
      title: t('evidence.column.length'),
      key: 'length',
      width: 70,
      align: 'right',
      render: (_, { durationMs }) => <span className="num">{durationMs === null ? '—' : formatClock(durationMs)}</span>,
    },
    {
      title: t('evidence.column.size'),
      key: 'size',
      width: 88,
      align: 'right',
      render: (_, { size }) => (
        <span className="num" title={exactBytes(size)}>
          {formatBytes(size)}
        </span>
      ),
    },
    { title: t('evidence.column.unit'), key: 'unit', width: 136, ellipsis: true, render: (_, { unit }) => unit.name },
    {
      title: t('evidence.column.device'),
      key: 'device',
      width: 126,
      ellipsis: true,
      render: (_, { device }) => <span className="num">{device?.serial ?? '—'}</span>,
    },
    {
      title: t('evidence.column.officer'),
      key: 'officer',
      width: 124,
      ellipsis: true,
      render: (_, { officer }) => officer ?? '—',
    },
    {
      title: t('evidence.column.captured'),
      key: 'captured',
      width: 160,
      render: (_, { capturedAt }) => <When at={capturedAt} />,
    },
  ];
  return (
    <RowsTable<EvidenceSummary>
      rowKey="id"
      items={items}
      busy={busy}
      columns={columns}
      width={1040}
      onOpen={({ id }) => void navigate(`/evidence/${id}`, { state: place })}
      rowClass={({ state }) => (state === 'quarantined' ? 'row-quarantined' : '')}
    />
  );
}
