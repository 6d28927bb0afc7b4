import type { Evidence, Redaction } from '@fengcun/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button, Form, Input, Progress } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../app/api/client.ts';
import { keys } from '../app/api/keys.ts';
import { ProblemNotice } from '../app/api/problem-notice.tsx';
import { FormDialog, TextField } from '../app/dialog/form-dialog.tsx';
import { Panel } from '../app/shell/page.tsx';
import { formatBytes } from '../format/bytes.ts';
import { Digest } from '../format/digest.tsx';
import { formatClock } from '../format/duration.ts';
import { FindingText } from '../format/finding-text.tsx';
import { When } from '../format/when.tsx';

interface ResultPanelProps {
  readonly evidence: Evidence;
  readonly redaction: Redaction;
  /** marks on the page are not saved */
  readonly changed: boolean;
}

type Dialog = 'approve' | 'reject' | 'withdraw';

/** What became of the newest plan: made, reviewed, withdrawn, and what the reader may do about it. */
export function ResultPanel({ evidence, redaction, changed }: ResultPanelProps) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const { still } = redaction.recording;
  const { id, render, may, review, withdrawn, state, reviewBlocker, watched } = redaction;
  const taken = async (now: Redaction) => {
    queryClient.setQueryData(keys.redaction(id), now);
    // Also what may be published of the item, and what happened to it.
    await queryClient.invalidateQueries({ queryKey: keys.evidence(evidence.id) });
  };
  const start = useMutation({
    mutationFn: () => client.call('renderRedaction', { params: { id }, body: { version: redaction.version } }),
    onSuccess: taken,
  });
  const cancel = useMutation({
    mutationFn: () => client.call('cancelRender', { params: { id } }),
    onSuccess: taken,
  });
  const error = start.error ?? cancel.error;
  return (
    <Panel
      title={t('redaction.result')}
      tools={
        may.withdraw && (
          <Button size="small" danger onClick={() => setDialog('withdraw')}>
            {t('redaction.withdraw')}
          </Button>
        )
      }
    >
      <div className="redaction-result" aria-live="polite">
        <div className="quiet small redaction-facts">
          <span>{t('redaction.version', { version: redaction.version })}</span>
          <span>{t('redaction.by', { name: redaction.plan.by.name })}</span>
          <When at={redaction.plan.at} />
        </div>
        {state === 'rendering' && render && (
          <div>
            <Progress percent={render.percent} aria-label={t('redaction.rendering')} />
            {may.cancel && (
              <Button size="small" loading={cancel.isPending} onClick={() => cancel.mutate()}>
                {t('redaction.cancel')}
              </Button>
            )}
          </div>
        )}
        {state === 'failed' && render?.reason && (
          <div className="redaction-failure small">
            {t(`redaction.failure.${render.reason}`)}
            <FindingText told={render} />
          </div>
        )}
        {may.render && (
          <div className="redaction-step">
            <span className="quiet small">{t('redaction.renderHint')}</span>
            <Button type="primary" loading={start.isPending} disabled={changed} onClick={() => start.mutate()}>
              {t('redaction.render')}
            </Button>
          </div>
        )}
        {error && <ProblemNotice error={error} />}
        {state === 'ready' && (
          <div className="redaction-review">
            <div className="strong">{t('redaction.toReview')}</div>
            <div className="small">
              {reviewBlocker === 'not_watched' && still
                ? t('redaction.ofStill.notWatched')
                : reviewBlocker
                  ? t(`redaction.blocker.${reviewBlocker}`)
                  : t(still ? 'redaction.ofStill.reviewHint' : 'redaction.reviewHint')}
            </div>
            {may.review && (
              <>
                {!still && (
                  <Progress percent={watched} size="small" aria-label={t('redaction.watched', { percent: watched })} />
                )}
                <div className="redaction-verdict">
                  <Button danger onClick={() => setDialog('reject')}>
                    {t('redaction.reject')}
                  </Button>
                  <Button type="primary" disabled={reviewBlocker !== null} onClick={() => setDialog('approve')}>
                    {t('redaction.approve')}
                  </Button>
                </div>
              </>
            )}
          </div>
        )}
        {review && (
          <div className="small">
            <div className="strong">
              {t(review.verdict === 'approved' ? 'redaction.approvedBy' : 'redaction.rejectedBy', {
                name: review.by.name,
              })}{' '}
              <span className="quiet">
                <When at={review.at} />
              </span>
            </div>
            {review.reason && <div>{review.reason}</div>}
          </div>
        )}
        {withdrawn && (
          <div className="small">
            <div className="strong">
              {withdrawn.by
                ? t('redaction.withdrawnBy', { name: withdrawn.by.name })
                : t('redaction.withdrawnDisposed')}{' '}
              <span className="quiet">
                <When at={withdrawn.at} />
              </span>
            </div>
            {withdrawn.reason && <div>{withdrawn.reason}</div>}
          </div>
        )}
        {render?.state === 'ready' && render.result && <Made render={render} result={render.result} />}
      </div>
      {dialog && <Deciding dialog={dialog} redaction={redaction} onTaken={taken} onClose={() => setDialog(null)} />}
    </Panel>
  );
}

type Render = NonNullable<Redaction['render']>;

function Made({ render, result }: { readonly render: Render; readonly result: NonNullable<Render['result']> }) {
  const { t } = useTranslation();
  const picture = result.mediaType === 'image/jpeg';
  return (
    <>
      <dl className="redaction-made small">
        <div>
          <dt>{t('redaction.resultSize')}</dt>
          <dd className="num">{formatBytes(result.size)}</dd>
        </div>
        <div>
          <dt>{t(picture ? 'redaction.resultType' : 'redaction.resultLength')}</dt>
          <dd className="num">{picture ? 'JPEG' : formatClock(result.durationMs)}</dd>
        </div>
        <div>
          <dt>SHA-256</dt>
          <dd>
            <Digest value={result.sha256} label="SHA-256" short />
          </dd>
        </div>
        <div>
          <dt>SM3</dt>
          <dd>
            <Digest value={result.sm3} label="SM3" short />
          </dd>
        </div>
      </dl>
      <p className="quiet small">
        {t(
          picture
            ? 'redaction.ofStill.resultHint'
            : result.mark === 'none'
              ? 'redaction.resultHintNone'
              : 'redaction.resultHint',
        )}{' '}
        <span className="num">{t('redaction.event', { event: render.event })}</span>
      </p>
    </>
  );
}

interface DecidingProps {
  readonly dialog: Dialog;
  readonly redaction: Redaction;
  readonly onTaken: (now: Redaction) => Promise<void>;
  readonly onClose: () => void;
}

function Deciding({ dialog, redaction, onTaken, onClose }: DecidingProps) {
  const { t } = useTranslation();
  const params = { id: redaction.id };
  const render = redaction.render?.id ?? '';
  const done = { done: t('redaction.reviewed'), onClose };
  const takenThenClosed = async (now: Redaction) => {
    await onTaken(now);
    onClose();
  };
  if (dialog === 'approve') {
    return (
      <FormDialog<{ reason?: string }, Redaction>
        title={t('redaction.approveTitle')}
        ok={t('redaction.approve')}
        send={({ reason }) => {
          const said = reason?.trim() ? { reason: reason.trim() } : {};
          return client.call('reviewRedaction', { params, body: { render, verdict: 'approved', ...said } });
        }}
        onDone={(now) => void takenThenClosed(now)}
        {...done}
      >
        <p>{t('redaction.approveText')}</p>
        <Form.Item name="reason" label={t('redaction.reviewReason')}>
          <Input maxLength={500} autoComplete="off" />
        </Form.Item>
      </FormDialog>
    );
  }
  const rejecting = dialog === 'reject';
  return (
    <FormDialog<{ reason: string }, Redaction>
      title={t(rejecting ? 'redaction.rejectTitle' : 'redaction.withdrawTitle')}
      ok={t(rejecting ? 'redaction.reject' : 'redaction.withdraw')}
      danger
      send={({ reason }) =>
        rejecting
          ? client.call('reviewRedaction', { params, body: { render, verdict: 'rejected', reason: reason.trim() } })
          : client.call('withdrawRedaction', { params, body: { reason: reason.trim() } })
      }
      onDone={(now) => void takenThenClosed(now)}
      {...done}
    >
      {!rejecting && <p>{t('redaction.withdrawText')}</p>}
      <TextField name="reason" label={t(rejecting ? 'redaction.rejectReason' : 'redaction.withdrawReason')} autoFocus />
    </FormDialog>
  );
}
