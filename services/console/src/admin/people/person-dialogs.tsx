import type { Account, CallReply } from '@fengcun/contracts';
import { useTranslation } from 'react-i18next';
import { client } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { FormDialog, TextField } from '../../app/dialog/form-dialog.tsx';
import { UnitField } from '../../app/dialog/unit-field.tsx';

export type PersonAction = 'edit' | 'disable' | 'enable' | 'resetPassword' | 'resetFactor' | 'link' | 'unlink';

interface PersonDialogProps {
  readonly account: Account;
  readonly action: PersonAction;
  readonly onPassword: (made: CallReply<'resetPassword'>) => void;
  readonly onClose: () => void;
}

/** The dialog of one thing that is done to an account. */
export function PersonDialog({ account, action, onPassword, onClose }: PersonDialogProps) {
  const { t } = useTranslation();
  const params = { id: account.id };
  const shared = { refresh: [keys.accounts], onClose } as const;
  switch (action) {
    case 'edit':
      return <EditPerson account={account} onClose={onClose} />;
    case 'disable':
      return (
        <FormDialog<Reason>
          {...shared}
          title={t('admin.person.disable')}
          ok={t('admin.person.disable')}
          danger
          send={({ reason }) => client.call('disableAccount', { params, body: { reason: reason.trim() } })}
          done={t('admin.person.disabled')}
        >
          <WhyField hint={t('admin.person.disableHint')} />
        </FormDialog>
      );
    case 'enable':
      return (
        <FormDialog<Reason>
          {...shared}
          title={t('admin.person.enable')}
          ok={t('admin.person.enable')}
          send={({ reason }) => client.call('enableAccount', { params, body: { reason: reason.trim() } })}
          done={t('admin.person.enabled')}
        >
          <WhyField />
        </FormDialog>
      );
    case 'resetPassword':
      return (
        <FormDialog<Reason, CallReply<'resetPassword'>>
          {...shared}
          title={t('admin.person.resetPassword')}
          ok={t('admin.person.resetPassword')}
          danger
          send={({ reason }) => client.call('resetPassword', { params, body: { reason: reason.trim() } })}
          onDone={(made) => {
            onClose();
            onPassword(made);
          }}
        >
          <WhyField hint={t('admin.person.resetPasswordHint')} />
        </FormDialog>
      );
    case 'resetFactor':
      return (
        <FormDialog<Reason>
          {...shared}
          title={t('admin.person.resetFactor')}
          ok={t('admin.person.resetFactor')}
          danger
          send={({ reason }) => client.call('resetSecondFactor', { params, body: { reason: reason.trim() } })}
          done={t('admin.person.factorReset')}
        >
          <WhyField hint={t('admin.person.resetFactorHint')} />
        </FormDialog>
      );
    case 'link':
      return (
        <FormDialog<{ subject: string }>
          {...shared}
          title={t('admin.person.linkIdentity')}
          send={({ subject }) => client.call('linkIdentity', { params, body: { subject: subject.trim() } })}
          done={t('admin.person.linked')}
        >
          <p>{t('admin.person.linkHint')}</p>
          <TextField name="subject" label={t('admin.person.subject')} maxLength={255} autoFocus />
        </FormDialog>
      );
    case 'unlink':
      return (
        <FormDialog<object>
          {...shared}
          title={t('admin.person.unlinkIdentity')}
          ok={t('admin.person.unlinkIdentity')}
          danger
          send={() => client.call('unlinkIdentity', { params })}
          done={t('admin.person.unlinked')}
        >
          <p>{t('admin.person.unlinkConfirm')}</p>
        </FormDialog>
      );
  }
}

interface Reason {
  readonly reason: string;
}

function WhyField({ hint }: { readonly hint?: string }) {
  const { t } = useTranslation();
  return (
    <>
      {hint && <p>{hint}</p>}
      <TextField name="reason" label={t('admin.person.reason')} autoFocus />
    </>
  );
}

interface EditFields {
  readonly name: string;
  readonly login: string;
  readonly officerNumber?: string;
  readonly unit: string;
}

function EditPerson({ account, onClose }: { readonly account: Account; readonly onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <FormDialog<EditFields>
      title={t('admin.person.edit')}
      initial={{
        name: account.name,
        login: account.login,
        unit: account.unit.id,
        ...(account.officerNumber ? { officerNumber: account.officerNumber } : {}),
      }}
      send={(fields) => {
        const officerNumber = fields.officerNumber?.trim() || null;
        // Only what differs: each change is an event that names what changed.
        return client.call('changeAccount', {
          params: { id: account.id },
          body: {
            ...(fields.name.trim() === account.name ? {} : { name: fields.name.trim() }),
            ...(fields.login.trim() === account.login ? {} : { login: fields.login.trim() }),
            ...(officerNumber === account.officerNumber ? {} : { officerNumber }),
            ...(fields.unit === account.unit.id ? {} : { unit: fields.unit }),
          },
        });
      }}
      refresh={[keys.accounts]}
      done={t('admin.person.changed')}
      onClose={onClose}
    >
      <TextField name="name" label={t('admin.person.name')} maxLength={64} autoFocus />
      <TextField
        name="login"
        label={t('admin.person.login')}
        maxLength={64}
        pattern={{ value: /^\s*[A-Za-z0-9][A-Za-z0-9._@-]{1,63}\s*$/, message: t('account.loginShape') }}
      />
      <TextField
        name="officerNumber"
        label={t('admin.person.officerNumber')}
        maxLength={32}
        optional
        pattern={{ value: /^\s*[A-Za-z0-9-]{1,32}\s*$/, message: t('admin.person.officerNumberShape') }}
      />
      <UnitField name="unit" label={t('admin.person.unit')} />
    </FormDialog>
  );
}
