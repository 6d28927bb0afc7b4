import type { OffloadFile } from '@fengcun/contracts';
import { Progress, Table, type TableColumnsType } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Panel } from '../../app/shell/page.tsx';
import { KindMark } from '../../evidence/marks.tsx';
import { exactBytes, formatBytes, percentOf } from '../../format/bytes.ts';
import { Digest } from '../../format/digest.tsx';

/** Every announced file and how far it is, live. */
export function OffloadFiles({ files }: { readonly files: readonly OffloadFile[] }) {
  const { t } = useTranslation();
  const columns: TableColumnsType<OffloadFile> = [
    {
      title: t('ingest.offload.sequence'),
      key: 'sequence',
      width: 76,
      render: (_, { sequence }) => <span className="num quiet">{sequence ?? '—'}</span>,
    },
    {
      title: t('ingest.offload.name'),
      key: 'name',
      ellipsis: true,
      render: (_, file) => (
        <span className="evidence-name">
          <KindMark kind={file.kind} />
          {file.evidence && (file.state === 'sealed' || file.state === 'quarantined') ? (
            <Link to={`/evidence/${file.evidence}`} title={file.name}>
              {file.name}
            </Link>
          ) : (
            <span title={file.name}>{file.name}</span>
          )}
        </span>
      ),
    },
    {
      title: t('ingest.offload.size'),
      key: 'size',
      width: 100,
      align: 'right',
      render: (_, { size }) => (
        <span className="num" title={exactBytes(size)}>
          {formatBytes(size)}
        </span>
      ),
    },
    {
      title: t('ingest.offload.progress'),
      key: 'progress',
      width: 210,
      render: (_, { offset, size, state, name }) => (
        <div className="file-progress">
          <Progress
            percent={state === 'announced' ? 0 : percentOf(offset, size)}
            size="small"
            showInfo={false}
            status={state === 'receiving' ? 'active' : 'normal'}
            aria-label={name}
          />
          <span className="num small quiet">{state === 'announced' ? 0 : percentOf(offset, size)}%</span>
        </div>
      ),
    },
    {
      title: t('ingest.offload.fileState'),
      key: 'state',
      width: 96,
      render: (_, { state }) => <span className={`tag ${tones[state]}`}>{t(`common.uploadState.${state}`)}</span>,
    },
    {
      title: 'SHA-256',
      key: 'sha256',
      width: 196,
      render: (_, { sha256, name }) => <Digest value={sha256} label={`${name} SHA-256`} short />,
    },
  ];
  return (
    <Panel title={t('ingest.offload.filesTitle')} tools={<span className="num quiet">{files.length}</span>} flush>
      <Table<OffloadFile>
        rowKey="ordinal"
        size="small"
        columns={columns}
        dataSource={[...files]}
        pagination={files.length > 100 ? { pageSize: 100, showSizeChanger: false } : false}
        scroll={{ x: 900 }}
        rowClassName={({ state }) => (state === 'quarantined' ? 'row-quarantined' : '')}
      />
    </Panel>
  );
}

const tones: Record<OffloadFile['state'], string> = {
  announced: 'plain',
  receiving: 'info',
  received: 'info',
  sealed: 'good',
  quarantined: 'danger',
  expired: 'warn',
};
