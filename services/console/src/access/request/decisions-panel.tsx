import { CheckCircleFilled, ClockCircleOutlined, CloseCircleFilled, MinusCircleOutlined } from '@ant-design/icons';
import type { AccessRequest, RequestDecision } from '@fengcun/contracts';
import { useTranslation } from 'react-i18next';
import { Panel } from '../../app/shell/page.tsx';
import { When } from '../../format/when.tsx';
import { useRuleWords } from '../marks.tsx';

/** Who has decided, who still has to, and which rules ask for them. */
export function DecisionsPanel({ request }: { readonly request: AccessRequest }) {
  const { t } = useTranslation();
  const rule = useRuleWords();
  const { decisions, waitingFor, rules, state, kind } = request;
  return (
    <Panel title={t('access.detail.decisions')}>
      {state === 'draft' ? (
        <p className="quiet panel-text">{t('access.detail.nobodyYet')}</p>
      ) : (
        <ul className="decisions">
          {decisions.map((decision) => (
            <Decided key={decision.id} decision={decision} urgent={kind === 'urgent'} />
          ))}
          {waitingFor.map((role) => (
            <li key={role} className="decision">
              <ClockCircleOutlined className="quiet" aria-hidden="true" />
              <div>
                <span className="strong">{t(`common.role.${role}`)}</span>{' '}
                <span className="quiet">{t('access.detail.waiting')}</span>
              </div>
            </li>
          ))}
        </ul>
      )}
      {rules.length > 0 && (
        <div className="panel-note">
          <div className="quiet small">{t('access.detail.rulesHint')}</div>
          <ul className="plain-list">
            {rules.map((name) => (
              <li key={name}>{rule(name)}</li>
            ))}
          </ul>
        </div>
      )}
    </Panel>
  );
}

function Decided({ decision, urgent }: { readonly decision: RequestDecision; readonly urgent: boolean }) {
  const { t } = useTranslation();
  const { by, role, verdict, reason, at, voided } = decision;
  const approved = verdict === 'approved';
  const words = urgent ? (approved ? 'confirmed' : 'denied') : verdict;
  return (
    <li className={voided ? 'decision voided' : 'decision'}>
      {voided ? (
        <MinusCircleOutlined className="quiet" aria-hidden="true" />
      ) : approved ? (
        <CheckCircleFilled className="good" aria-hidden="true" />
      ) : (
        <CloseCircleFilled className="danger" aria-hidden="true" />
      )}
      <div>
        <div>
          <span className="strong">{by.name}</span> <span className="quiet">{t(`common.role.${role}`)}</span>{' '}
          <span className={approved ? 'good' : 'danger'}>{t(`access.detail.${words}`)}</span>
        </div>
        {reason && <div className="breakable">{reason}</div>}
        <div className="quiet small">
          <When at={at} />
        </div>
        {voided && (
          <div className="warn small">
            {t('access.detail.voided')}: {voided.reason}
          </div>
        )}
      </div>
    </li>
  );
}
