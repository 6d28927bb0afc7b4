import type { Evidence } from '@fengcun/contracts';
import { useQuery } from '@tanstack/react-query';
import { Alert } from 'antd';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { client, problemIn } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { Loaded } from '../../app/api/page-state.tsx';
import { NotFoundPage } from '../../app/not-found-page.tsx';
import { LinkButton } from '../../app/shell/link-button.tsx';
import { Page } from '../../app/shell/page.tsx';
import { CopiesPanel } from '../../copies/copies-panel.tsx';
import { FindingText } from '../../format/finding-text.tsx';
import { PlayerPanel } from '../../player/player-panel.tsx';
import { RedactionsPanel } from '../../redaction/redactions-panel.tsx';
import { KeepingPanel } from '../../retention/keeping-panel.tsx';
import { AudiencePanel } from '../audience/audience-panel.tsx';
import { DescriptionPanel } from '../describe/description-panel.tsx';
import { useWayBack } from '../list/use-list-address.ts';
import { KeyMark, KindMark, StateTag } from '../marks.tsx';
import { CustodyPanel } from './custody-panel.tsx';
import { DigestsPanel } from './digests-panel.tsx';
import { FactsPanel } from './facts-panel.tsx';
import { LockPanel } from './lock-panel.tsx';
import { MediaPanel } from './media-panel.tsx';
import { ProofPanel } from './proof-panel.tsx';
import { VerifyPanel } from './verify-panel.tsx';
import './evidence-page.css';

/** One item: what it shows, that it is what was recorded, and who had to do with it. */
export function EvidencePage() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const back = useWayBack();
  const item = useQuery({
    queryKey: keys.evidence(id),
    queryFn: ({ signal }) => client.call('getEvidence', { params: { id }, signal }),
  });
  const problem = item.error ? problemIn(item.error) : null;
  if (problem?.status === 404 || problem?.code === 'invalid_input') return <NotFoundPage />;
  const { data } = item;
  return (
    <Page
      title={data?.title ?? data?.name ?? t('evidence.title')}
      lead={
        data && (
          <>
            <KindMark kind={data.kind} />
            <StateTag state={data.state} />
            {data.keyMark && <KeyMark />}
            {data.disposedAt !== undefined && <span className="tag plain">{t('retention.item.disposed')}</span>}
          </>
        )
      }
      tools={
        <LinkButton to={back.to} state={back.state}>
          {t('evidence.back')}
        </LinkButton>
      }
    >
      <Loaded query={item} rows={12}>
        {(evidence) => <EvidencePanels key={evidence.id} evidence={evidence} />}
      </Loaded>
    </Page>
  );
}

function EvidencePanels({ evidence }: { readonly evidence: Evidence }) {
  return (
    <>
      <QuarantineBanner evidence={evidence} />
      <div className="evidence-columns">
        <div className="stack">
          <PlayerPanel evidence={evidence} />
          <DigestsPanel evidence={evidence} />
          <VerifyPanel evidence={evidence} />
          <ProofPanel evidence={evidence} />
          <CustodyPanel evidence={evidence} />
          <AudiencePanel evidence={evidence} />
        </div>
        <div className="stack">
          <DescriptionPanel evidence={evidence} />
          <FactsPanel evidence={evidence} />
          {evidence.disposedAt === undefined && <CopiesPanel evidence={evidence} />}
          <RedactionsPanel evidence={evidence} />
          {evidence.disposedAt === undefined && <LockPanel lock={evidence.lock} />}
          <KeepingPanel evidence={evidence} />
          <MediaPanel evidence={evidence} />
        </div>
      </div>
    </>
  );
}

function QuarantineBanner({ evidence }: { readonly evidence: Evidence }) {
  const { t } = useTranslation();
  const { quarantine } = evidence;
  if (!quarantine) return null;
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      className="quarantine"
      title={t('evidence.quarantine.title')}
      description={
        <>
          <div className="strong">{t(`evidence.quarantine.code.${quarantine.code}`)}</div>
          <div>{t('evidence.quarantine.kept')}</div>
          <div className="quiet small">
            <FindingText told={quarantine} />
          </div>
        </>
      }
    />
  );
}
