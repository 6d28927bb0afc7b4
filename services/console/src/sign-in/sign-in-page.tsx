import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button, Form, Input } from 'antd';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../app/api/client.ts';
import { keys } from '../app/api/keys.ts';
import { ProblemNotice } from '../app/api/problem-notice.tsx';
import type { SiteInfo } from '../app/session/use-session.ts';
import { Brand } from '../app/shell/brand.tsx';
import { LanguageSwitch } from '../app/shell/language-switch.tsx';
import './sign-in.css';

interface Fields {
  readonly login: string;
  readonly password: string;
}

/** Stands in place of whatever page was asked for; after signing in that page appears. */
export function SignInPage({ site }: { readonly site: SiteInfo }) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const signIn = useMutation({
    mutationFn: (body: Fields) => client.call('signIn', { body }),
    onSuccess: (me) => {
      // Nothing that the last person could see may be shown to the next one.
      queryClient.removeQueries({
        predicate: ({ queryKey }) => queryKey[0] !== keys.site[0] && queryKey[0] !== keys.me[0],
      });
      queryClient.setQueryData(keys.me, me);
    },
  });
  useEffect(() => {
    document.title = `${t('signIn.title')} · ${t('common.productLong')}`;
  }, [t]);
  return (
    <div className="sign-in">
      <aside className="sign-in-side">
        <Brand />
        <div>
          <p className="sign-in-promise">{t('signIn.promise')}</p>
          <ul className="sign-in-points">
            <li>{t('signIn.points.sealed')}</li>
            <li>{t('signIn.points.recorded')}</li>
            <li>{t('signIn.points.verifiable')}</li>
          </ul>
        </div>
        <p className="sign-in-version">{t('signIn.version', { version: site.version })}</p>
      </aside>
      <main className="sign-in-main">
        <div className="sign-in-language">
          <LanguageSwitch />
        </div>
        <div className="sign-in-card">
          <h1>{site.name}</h1>
          <Form<Fields>
            layout="vertical"
            requiredMark={false}
            size="large"
            onFinish={(fields) => signIn.mutate(fields)}
          >
            <Form.Item
              name="login"
              label={t('signIn.login')}
              rules={[{ required: true, message: t('signIn.loginRequired') }]}
            >
              <Input autoFocus autoComplete="username" maxLength={64} spellCheck={false} />
            </Form.Item>
            <Form.Item
              name="password"
              label={t('signIn.password')}
              rules={[{ required: true, message: t('signIn.passwordRequired') }]}
            >
              <Input.Password autoComplete="current-password" maxLength={256} />
            </Form.Item>
            {signIn.error && <ProblemNotice error={signIn.error} />}
            <Button type="primary" htmlType="submit" block loading={signIn.isPending} className="sign-in-submit">
              {t('signIn.submit')}
            </Button>
          </Form>
          <p className="quiet small">{t('signIn.notice')}</p>
        </div>
      </main>
    </div>
  );
}
