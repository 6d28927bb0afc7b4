import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Divider, Form, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'react-router';
import { client } from '../app/api/client.ts';
import { forgetEverybody, keys } from '../app/api/keys.ts';
import { ProblemNotice } from '../app/api/problem-notice.tsx';
import type { SiteInfo } from '../app/session/use-session.ts';
import { siteName } from '../format/site-name.ts';
import { SignInFrame } from './frame.tsx';
import { oidcLink, problemOfAddress } from './oidc.ts';

interface Fields {
  readonly login: string;
  readonly password: string;
}

/** Stands in place of whatever page was asked for; after signing in that page appears. */
export function SignInPage({ site }: { readonly site: SiteInfo }) {
  const { t } = useTranslation();
  const location = useLocation();
  const queryClient = useQueryClient();
  const [ended] = useState(() => queryClient.getQueryData(keys.sessionEnded) === true);
  const signIn = useMutation({
    mutationFn: (body: Fields) => client.call('signIn', { body }),
    onSuccess: (me) => {
      // Nothing that the last person could see may be shown to the next one.
      queryClient.removeQueries({ predicate: forgetEverybody });
      queryClient.setQueryData(keys.me, me);
    },
  });
  const problem = problemOfAddress(location.search);
  const { oidc } = site.signIn;
  return (
    <SignInFrame site={site} title={t('signIn.title')} heading={siteName(site.name, t)}>
      {problem && !signIn.error && (
        <Alert
          className="sign-in-alert"
          type="error"
          showIcon
          role="alert"
          title={t(`signIn.oidcProblem.${problem}`)}
        />
      )}
      {ended && !problem && !signIn.error && (
        <Alert className="sign-in-alert" type="info" showIcon role="status" title={t('signIn.ended')} />
      )}
      <Form<Fields> layout="vertical" requiredMark={false} size="large" onFinish={(fields) => signIn.mutate(fields)}>
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
      {oidc && (
        <>
          <Divider plain>{t('signIn.or')}</Divider>
          <Button block size="large" href={oidcLink(location)} className="sign-in-oidc">
            {oidc.label}
          </Button>
        </>
      )}
      <p className="quiet small">{t('signIn.notice')}</p>
    </SignInFrame>
  );
}
