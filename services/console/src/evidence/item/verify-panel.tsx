import { CheckCircleFilled, CloseCircleFilled, MinusCircleOutlined } from '@ant-design/icons';
import { type CallReply, type Evidence, verificationLegs } from '@fengcun/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Progress } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { ProblemNotice } from '../../app/api/problem-notice.tsx';
import { Panel } from '../../app/shell/page.tsx';
import { formatBytes, percentOf } from '../../format/bytes.ts';
import { FindingText } from '../../format/finding-text.tsx';
import { When } from '../../format/when.tsx';

type Verification = CallReply<'getVerification'>;
type Leg = Verification['legs'][number];

/** Reads the stored original again and says, leg by leg, what passed, what failed and what could not be checked. */
export function VerifyPanel({ evidence }: { readonly evidence: Evidence }) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const [running, setRunning] = useState<string | null>(null);
  const start = useMutation({
    mutationFn: () => client.call('startVerification', { params: { id: evidence.id } }),
    onSuccess: (verification) => {
      queryClient.setQueryData(keys.verification(verification.id), verification);
      setRunning(verification.id);
    },
  });
  const progress = useQuery({
    queryKey: keys.verification(running ?? ''),
    queryFn: ({ signal }) => client.call('getVerification', { params: { id: running ?? '' }, signal }),
    enabled: running !== null,
    refetchInterval: ({ state }) => (state.data?.state === 'running' ? 1000 : false),
  });
  const state = progress.data?.state;
  useEffect(() => {
    if (state === 'done') void queryClient.invalidateQueries({ queryKey: keys.custody(evidence.id) });
  }, [state, queryClient, evidence.id]);
  const { allowed } = evidence.actions.verify;
  return (
    <Panel
      title={t('evidence.verify.title')}
      tools={
        <Button
          size="small"
          type="primary"
          disabled={!allowed}
          loading={start.isPending || state === 'running'}
          onClick={() => start.mutate()}
        >
          {t('evidence.verify.start')}
        </Button>
      }
    >
      <p className="quiet small panel-text">{allowed ? t('evidence.verify.hint') : t('evidence.verify.mayNot')}</p>
      {start.error && <ProblemNotice error={start.error} />}
      {progress.error && !progress.data && <ProblemNotice error={progress.error} />}
      <div aria-live="polite">{progress.data && <Result verification={progress.data} />}</div>
    </Panel>
  );
}

function Result({ verification }: { readonly verification: Verification }) {
  const { t } = useTranslation();
  const { state, verdict, bytesRead, size, legs, finishedAt } = verification;
  return (
    <>
      {state === 'running' && (
        <div className="verify-progress">
          <Progress percent={percentOf(bytesRead, size)} size="small" aria-label={t('evidence.verify.title')} />
          <span className="quiet small num">
            {t('evidence.verify.running', { read: formatBytes(bytesRead), size: formatBytes(size) })}
          </span>
        </div>
      )}
      {state === 'aborted' && <p className="danger panel-text">{t('evidence.verify.aborted')}</p>}
      {verdict && (
        <p className="verdict">
          <span className={verdict === 'holds' ? 'good strong' : verdict === 'fails' ? 'danger strong' : 'warn strong'}>
            {t(`ledger.verdict.${verdict}`)}
          </span>
          <span className="quiet small">
            {t('evidence.verify.finished')} <When at={finishedAt} />
          </span>
        </p>
      )}
      {legs.length > 0 && (
        <ul className="legs">
          {[...legs].sort(inOrder).map((leg) => (
            <LegRow key={leg.leg} leg={leg} />
          ))}
        </ul>
      )}
    </>
  );
}

const inOrder = (a: Leg, b: Leg): number => verificationLegs.indexOf(a.leg) - verificationLegs.indexOf(b.leg);

function LegRow({ leg }: { readonly leg: Leg }) {
  const { t } = useTranslation();
  return (
    <li>
      <OutcomeIcon outcome={leg.outcome} />
      <span className="leg-name">{t(`evidence.verify.leg.${leg.leg}`)}</span>
      <span className={leg.outcome === 'failed' ? 'danger strong' : 'quiet'}>{t(`ledger.outcome.${leg.outcome}`)}</span>
      <div className="quiet small leg-detail">
        <FindingText told={leg} />
      </div>
    </li>
  );
}

function OutcomeIcon({ outcome }: { readonly outcome: Leg['outcome'] }) {
  if (outcome === 'passed') return <CheckCircleFilled className="good" aria-hidden="true" />;
  if (outcome === 'failed') return <CloseCircleFilled className="danger" aria-hidden="true" />;
  return <MinusCircleOutlined className="quiet" aria-hidden="true" />;
}
