import type { Grant } from '@fengcun/contracts';
import { useTranslation } from 'react-i18next';
import { client } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { FormDialog, TextField } from '../../app/dialog/form-dialog.tsx';

interface RevokeGrantProps {
  readonly grant: Grant;
  /** the reader holds it and gives it back */
  readonly own: boolean;
  readonly onClose: () => void;
}

/** Ends a permission now, also in the middle of a play. */
export function RevokeGrant({ grant, own, onClose }: RevokeGrantProps) {
  const { t } = useTranslation();
  return (
    <FormDialog<{ reason: string }>
      title={t(own ? 'access.grant.giveBackTitle' : 'access.grant.revokeTitle')}
      ok={t(own ? 'access.grant.giveBack' : 'access.grant.revoke')}
      danger
      send={({ reason }) => client.call('revokeGrant', { params: { id: grant.id }, body: { reason: reason.trim() } })}
      refresh={[keys.grants, keys.requests, keys.evidenceItems]}
      done={t('access.grant.revoked')}
      onClose={onClose}
    >
      <p>{t('access.grant.revokeHint')}</p>
      <TextField name="reason" label={t('access.grant.reason')} autoFocus />
    </FormDialog>
  );
}
