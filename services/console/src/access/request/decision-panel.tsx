import type { AccessRequest, ApproverRole } from '@fengcun/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button, Checkbox, Form, Input, Radio, Select } from 'antd';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { ProblemNotice } from '../../app/api/problem-notice.tsx';
import { Panel } from '../../app/shell/page.tsx';
import { useRoleWords } from '../marks.tsx';

interface Fields {
  readonly verdict?: 'approved' | 'refused';
  readonly reason?: string;
  readonly role: ApproverRole;
  readonly holdAcknowledged?: boolean;
}

/** Yes or no, under one's own name. Beside what is decided about, so that nothing has to be remembered from another page. */
export function DecisionPanel({ request }: { readonly request: AccessRequest }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const queryClient = useQueryClient();
  const roleWords = useRoleWords();
  const [form] = Form.useForm<Fields>();
  const { may, kind, items, waitingFor, id } = request;
  const verdict = Form.useWatch('verdict', form);
  const role = Form.useWatch('role', form) ?? may.decideAs[0];
  const urgent = kind === 'urgent';
  const held = items.some((item) => item.held);
  const mine = role ? waitingFor.indexOf(role) : -1;
  const others = waitingFor.filter((_, at) => at !== mine);
  const decide = useMutation({
    mutationFn: ({ verdict: chosen, reason, role: as, holdAcknowledged }: Fields) =>
      client.call('decideRequest', {
        params: { id },
        body: {
          verdict: chosen ?? 'refused',
          role: as,
          ...(reason?.trim() ? { reason: reason.trim() } : {}),
          ...(holdAcknowledged ? { holdAcknowledged } : {}),
        },
      }),
    onSuccess: async (changed) => {
      queryClient.setQueryData(keys.request(id), changed);
      message.success(t('access.decide.done'));
      await queryClient.invalidateQueries({ queryKey: keys.requests });
    },
  });
  useVerdictKeys((chosen) => {
    form.setFieldValue('verdict', chosen);
    form.focusField('reason');
  });
  return (
    <Panel title={urgent ? t('access.decide.titleUrgent') : t('access.decide.title')} className="deciding">
      <Form<Fields>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ role: may.decideAs[0] }}
        onFinish={(fields) => decide.mutate(fields)}
      >
        {may.decideAs.length > 1 ? (
          <Form.Item name="role" label={t('access.decide.as')}>
            <Select options={may.decideAs.map((as) => ({ value: as, label: t(`common.role.${as}`) }))} />
          </Form.Item>
        ) : (
          <Form.Item name="role" label={t('access.decide.as')}>
            <RoleName />
          </Form.Item>
        )}
        <Form.Item
          name="verdict"
          label={t('access.decide.verdict')}
          rules={[{ required: true, message: t('access.decide.choose') }]}
        >
          <Radio.Group
            options={[
              { value: 'approved', label: urgent ? t('access.decide.confirm') : t('access.decide.approve') },
              { value: 'refused', label: urgent ? t('access.decide.deny') : t('access.decide.refuse') },
            ]}
          />
        </Form.Item>
        <Form.Item
          name="reason"
          label={t('access.decide.reason')}
          dependencies={['verdict']}
          extra={verdict === 'refused' ? t('access.decide.refuseHint') : t('access.decide.reasonOptional')}
          rules={[{ required: verdict === 'refused', whitespace: true, message: t('access.decide.reasonRequired') }]}
        >
          <Input.TextArea rows={3} maxLength={2000} />
        </Form.Item>
        {held && verdict === 'approved' && (
          <Form.Item
            name="holdAcknowledged"
            valuePropName="checked"
            rules={[
              {
                validator: (_, value: unknown) =>
                  value === true ? Promise.resolve() : Promise.reject(new Error(t('access.decide.holdRequired'))),
              },
            ]}
          >
            <Checkbox>{t('access.decide.hold')}</Checkbox>
          </Form.Item>
        )}
        {!urgent && verdict === 'approved' && (
          <p className="panel-text">
            {others.length > 0 ? t('access.decide.others', { roles: roleWords(others) }) : t('access.decide.last')}
          </p>
        )}
        {decide.error && <ProblemNotice error={decide.error} />}
        <Button
          type="primary"
          htmlType="submit"
          block
          danger={verdict === 'refused'}
          loading={decide.isPending}
          className="decide-send"
        >
          {verdict === undefined
            ? t('access.decide.send')
            : t(
                `access.decide.${urgent ? (verdict === 'approved' ? 'confirm' : 'deny') : verdict === 'approved' ? 'approve' : 'refuse'}`,
              )}
        </Button>
        <p className="quiet small panel-text">{t('access.decide.onRecord')}</p>
        <p className="quiet small panel-text">{t('access.decide.shortcuts')}</p>
      </Form>
    </Panel>
  );
}

function RoleName({ value }: { readonly value?: ApproverRole }) {
  const { t } = useTranslation();
  return value ? <span className="strong">{t(`common.role.${value}`)}</span> : null;
}

/** Alt+A and Alt+R choose; sending stays a deliberate press of its own. */
function useVerdictKeys(choose: (verdict: 'approved' | 'refused') => void): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (!event.altKey || event.ctrlKey || event.metaKey) return;
      const verdict = event.code === 'KeyA' ? 'approved' : event.code === 'KeyR' ? 'refused' : null;
      if (!verdict) return;
      event.preventDefault();
      choose(verdict);
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  });
}
