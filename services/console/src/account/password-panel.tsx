import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button, Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { client } from '../app/api/client.ts';
import { keys } from '../app/api/keys.ts';
import { ProblemNotice } from '../app/api/problem-notice.tsx';
import { useMe } from '../app/session/use-session.ts';
import { Panel } from '../app/shell/page.tsx';
import { type NewPassword, NewPasswordFields } from './new-password-fields.tsx';

interface Fields extends NewPassword {
  readonly current: string;
}

export function PasswordPanel() {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const me = useMe();
  const queryClient = useQueryClient();
  const [form] = Form.useForm<Fields>();
  const change = useMutation({
    mutationFn: ({ current, next }: Fields) => client.call('changePassword', { body: { current, next } }),
    onSuccess: async () => {
      form.resetFields();
      message.success(t('account.password.changed'));
      await queryClient.invalidateQueries({ queryKey: keys.mySessions });
    },
  });
  return (
    <Panel title={t('account.password.title')}>
      <Form<Fields> form={form} layout="vertical" requiredMark={false} onFinish={(fields) => change.mutate(fields)}>
        <input type="text" autoComplete="username" value={me.login} readOnly hidden />
        <Form.Item
          name="current"
          label={t('account.password.current')}
          rules={[{ required: true, message: t('common.required') }]}
        >
          <Input.Password autoComplete="current-password" maxLength={256} />
        </Form.Item>
        <NewPasswordFields personal={[me.login, me.name]} />
        {change.error && <ProblemNotice error={change.error} />}
        <Button type="primary" htmlType="submit" loading={change.isPending} className="panel-send">
          {t('account.password.change')}
        </Button>
        <span className="quiet small"> {t('account.password.othersEnd')}</span>
      </Form>
    </Panel>
  );
}
