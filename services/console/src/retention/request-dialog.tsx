import type { QueryKey } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { client } from '../app/api/client.ts';
import { FormDialog, TextField } from '../app/dialog/form-dialog.tsx';

interface RequestDialogProps {
  readonly evidence: readonly string[];
  readonly refresh: readonly QueryKey[];
  readonly onClose: () => void;
}

/** Asks that items be disposed of: all of them, or none. */
export function RequestDialog({ evidence, refresh, onClose }: RequestDialogProps) {
  const { t } = useTranslation();
  return (
    <FormDialog<{ reason: string }>
      title={t('retention.disposition.requestTitle', { count: evidence.length })}
      ok={t('retention.disposition.request')}
      danger
      send={({ reason }) => client.call('requestDisposition', { body: { evidence: [...evidence], reason } })}
      refresh={refresh}
      done={t('retention.disposition.done_request')}
      onClose={onClose}
    >
      <p>{t('retention.disposition.requestHint')}</p>
      <TextField name="reason" label={t('retention.disposition.reason')} autoFocus />
    </FormDialog>
  );
}
