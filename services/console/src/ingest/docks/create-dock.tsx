import type { CallReply } from '@fengcun/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Form, Input, Modal, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { client } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { ProblemNotice } from '../../app/api/problem-notice.tsx';
import { Command } from '../../format/command.tsx';
import { CopyButton } from '../../format/copy-button.tsx';
import { When } from '../../format/when.tsx';

interface Fields {
  readonly name: string;
  readonly unit: string;
}

/** Makes a dock and shows its one-time code, once. The code is in no cache: closing the dialog is the end of it here. */
export function CreateDock({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const [form] = Form.useForm<Fields>();
  const units = useQuery({ queryKey: keys.units, queryFn: ({ signal }) => client.call('listUnits', { signal }) });
  const create = useMutation({
    mutationFn: ({ name, unit }: Fields) => client.call('createDock', { body: { name: name.trim(), unit } }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: keys.docks }),
    gcTime: 0,
  });
  if (create.data) return <CodeDialog created={create.data} onClose={onClose} />;
  return (
    <Modal
      open
      title={t('ingest.docks.add')}
      onCancel={onClose}
      onOk={form.submit}
      okText={t('ingest.docks.add')}
      confirmLoading={create.isPending}
    >
      <Form form={form} layout="vertical" onFinish={(fields) => create.mutate(fields)}>
        <Form.Item
          name="name"
          label={t('ingest.docks.name')}
          rules={[{ required: true, whitespace: true, message: t('common.required') }]}
        >
          <Input autoFocus maxLength={100} placeholder={t('ingest.docks.namePlaceholder')} />
        </Form.Item>
        <Form.Item
          name="unit"
          label={t('ingest.docks.unit')}
          rules={[{ required: true, message: t('ingest.docks.unitRequired') }]}
        >
          <Select
            showSearch={{ optionFilterProp: 'label' }}
            loading={units.isPending}
            options={units.data?.items.map(({ id, name }) => ({ value: id, label: name })) ?? []}
          />
        </Form.Item>
      </Form>
      {units.error && <ProblemNotice error={units.error} />}
      {create.error && <ProblemNotice error={create.error} />}
    </Modal>
  );
}

function CodeDialog({ created, onClose }: { readonly created: CallReply<'createDock'>; readonly onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal
      open
      title={t('ingest.docks.codeTitle', { name: created.dock.name })}
      closable={false}
      mask={{ closable: false }}
      keyboard={false}
      footer={
        <Button type="primary" onClick={onClose}>
          {t('ingest.docks.codeDone')}
        </Button>
      }
    >
      <Alert type="warning" showIcon title={t('ingest.docks.codeOnce')} />
      <div className="code-box">
        {created.code}
        <CopyButton value={created.code} what={t('ingest.docks.code')} />
      </div>
      <p className="quiet">
        {t('ingest.docks.codeUntil')} <When at={created.codeExpiresAt} />
      </p>
      <p className="panel-text">{t('ingest.docks.codeCommand')}</p>
      <Command text={`fengcun-dock enroll ${window.location.origin} ${created.code}`} />
    </Modal>
  );
}
