import type { AccessRequest } from '@fengcun/contracts';
import { Button } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Panel } from '../../app/shell/page.tsx';
import { AttachmentDialog } from './attachment-dialog.tsx';

const tones = { arriving: 'info', sealed: 'good', quarantined: 'danger', not_found: 'danger' } as const;

type Attachment = AccessRequest['attachments'][number];

/** The scans that came with a request, sealed like everything else. */
export function AttachmentsPanel({ request }: { readonly request: AccessRequest }) {
  const { t } = useTranslation();
  const [opened, setOpened] = useState<Attachment | null>(null);
  // The dialog is gone when it is closed, and with it whoever would give the focus back.
  const opener = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!opened) opener.current?.focus();
  }, [opened]);
  const { attachments, applicant, may } = request;
  if (attachments.length === 0 && !applicant) return null;
  return (
    <Panel title={t('access.detail.attachments')} flush>
      {attachments.length === 0 ? (
        <p className="quiet panel-line">{t('access.detail.attachmentsNone')}</p>
      ) : (
        <ul className="rows">
          {attachments.map((each) => (
            <li key={each.evidence} className="attachment">
              <span className="quiet">{t(`access.detail.attachmentKind.${each.kind}`)}</span>
              {each.state === 'sealed' ? (
                <Link to={`/evidence/${each.evidence}`} className="breakable">
                  {each.name ?? each.evidence}
                </Link>
              ) : (
                <span className="breakable">{each.name ?? each.evidence}</span>
              )}
              <span className="attachment-tools">
                <span className={`tag ${tones[each.state]}`}>{t(`access.detail.attachmentState.${each.state}`)}</span>
                {may.readAttachments && each.state === 'sealed' && (
                  <Button
                    size="small"
                    aria-label={t('access.detail.attachmentOpenWhat', { name: each.name ?? each.evidence })}
                    onClick={({ currentTarget }) => {
                      opener.current = currentTarget;
                      setOpened(each);
                    }}
                  >
                    {t('access.detail.attachmentOpen')}
                  </Button>
                )}
              </span>
            </li>
          ))}
        </ul>
      )}
      {opened && <AttachmentDialog request={request.id} attachment={opened} onClose={() => setOpened(null)} />}
    </Panel>
  );
}
