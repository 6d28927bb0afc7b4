import { DownloadOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Button, Progress } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useProblemText } from '../../app/api/problem-text.ts';
import { useQuestion } from '../../app/dialog/dialog.tsx';
import { receiptName } from '../../evidence/item/receipt.ts';
import { receiptQuery } from '../../evidence/item/receipt-query.ts';
import { formatBytes, percentOf } from '../../format/bytes.ts';
import { Digest } from '../../format/digest.tsx';
import { saveJson } from '../../format/save-json.ts';
import { uploadQueue } from './upload-queue.ts';
import type { UploadEntry, UploadFault } from './upload-state.ts';

/** One file on its way: digest and sending each with their own bar, then the seal, then the receipt. */
export function UploadRow({ entry }: { readonly entry: UploadEntry }) {
  const { t } = useTranslation();
  const { stage } = entry;
  return (
    <li className="upload">
      <div className="upload-head">
        <span className="upload-name" title={entry.name}>
          {entry.name}
        </span>
        <span className="quiet num">{formatBytes(entry.size)}</span>
      </div>
      {(stage.at === 'hashing' || (stage.at === 'paused' && !entry.sha256)) && (
        <Bar label={t('ingest.upload.hashing')} done={stage.at === 'hashing' ? stage.done : 0} size={entry.size} />
      )}
      {(stage.at === 'sending' || (stage.at === 'paused' && entry.sha256)) && (
        <Bar label={t('ingest.upload.sending')} done={stage.sent} size={entry.size} />
      )}
      {entry.sha256 && (
        <div className="quiet small upload-digest">
          SHA-256 <Digest value={entry.sha256} label="SHA-256" short />
        </div>
      )}
      {stage.at === 'failed' && <FaultWords cause={stage.cause} />}
      <div className="upload-foot">
        <span className={toneOf(stage.at)} role="status">
          {t(`ingest.upload.stage.${stage.at}`)}
        </span>
        <span className="grow" />
        <Actions entry={entry} />
      </div>
    </li>
  );
}

function Bar({ label, done, size }: { readonly label: string; readonly done: number; readonly size: number }) {
  const percent = percentOf(done, size);
  return (
    <div className="upload-bar">
      <span className="quiet small">{label}</span>
      <Progress percent={percent} size="small" showInfo={false} aria-label={label} />
      <span className="num small">{percent}%</span>
    </div>
  );
}

function FaultWords({ cause }: { readonly cause: UploadFault }) {
  const { t } = useTranslation();
  const text = useProblemText();
  const words =
    cause.kind === 'unreadable'
      ? t('ingest.upload.unreadable')
      : cause.kind === 'too_large'
        ? t('ingest.upload.tooLarge', { size: formatBytes(cause.limit) })
        : text(cause.problem).sentence;
  return (
    <p className="danger upload-fault" role="alert">
      {words}
    </p>
  );
}

function Actions({ entry }: { readonly entry: UploadEntry }) {
  const { t } = useTranslation();
  const question = useQuestion();
  const { key, name, stage } = entry;
  const cancel = () =>
    question({
      title: t('ingest.upload.cancelConfirm', { name }),
      hint: t('ingest.upload.cancelHint'),
      ok: t('ingest.upload.cancel'),
      danger: true,
      onOk: () => uploadQueue.cancel(key),
    });
  switch (stage.at) {
    case 'waiting':
    case 'hashing':
    case 'ready':
    case 'sending':
      return (
        <>
          <Button size="small" onClick={() => void uploadQueue.pause(key)}>
            {t('ingest.upload.pause')}
          </Button>
          <Button size="small" onClick={cancel}>
            {t('common.cancel')}
          </Button>
        </>
      );
    case 'paused':
      return (
        <>
          <Button size="small" type="primary" onClick={() => uploadQueue.resume(key)}>
            {t('ingest.upload.resume')}
          </Button>
          <Button size="small" onClick={cancel}>
            {t('common.cancel')}
          </Button>
        </>
      );
    case 'failed':
      return (
        <>
          {stage.cause.kind === 'problem' && (
            <Button size="small" onClick={() => uploadQueue.resume(key)}>
              {t('ingest.upload.retry')}
            </Button>
          )}
          <Button size="small" onClick={() => uploadQueue.remove(key)}>
            {t('ingest.upload.remove')}
          </Button>
        </>
      );
    case 'sealed':
      return (
        <>
          <ReceiptButton id={stage.id} name={name} />
          <Link to={`/evidence/${stage.id}`}>{t('ingest.upload.open')}</Link>
        </>
      );
    case 'quarantined':
      return <Link to={`/evidence/${stage.id}`}>{t('ingest.upload.open')}</Link>;
    case 'sealing':
      return null;
    case 'cancelled':
      return (
        <Button size="small" onClick={() => uploadQueue.remove(key)}>
          {t('ingest.upload.remove')}
        </Button>
      );
  }
}

function ReceiptButton({ id, name }: { readonly id: string; readonly name: string }) {
  const { t } = useTranslation();
  const { data } = useQuery(receiptQuery(id));
  if (!data) return <span className="quiet small">{t('ingest.upload.receiptWaiting')}</span>;
  return (
    <Button
      size="small"
      icon={<DownloadOutlined aria-hidden="true" />}
      onClick={() => saveJson(data, receiptName(name))}
    >
      {t('ingest.upload.receipt')}
    </Button>
  );
}

function toneOf(at: UploadEntry['stage']['at']): string {
  if (at === 'sealed') return 'good strong';
  if (at === 'failed' || at === 'quarantined') return 'danger strong';
  return 'quiet';
}
