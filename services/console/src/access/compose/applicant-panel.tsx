import { applicantKinds } from '@fengcun/contracts';
import { Form, Input, Radio, Select } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Panel } from '../../app/shell/page.tsx';
import type { DraftFields } from './draft.ts';

interface ApplicantPanelProps {
  readonly on: boolean;
  readonly onToggle: (on: boolean) => void;
  /** the scans */
  readonly children: ReactNode;
}

/** Whom the archivist asks for: as the letter and the identity document say, with their scans. */
export function ApplicantPanel({ on, onToggle, children }: ApplicantPanelProps) {
  const { t } = useTranslation();
  const kind = Form.useWatch<NonNullable<DraftFields['applicant']>['kind']>(['applicant', 'kind']);
  const required = [{ required: true, whitespace: true, message: t('common.required') }];
  return (
    <Panel title={t('access.compose.behalf')}>
      <Radio.Group
        value={on}
        onChange={(event) => onToggle(event.target.value === true)}
        aria-label={t('access.compose.behalf')}
        options={[
          { value: false, label: t('access.compose.behalfOff') },
          { value: true, label: t('access.compose.behalfOn') },
        ]}
      />
      <p className="quiet small panel-text">{t('access.compose.behalfHint')}</p>
      {on && (
        <>
          <div className="compose-row">
            <Form.Item
              name={['applicant', 'kind']}
              label={t('access.compose.kind')}
              rules={[{ required: true, message: t('common.required') }]}
            >
              <Select options={applicantKinds.map((value) => ({ value, label: t(`policy.applicant.${value}`) }))} />
            </Form.Item>
            {kind !== 'party' && (
              <Form.Item name={['applicant', 'organisation']} label={t('access.compose.organisation')} rules={required}>
                <Input maxLength={200} />
              </Form.Item>
            )}
            <Form.Item name={['applicant', 'person']} label={t('access.compose.person')} rules={required}>
              <Input maxLength={100} />
            </Form.Item>
          </div>
          <div className="compose-row">
            <Form.Item name={['applicant', 'letterNumber']} label={t('access.compose.letter')}>
              <Input maxLength={100} placeholder={t('access.compose.letterPlaceholder')} />
            </Form.Item>
            <Form.Item name={['applicant', 'contact']} label={t('access.compose.contact')}>
              <Input maxLength={100} />
            </Form.Item>
          </div>
          <h3 className="panel-sub">{t('access.compose.attachments')}</h3>
          {children}
        </>
      )}
    </Panel>
  );
}
