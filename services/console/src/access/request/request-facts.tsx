import type { AccessRequest } from '@fengcun/contracts';
import { useTranslation } from 'react-i18next';
import { Panel } from '../../app/shell/page.tsx';
import { Fact, Facts } from '../../evidence/item/fact.tsx';
import { When } from '../../format/when.tsx';
import { Operations } from '../marks.tsx';

/** Who wants what, what for, on what grounds, for how long. */
export function RequestFacts({ request }: { readonly request: AccessRequest }) {
  const { t } = useTranslation();
  const { requester, applicant, purpose, caseNumber, operations, window, uses, basis, kind, submittedAt, dueAt } =
    request;
  return (
    <Panel title={t('access.detail.facts')}>
      <div className="request-facts">
        <Facts>
          <Fact name={t('access.detail.requester')}>
            <span className="strong">{requester.name}</span>
            {requester.officer && <span className="num quiet"> {requester.officer}</span>}
            <span className="quiet"> · {requester.unit.name}</span>
          </Fact>
          <Fact name={t('access.detail.purpose')}>{t(`policy.purpose.${purpose}`)}</Fact>
          <Fact name={t('access.detail.case')}>{caseNumber ?? '—'}</Fact>
          <Fact name={t('access.detail.operations')}>
            <Operations operations={operations} />
          </Fact>
          <Fact name={t('access.detail.window')}>
            <When at={window.from} /> {t('access.detail.until')} <When at={window.until} />
          </Fact>
          <Fact name={t('access.detail.uses')}>{t('access.detail.usesCount', { count: uses })}</Fact>
          <Fact name={t('access.detail.submitted')}>
            <When at={submittedAt} />
          </Fact>
          {dueAt && (
            <Fact name={kind === 'urgent' ? t('access.detail.dueUrgent') : t('access.detail.due')}>
              <When at={dueAt} />
            </Fact>
          )}
        </Facts>
      </div>
      {applicant && (
        <>
          <h3 className="panel-sub">{t('access.detail.applicant')}</h3>
          <Facts>
            <Fact name={t('access.compose.kind')}>{t(`policy.applicant.${applicant.kind}`)}</Fact>
            <Fact name={t('access.detail.organisation')}>{applicant.organisation ?? '—'}</Fact>
            <Fact name={t('access.detail.person')}>{applicant.person}</Fact>
            <Fact name={t('access.detail.letter')}>{applicant.letterNumber ?? '—'}</Fact>
            <Fact name={t('access.detail.contact')}>{applicant.contact ?? '—'}</Fact>
          </Facts>
        </>
      )}
      <h3 className="panel-sub">{t(kind === 'urgent' ? 'access.detail.urgentReason' : 'access.detail.basis')}</h3>
      <p className="request-basis">{basis}</p>
    </Panel>
  );
}
