import { useMutation } from '@tanstack/react-query';
import { Button, Form, Input, QRCode, Skeleton } from 'antd';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../app/api/client.ts';
import { ProblemNotice } from '../app/api/problem-notice.tsx';
import { CopyButton } from '../format/copy-button.tsx';
import './account.css';

/** Puts a secret into an authenticator and proves that it is there. The secret is in no cache. */
export function Enrolment({ onDone }: { readonly onDone: (recoveryCodes: readonly string[]) => void }) {
  const { t } = useTranslation();
  const begin = useMutation({ mutationFn: () => client.call('beginSecondFactor'), gcTime: 0 });
  const confirm = useMutation({
    mutationFn: ({ code }: { code: string }) =>
      client.call('confirmSecondFactor', { body: { code: code.replaceAll(' ', '') } }),
    onSuccess: ({ recoveryCodes }) => onDone(recoveryCodes),
    gcTime: 0,
  });
  const { mutate } = begin;
  useEffect(() => mutate(), [mutate]);
  if (begin.error) {
    return (
      <ProblemNotice error={begin.error} action={<Button onClick={() => begin.mutate()}>{t('common.retry')}</Button>} />
    );
  }
  if (!begin.data) return <Skeleton active title={false} paragraph={{ rows: 5 }} />;
  const { secret, uri } = begin.data;
  return (
    <>
      <div className="enrolment">
        <QRCode type="svg" value={uri} size={172} errorLevel="M" aria-label={t('account.factor.qr')} />
        <div>
          <p className="quiet small panel-text">{t('account.factor.byHand')}</p>
          <code className="enrolment-secret">{secret.match(/.{1,4}/g)?.join(' ') ?? secret}</code>{' '}
          <CopyButton value={secret} what={t('account.factor.secret')} />
        </div>
      </div>
      <Form layout="vertical" requiredMark={false} onFinish={(fields: { code: string }) => confirm.mutate(fields)}>
        <Form.Item
          name="code"
          label={t('account.factor.code')}
          rules={[{ required: true, pattern: /^ *[0-9]{3} ?[0-9]{3} *$/, message: t('signIn.codeShape') }]}
        >
          <Input autoComplete="one-time-code" inputMode="numeric" maxLength={8} className="enrolment-code" />
        </Form.Item>
        {confirm.error && <ProblemNotice error={confirm.error} />}
        <Button type="primary" htmlType="submit" loading={confirm.isPending} className="enrolment-confirm">
          {t('account.factor.confirm')}
        </Button>
      </Form>
    </>
  );
}
