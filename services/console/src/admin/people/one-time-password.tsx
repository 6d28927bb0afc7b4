import type { CallReply } from '@fengcun/contracts';
import { useTranslation } from 'react-i18next';
import { OnceDialog } from '../../app/dialog/once-dialog.tsx';
import { When } from '../../format/when.tsx';

interface OneTimePasswordProps {
  readonly made: CallReply<'createAccount'>;
  readonly onClose: () => void;
}

export function OneTimePassword({ made, onClose }: OneTimePasswordProps) {
  const { t } = useTranslation();
  return (
    <OnceDialog
      title={t('admin.person.onceTitle', { name: made.account.name })}
      warning={t('admin.person.onceWarning')}
      secret={made.oneTimePassword ?? ''}
      what={t('admin.person.oncePassword')}
      doneText={t('admin.person.onceDone')}
      onClose={onClose}
    >
      <p className="quiet">
        {t('admin.person.onceUntil')} <When at={made.expiresAt} />
      </p>
    </OnceDialog>
  );
}
