import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, Form, Input, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate, useSearchParams } from 'react-router';
import { client } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { ProblemNotice } from '../../app/api/problem-notice.tsx';
import { useQuestion } from '../../app/dialog/dialog.tsx';
import { NotFoundPage } from '../../app/not-found-page.tsx';
import { mayCall, useMe } from '../../app/session/use-session.ts';
import { LinkButton } from '../../app/shell/link-button.tsx';
import { Page, Panel } from '../../app/shell/page.tsx';
import { deniedItems, useAssessment } from './assessment.tsx';
import { type Draft, freshId } from './draft.ts';
import { ItemList } from './item-list.tsx';
import { itemsIn } from './items-in-address.ts';
import { PurposeField } from './request-fields.tsx';
import '../access.css';

interface Fields {
  readonly purpose?: Draft['purpose'];
  readonly caseNumber?: string;
  readonly reason: string;
  readonly approver: string;
}

/** 紧急调阅: opens at once; whoever is named here has to confirm it afterwards. */
export function UrgentPage() {
  const { t } = useTranslation();
  const me = useMe();
  if (!mayCall(me, 'createUrgentRequest')) return <NotFoundPage />;
  return (
    <Page
      title={t('access.urgent.title')}
      lead={<span className="quiet">{t('access.urgent.lead')}</span>}
      tools={<LinkButton to="/access/mine">{t('common.cancel')}</LinkButton>}
    >
      <Alert
        className="banner"
        type="warning"
        showIcon
        title={t('access.urgent.warning')}
        description={t('access.urgent.warningText')}
      />
      <Urgent />
    </Page>
  );
}

function Urgent() {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const question = useQuestion();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const [search] = useSearchParams();
  const [form] = Form.useForm<Fields>();
  const [clientId] = useState(freshId);
  const [items, setItems] = useState(() => itemsIn(search));
  const purpose = Form.useWatch('purpose', form);
  const assessment = useAssessment(
    items.length > 0 && purpose ? { items: [...items], operations: ['play'], purpose, urgent: true } : null,
  );
  const denied = deniedItems(assessment.data);
  const approvers = denied.size > 0 ? [] : (assessment.data?.approvers ?? []);
  const open = useMutation({
    mutationFn: ({ purpose: chosen, caseNumber, reason, approver }: Fields) =>
      client.call('createUrgentRequest', {
        body: {
          items: [...items],
          purpose: chosen ?? 'other',
          reason: reason.trim(),
          approver,
          clientId,
          ...(caseNumber?.trim() ? { caseNumber: caseNumber.trim() } : {}),
        },
      }),
    onSuccess: async (request) => {
      queryClient.setQueryData(keys.request(request.id), request);
      await Promise.all([
        queryClient.invalidateQueries({ queryKey: keys.requests }),
        queryClient.invalidateQueries({ queryKey: keys.evidenceItems }),
      ]);
      message.success(t('access.urgent.done'));
      const [only] = items;
      void navigate(items.length === 1 && only ? `/evidence/${only}` : `/access/requests/${request.id}`);
    },
  });
  const ask = (fields: Fields) =>
    question({
      title: t('access.urgent.confirm', { count: items.length }),
      hint: t('access.urgent.confirmHint'),
      ok: t('access.urgent.submit'),
      danger: true,
      onOk: () => open.mutateAsync(fields),
    });
  return (
    <Form<Fields> form={form} layout="vertical" requiredMark={false} onFinish={ask} scrollToFirstError>
      <div className="request-columns">
        <div className="stack">
          <ItemList items={items} denied={denied} onChange={(chosen) => setItems(chosen.slice(0, 20))} />
        </div>
        <Panel title={t('access.compose.why')}>
          <PurposeField />
          <Form.Item name="caseNumber" label={t('access.compose.case')}>
            <Input maxLength={100} />
          </Form.Item>
          <Form.Item
            name="reason"
            label={t('access.urgent.reason')}
            rules={[{ required: true, whitespace: true, message: t('common.required') }]}
          >
            <Input.TextArea rows={4} maxLength={2000} placeholder={t('access.urgent.reasonPlaceholder')} />
          </Form.Item>
          <Form.Item
            name="approver"
            label={t('access.urgent.approver')}
            rules={[{ required: true, message: t('access.urgent.approverRequired') }]}
            extra={
              denied.size > 0 ? (
                <span className="danger">{t('access.urgent.denied')}</span>
              ) : !assessment.data ? (
                t('access.urgent.approversFirst')
              ) : approvers.length === 0 ? (
                <span className="danger">{t('access.urgent.approversNone')}</span>
              ) : null
            }
          >
            <Select
              showSearch={{ optionFilterProp: 'label' }}
              disabled={approvers.length === 0}
              loading={assessment.isFetching}
              options={approvers.map(({ id, name, role, unit }) => ({
                value: id,
                label: `${name} · ${t(`common.role.${role}`)} · ${unit.name}`,
              }))}
            />
          </Form.Item>
          {(open.error ?? assessment.error) && <ProblemNotice error={open.error ?? assessment.error} />}
          <Button
            type="primary"
            danger
            htmlType="submit"
            block
            loading={open.isPending}
            disabled={items.length === 0 || approvers.length === 0}
          >
            {t('access.urgent.submit')}
          </Button>
        </Panel>
      </div>
    </Form>
  );
}
