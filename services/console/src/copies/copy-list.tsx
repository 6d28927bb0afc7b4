import { DownloadOutlined } from '@ant-design/icons';
import type { IssuedCopy } from '@fengcun/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Progress } from 'antd';
import { useTranslation } from 'react-i18next';
import { client } from '../app/api/client.ts';
import { keys } from '../app/api/keys.ts';
import { ProblemNotice } from '../app/api/problem-notice.tsx';
import { formatBytes } from '../format/bytes.ts';
import { FindingText } from '../format/finding-text.tsx';
import { When } from '../format/when.tsx';

const shown = 5;
const tones: Record<IssuedCopy['state'], string> = {
  pending: 'info',
  making: 'info',
  ready: 'good',
  failed: 'danger',
  cancelled: 'plain',
  removed: 'plain',
};

/** The reader's newest copies of an item. The stream says when one moves; while one is being made it is also asked for now and then. */
export function CopyList({ evidence }: { readonly evidence: string }) {
  const { t } = useTranslation();
  const copies = useQuery({
    queryKey: keys.issuedCopies(evidence),
    queryFn: ({ signal }) =>
      client.call('listItemCopies', { params: { id: evidence }, query: { limit: shown }, signal }),
    refetchInterval: ({ state }) => (state.data?.items.some(isUnderWay) ? 5000 : false),
  });
  if (copies.error && !copies.data) return <ProblemNotice error={copies.error} />;
  const items = copies.data?.items ?? [];
  return (
    <div aria-live="polite">
      <h3 className="copies-heading">{t('copies.mine')}</h3>
      {items.length === 0 ? (
        <p className="quiet small panel-text">{t('copies.none')}</p>
      ) : (
        <ul className="copies-list">
          {items.map((copy) => (
            <Row key={copy.id} copy={copy} />
          ))}
        </ul>
      )}
    </div>
  );
}

const isUnderWay = ({ state }: IssuedCopy): boolean => state === 'pending' || state === 'making';

function Row({ copy }: { readonly copy: IssuedCopy }) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => client.call('cancelCopy', { params: { id: copy.id } }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: keys.issuedCopies(copy.evidence) }),
  });
  const { file } = copy;
  return (
    <li className="copies-copy">
      <div className="copies-way">
        <div>
          <span className={`tag ${tones[copy.state]}`}>{t(`copies.state.${copy.state}`)}</span>{' '}
          {t(`copies.what.${copy.operation}`)}
        </div>
        {file && (
          <Button
            size="small"
            type="primary"
            icon={<DownloadOutlined aria-hidden="true" />}
            href={file.content}
            download={file.name}
          >
            {t('copies.download')}
          </Button>
        )}
        {isUnderWay(copy) && (
          <Button size="small" loading={cancel.isPending} onClick={() => cancel.mutate()}>
            {t('copies.cancel')}
          </Button>
        )}
      </div>
      {isUnderWay(copy) && (
        <Progress percent={copy.percent} size="small" aria-label={t(`copies.state.${copy.state}`)} />
      )}
      {cancel.error && <ProblemNotice error={cancel.error} />}
      {copy.reason && (
        <div className="copies-failure small">
          {t(`copies.failure.${copy.reason}`)}
          <FindingText told={copy} />
        </div>
      )}
      <div className="quiet small copies-facts">
        <When at={copy.createdAt} />
        <span className="num">{t('copies.event', { event: copy.event })}</span>
        {copy.recipient && <span>{t('copies.to', { recipient: copy.recipient })}</span>}
        {file && <span className="num">{formatBytes(file.size)}</span>}
        {copy.downloads > 0 && <span>{t('copies.downloads', { count: copy.downloads })}</span>}
      </div>
      {file && copy.expiresAt && (
        <div className="quiet small">
          {t('copies.until')} <When at={copy.expiresAt} />
        </div>
      )}
      {copy.mark === 'metadata' && <div className="quiet small">{t('copies.audioMark')}</div>}
    </li>
  );
}
