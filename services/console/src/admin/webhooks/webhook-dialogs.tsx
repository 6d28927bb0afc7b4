import { type CallReply, type NotificationKind, notificationKinds, type Webhook } from '@fengcun/contracts';
import { Checkbox, Form, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { client } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { FormDialog, TextField } from '../../app/dialog/form-dialog.tsx';

type Made = CallReply<'createWebhook'>;

function KindsField() {
  const { t } = useTranslation();
  return (
    <Form.Item name="kinds" label={t('admin.webhooks.kinds')} extra={t('admin.webhooks.kindsHint')}>
      <Select
        mode="multiple"
        allowClear
        options={notificationKinds.map((kind) => ({ value: kind, label: t(`notifications.name.${kind}`) }))}
        showSearch={{ optionFilterProp: 'label' }}
      />
    </Form.Item>
  );
}

interface CreateProps {
  readonly onMade: (made: Made) => void;
  readonly onClose: () => void;
}

export function CreateWebhook({ onMade, onClose }: CreateProps) {
  const { t } = useTranslation();
  return (
    <FormDialog<{ name: string; url: string; kinds?: NotificationKind[] }, Made>
      title={t('admin.webhooks.add')}
      send={({ name, url, kinds = [] }) =>
        client.call('createWebhook', { body: { name: name.trim(), url: url.trim(), kinds } })
      }
      refresh={[keys.webhooks]}
      onDone={onMade}
      onClose={onClose}
    >
      <TextField name="name" label={t('admin.webhooks.name')} maxLength={100} autoFocus />
      <TextField
        name="url"
        label={t('admin.webhooks.url')}
        placeholder="https://"
        maxLength={1000}
        pattern={{ value: /^\s*https?:\/\/[!-~]+\s*$/, message: t('admin.webhooks.urlShape') }}
      />
      <KindsField />
    </FormDialog>
  );
}

export function ChangeWebhook({ webhook, onClose }: { readonly webhook: Webhook; readonly onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <FormDialog<{ name: string; kinds: NotificationKind[]; disabled: boolean }>
      title={webhook.name}
      initial={{ name: webhook.name, kinds: webhook.kinds, disabled: webhook.disabledAt !== null }}
      send={({ name, kinds, disabled }) =>
        client.call('changeWebhook', { params: { id: webhook.id }, body: { name: name.trim(), kinds, disabled } })
      }
      refresh={[keys.webhooks]}
      done={t('admin.webhooks.changed')}
      onClose={onClose}
    >
      <TextField name="name" label={t('admin.webhooks.name')} maxLength={100} autoFocus />
      <KindsField />
      <Form.Item name="disabled" valuePropName="checked">
        <Checkbox>{t('admin.webhooks.disable')}</Checkbox>
      </Form.Item>
    </FormDialog>
  );
}
