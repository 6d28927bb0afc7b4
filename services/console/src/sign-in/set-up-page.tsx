import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button, Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { type NewPassword, NewPasswordFields } from '../account/new-password-fields.tsx';
import { client } from '../app/api/client.ts';
import { keys } from '../app/api/keys.ts';
import { ProblemNotice } from '../app/api/problem-notice.tsx';
import type { SiteInfo } from '../app/session/use-session.ts';
import { SignInFrame } from './frame.tsx';

interface Fields extends NewPassword {
  readonly code: string;
  readonly unitName: string;
  readonly unitCode: string;
  readonly name: string;
  readonly login: string;
}

/** The first thing that happens at an empty site: its topmost unit and its first security administrator. */
export function SetUpPage({ site }: { readonly site: SiteInfo }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const queryClient = useQueryClient();
  const [form] = Form.useForm<Fields>();
  const login = Form.useWatch('login', form) ?? '';
  const name = Form.useWatch('name', form) ?? '';
  const setUp = useMutation({
    mutationFn: (fields: Fields) =>
      client.call('setUp', {
        body: {
          code: fields.code.trim(),
          unit: { name: fields.unitName.trim(), code: fields.unitCode.trim() },
          login: fields.login.trim(),
          name: fields.name.trim(),
          password: fields.next,
        },
      }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: keys.site });
      message.success(t('signIn.setUp.done'));
    },
  });
  const required = [{ required: true, whitespace: true, message: t('common.required') }];
  return (
    <SignInFrame site={site} title={t('signIn.setUp.title')} heading={t('signIn.setUp.title')}>
      <p>{t('signIn.setUp.hint')}</p>
      <Form<Fields>
        form={form}
        layout="vertical"
        requiredMark={false}
        className="set-up"
        // The start prints an address with the code behind `#`, which no server ever sees.
        initialValues={{ code: decodeURIComponent(window.location.hash.slice(1)) }}
        onFinish={(fields) => setUp.mutate(fields)}
      >
        <Form.Item name="code" label={t('signIn.setUp.code')} extra={t('signIn.setUp.codeHint')} rules={required}>
          <Input autoFocus autoComplete="off" maxLength={64} spellCheck={false} className="sign-in-code" />
        </Form.Item>
        <div className="set-up-row">
          <Form.Item name="unitName" label={t('signIn.setUp.unit')} rules={required}>
            <Input maxLength={100} placeholder={t('signIn.setUp.unitPlaceholder')} />
          </Form.Item>
          <Form.Item name="unitCode" label={t('signIn.setUp.unitCode')} rules={required}>
            <Input maxLength={32} placeholder="330100" />
          </Form.Item>
        </div>
        <div className="set-up-row">
          <Form.Item name="name" label={t('signIn.setUp.name')} rules={required}>
            <Input maxLength={64} autoComplete="name" />
          </Form.Item>
          <Form.Item
            name="login"
            label={t('signIn.login')}
            rules={[
              { required: true, message: t('common.required') },
              { pattern: /^[A-Za-z0-9][A-Za-z0-9._@-]{1,63}$/, message: t('account.loginShape') },
            ]}
          >
            <Input maxLength={64} autoComplete="username" spellCheck={false} />
          </Form.Item>
        </div>
        <NewPasswordFields personal={[login, name]} />
        {setUp.error && <ProblemNotice error={setUp.error} />}
        <Button
          type="primary"
          size="large"
          htmlType="submit"
          block
          loading={setUp.isPending}
          className="sign-in-submit"
        >
          {t('signIn.setUp.submit')}
        </Button>
      </Form>
    </SignInFrame>
  );
}
