import type { CopyOperation, ItemPermission } from '@fengcun/contracts';
import { Form, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { FormDialog } from '../app/dialog/form-dialog.tsx';

interface Asked {
  readonly recipient?: string;
  readonly purpose?: ItemPermission['purposes'][number];
}

interface AskDialogProps {
  readonly operation: CopyOperation;
  /** not empty: one has to be chosen */
  readonly purposes: ItemPermission['purposes'];
  readonly send: (asked: Asked) => Promise<unknown>;
  readonly onClose: () => void;
}

/** What has to be said before a copy is made: to whom it goes, what it is for. */
export function AskDialog({ operation, purposes, send, onClose }: AskDialogProps) {
  const { t } = useTranslation();
  return (
    <FormDialog<Asked>
      title={`${t('copies.ask')} · ${t(`copies.what.${operation}`)}`}
      ok={t('copies.make')}
      send={send}
      onClose={onClose}
    >
      {operation === 'disclose' && (
        <Form.Item
          name="recipient"
          label={t('copies.recipient')}
          extra={t('copies.recipientHint')}
          rules={[{ required: true, whitespace: true }]}
        >
          <Input maxLength={60} autoComplete="off" />
        </Form.Item>
      )}
      {purposes.length > 0 && (
        <Form.Item name="purpose" label={t('copies.purpose')} rules={[{ required: true }]}>
          <Select options={purposes.map((purpose) => ({ value: purpose, label: t(`policy.purpose.${purpose}`) }))} />
        </Form.Item>
      )}
    </FormDialog>
  );
}
