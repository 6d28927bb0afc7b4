import { useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../app/api/client.ts';
import { keys } from '../app/api/keys.ts';
import { Dialog } from '../app/dialog/dialog.tsx';
import { FormDialog, TextField } from '../app/dialog/form-dialog.tsx';
import { useMe } from '../app/session/use-session.ts';
import { Panel } from '../app/shell/page.tsx';
import { Enrolment } from './enrolment.tsx';
import { RecoveryCodes } from './recovery-codes.tsx';

type Doing =
  | { readonly what: 'enrol' | 'renew' | 'remove' }
  | { readonly what: 'codes'; readonly codes: readonly string[] };

/** The authenticator of the signed-in person: whether there is one, its recovery codes, and the way to change either. */
export function SecondFactorPanel() {
  const { t } = useTranslation();
  const { secondFactor } = useMe();
  const queryClient = useQueryClient();
  const [doing, setDoing] = useState<Doing | null>(null);
  const close = () => {
    setDoing(null);
    void queryClient.invalidateQueries({ queryKey: keys.me });
  };
  const { enrolled, required, recoveryCodesLeft } = secondFactor;
  const few = enrolled && recoveryCodesLeft <= 3;
  return (
    <Panel
      title={t('account.factor.title')}
      tools={
        <span className={enrolled ? 'tag good' : 'tag warn'}>
          {t(enrolled ? 'account.factor.on' : 'account.factor.off')}
        </span>
      }
    >
      <p className="panel-text">{t(required ? 'account.factor.required' : 'account.factor.optional')}</p>
      {enrolled && (
        <p className={few ? 'warn panel-text' : 'quiet panel-text'}>
          {t('account.factor.codesLeft', { count: recoveryCodesLeft })}
        </p>
      )}
      <div className="panel-buttons">
        {enrolled ? (
          <>
            <Button onClick={() => setDoing({ what: 'renew' })}>{t('account.factor.renew')}</Button>
            {!required && (
              <Button danger onClick={() => setDoing({ what: 'remove' })}>
                {t('account.factor.remove')}
              </Button>
            )}
          </>
        ) : (
          <Button type="primary" onClick={() => setDoing({ what: 'enrol' })}>
            {t('account.factor.enrol')}
          </Button>
        )}
      </div>
      {doing?.what === 'enrol' && (
        <Dialog open title={t('account.factor.enrol')} footer={null} onCancel={close} mask={{ closable: false }}>
          <p>{t('account.factor.scan')}</p>
          <Enrolment onDone={(codes) => setDoing({ what: 'codes', codes })} />
        </Dialog>
      )}
      {doing?.what === 'codes' && (
        <Dialog
          open
          title={t('account.recovery.codes')}
          closable={false}
          keyboard={false}
          mask={{ closable: false }}
          footer={
            <Button type="primary" onClick={close}>
              {t('account.recovery.saved')}
            </Button>
          }
        >
          <RecoveryCodes codes={doing.codes} />
        </Dialog>
      )}
      {doing?.what === 'renew' && (
        <FormDialog<{ code: string }, { recoveryCodes: string[] }>
          title={t('account.factor.renew')}
          send={({ code }) => client.call('renewRecoveryCodes', { body: { code: code.trim() } })}
          onDone={({ recoveryCodes }) => setDoing({ what: 'codes', codes: recoveryCodes })}
          onClose={close}
        >
          <p>{t('account.factor.renewHint')}</p>
          <TextField
            name="code"
            label={t('account.factor.codeOrRecovery')}
            maxLength={32}
            autoFocus
            autoComplete="one-time-code"
          />
        </FormDialog>
      )}
      {doing?.what === 'remove' && (
        <FormDialog<{ code: string }>
          title={t('account.factor.remove')}
          danger
          ok={t('account.factor.remove')}
          send={({ code }) => client.call('removeSecondFactor', { body: { code: code.trim() } })}
          done={t('account.factor.removed')}
          onClose={close}
        >
          <TextField
            name="code"
            label={t('account.factor.codeOrRecovery')}
            maxLength={32}
            autoFocus
            autoComplete="one-time-code"
          />
        </FormDialog>
      )}
    </Panel>
  );
}
