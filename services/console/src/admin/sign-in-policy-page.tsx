import type { CallReply } from '@fengcun/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Form, Radio } from 'antd';
import { useTranslation } from 'react-i18next';
import { client } from '../app/api/client.ts';
import { keys } from '../app/api/keys.ts';
import { Loaded } from '../app/api/page-state.tsx';
import { ProblemNotice } from '../app/api/problem-notice.tsx';
import { mayCall, useMe } from '../app/session/use-session.ts';
import { Panel } from '../app/shell/page.tsx';
import { When } from '../format/when.tsx';

type Policy = CallReply<'getSignInPolicy'>;
const choices = ['off', 'approvers', 'everyone'] as const;

/** Who has to have a second factor. */
export function SignInPolicyPage() {
  const { t } = useTranslation();
  const policy = useQuery({
    queryKey: keys.signInPolicy,
    queryFn: ({ signal }) => client.call('getSignInPolicy', { signal }),
  });
  return (
    <Panel title={t('admin.signIn.title')} className="narrow-panel">
      <Loaded query={policy}>{(loaded) => <PolicyForm policy={loaded} />}</Loaded>
    </Panel>
  );
}

function PolicyForm({ policy }: { readonly policy: Policy }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const me = useMe();
  const queryClient = useQueryClient();
  const [form] = Form.useForm<Pick<Policy, 'secondFactor'>>();
  const chosen = Form.useWatch('secondFactor', form);
  const may = mayCall(me, 'changeSignInPolicy');
  const change = useMutation({
    mutationFn: (body: Pick<Policy, 'secondFactor'>) => client.call('changeSignInPolicy', { body }),
    onSuccess: async (changed) => {
      queryClient.setQueryData(keys.signInPolicy, changed);
      message.success(t('admin.signIn.changed'));
      await queryClient.invalidateQueries({ queryKey: keys.me });
    },
  });
  return (
    <Form
      form={form}
      layout="vertical"
      disabled={!may}
      initialValues={{ secondFactor: policy.secondFactor }}
      onFinish={(fields) => change.mutate(fields)}
    >
      <Form.Item name="secondFactor" label={t('admin.signIn.label')} extra={t('admin.signIn.hint')}>
        <Radio.Group
          vertical
          options={choices.map((value) => ({
            value,
            label: (
              <>
                {t(`admin.signIn.choice.${value}`)}
                <div className="quiet small">{t(`admin.signIn.choiceHint.${value}`)}</div>
              </>
            ),
          }))}
        />
      </Form.Item>
      {change.error && <ProblemNotice error={change.error} />}
      {may && (
        <Button
          type="primary"
          htmlType="submit"
          className="panel-send"
          disabled={chosen === policy.secondFactor}
          loading={change.isPending}
        >
          {t('common.save')}
        </Button>
      )}
      <p className="quiet small panel-note">
        {t('admin.signIn.changedAt')}
        {t('common.colon')}
        {policy.changedAt ? <When at={policy.changedAt} /> : t('admin.signIn.default')}
      </p>
    </Form>
  );
}
