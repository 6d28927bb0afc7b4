import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button, Form, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Enrolment } from '../account/enrolment.tsx';
import { type NewPassword, NewPasswordFields } from '../account/new-password-fields.tsx';
import { RecoveryCodes } from '../account/recovery-codes.tsx';
import { client } from '../app/api/client.ts';
import { keys } from '../app/api/keys.ts';
import { ProblemNotice } from '../app/api/problem-notice.tsx';
import { type Person, SessionContext, type SiteInfo } from '../app/session/use-session.ts';
import { useSignOut } from '../app/session/use-sign-out.ts';
import { SignInFrame } from './frame.tsx';

interface StepProps {
  readonly site: SiteInfo;
  readonly me: Person;
}

/** What a sign-in still waits for, in place of every page. */
export function PendingSteps({ site, me }: StepProps) {
  const { t } = useTranslation();
  const signOut = useSignOut();
  const step = me.pending ?? 'second_factor';
  return (
    <SessionContext value={{ me, site }}>
      <SignInFrame site={site} title={t(`signIn.step.${step}`)} heading={t(`signIn.step.${step}`)}>
        <p className="quiet sign-in-who">
          {me.name} · {me.login}
        </p>
        {step === 'second_factor' && <SecondFactorStep />}
        {step === 'new_password' && <NewPasswordStep me={me} />}
        {step === 'second_factor_enrolment' && <EnrolmentStep />}
        <Button type="link" className="sign-in-leave" loading={signOut.isPending} onClick={() => signOut.mutate()}>
          {t('signIn.other')}
        </Button>
      </SignInFrame>
    </SessionContext>
  );
}

function SecondFactorStep() {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const [recovering, setRecovering] = useState(false);
  const [form] = Form.useForm<{ code: string }>();
  const pass = useMutation({
    mutationFn: ({ code }: { code: string }) => client.call('passSecondFactor', { body: { code: code.trim() } }),
    onSuccess: (me) => queryClient.setQueryData(keys.me, me),
    onError: () => form.resetFields(),
  });
  const turn = () => {
    form.resetFields();
    pass.reset();
    setRecovering(!recovering);
  };
  return (
    <Form form={form} layout="vertical" requiredMark={false} size="large" onFinish={(fields) => pass.mutate(fields)}>
      <p>{t(recovering ? 'signIn.recoveryHint' : 'signIn.codeHint')}</p>
      <Form.Item
        key={recovering ? 'recovery' : 'code'}
        name="code"
        label={t(recovering ? 'signIn.recoveryCode' : 'signIn.code')}
        rules={
          recovering
            ? [{ required: true, whitespace: true, message: t('common.required') }]
            : [{ required: true, pattern: /^ *[0-9]{3} ?[0-9]{3} *$/, message: t('signIn.codeShape') }]
        }
      >
        <Input
          autoFocus
          className="sign-in-code"
          autoComplete="one-time-code"
          inputMode={recovering ? 'text' : 'numeric'}
          maxLength={recovering ? 32 : 8}
          spellCheck={false}
        />
      </Form.Item>
      {pass.error && <ProblemNotice error={pass.error} />}
      <Button type="primary" htmlType="submit" block loading={pass.isPending} className="sign-in-submit">
        {t('signIn.continue')}
      </Button>
      <Button type="link" block onClick={turn}>
        {t(recovering ? 'signIn.useCode' : 'signIn.useRecovery')}
      </Button>
    </Form>
  );
}

function NewPasswordStep({ me }: { readonly me: Person }) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const change = useMutation({
    mutationFn: ({ next }: NewPassword) => client.call('changePassword', { body: { next } }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: keys.me }),
  });
  return (
    <Form<NewPassword> layout="vertical" requiredMark={false} size="large" onFinish={(fields) => change.mutate(fields)}>
      <p>{t('signIn.newPasswordHint')}</p>
      <input type="text" autoComplete="username" value={me.login} readOnly hidden />
      <NewPasswordFields personal={[me.login, me.name]} autoFocus />
      {change.error && <ProblemNotice error={change.error} />}
      <Button type="primary" htmlType="submit" block loading={change.isPending} className="sign-in-submit">
        {t('signIn.continue')}
      </Button>
    </Form>
  );
}

function EnrolmentStep() {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  if (codes) {
    return (
      <>
        <RecoveryCodes codes={codes} />
        <Button
          type="primary"
          block
          size="large"
          className="sign-in-submit"
          onClick={() => void queryClient.invalidateQueries({ queryKey: keys.me })}
        >
          {t('account.recovery.saved')}
        </Button>
      </>
    );
  }
  return (
    <>
      <p>{t('signIn.enrolHint')}</p>
      <Enrolment onDone={setCodes} />
    </>
  );
}
