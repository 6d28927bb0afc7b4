import type { AccessRequest } from '@fengcun/contracts';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Panel } from '../../app/shell/page.tsx';

const tones = { arriving: 'info', sealed: 'good', quarantined: 'danger', not_found: 'danger' } as const;

/** The scans that came with a request, sealed like everything else. */
export function AttachmentsPanel({ request }: { readonly request: AccessRequest }) {
  const { t } = useTranslation();
  const { attachments, applicant } = request;
  if (attachments.length === 0 && !applicant) return null;
  return (
    <Panel title={t('access.detail.attachments')} flush>
      {attachments.length === 0 ? (
        <p className="quiet panel-line">{t('access.detail.attachmentsNone')}</p>
      ) : (
        <ul className="rows">
          {attachments.map(({ evidence, kind, name, state }) => (
            <li key={evidence} className="attachment">
              <span className="quiet">{t(`access.detail.attachmentKind.${kind}`)}</span>
              {state === 'sealed' ? (
                <Link to={`/evidence/${evidence}`} className="breakable">
                  {name ?? evidence}
                </Link>
              ) : (
                <span className="breakable">{name ?? evidence}</span>
              )}
              <span className={`tag ${tones[state]}`}>{t(`access.detail.attachmentState.${state}`)}</span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
