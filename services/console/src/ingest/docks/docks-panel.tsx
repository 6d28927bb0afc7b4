import { PlusOutlined } from '@ant-design/icons';
import type { Dock } from '@fengcun/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Form, Input, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { Loaded, Nothing } from '../../app/api/page-state.tsx';
import { ProblemNotice } from '../../app/api/problem-notice.tsx';
import { mayCall, useMe } from '../../app/session/use-session.ts';
import { Panel } from '../../app/shell/page.tsx';
import { When } from '../../format/when.tsx';
import { CreateDock } from './create-dock.tsx';

/** The docks of the reader's units; the security administrator adds and revokes them. */
export function DocksPanel() {
  const { t } = useTranslation();
  const me = useMe();
  const docks = useQuery({ queryKey: keys.docks, queryFn: ({ signal }) => client.call('listDocks', { signal }) });
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<Dock | null>(null);
  const mayRevoke = mayCall(me, 'revokeDock');
  return (
    <Panel
      title={t('ingest.docks.title')}
      tools={
        mayCall(me, 'createDock') && (
          <Button size="small" icon={<PlusOutlined />} onClick={() => setCreating(true)}>
            {t('ingest.docks.add')}
          </Button>
        )
      }
      flush
    >
      <Loaded query={docks}>
        {({ items }) =>
          items.length === 0 ? (
            <Nothing title={t('ingest.docks.none')} hint={t('ingest.docks.noneHint')} />
          ) : (
            <ul className="rows">
              {items.map((dock) => (
                <li key={dock.id} className="dock-row">
                  <span className="strong">{dock.name}</span>
                  <span className={`tag ${tones[dock.state]}`}>{t(`ingest.docks.state.${dock.state}`)}</span>
                  <span className="quiet small">
                    {dock.unit.name} · {t('ingest.docks.lastSeen')}{' '}
                    {dock.lastSeenAt ? <When at={dock.lastSeenAt} /> : t('ingest.docks.never')}
                  </span>
                  {mayRevoke && dock.state !== 'revoked' ? (
                    <Button size="small" type="link" danger onClick={() => setRevoking(dock)}>
                      {t('ingest.docks.revoke')}
                    </Button>
                  ) : (
                    <span />
                  )}
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      {creating && <CreateDock onClose={() => setCreating(false)} />}
      {revoking && <RevokeDock dock={revoking} onClose={() => setRevoking(null)} />}
    </Panel>
  );
}

const tones: Record<Dock['state'], string> = { awaiting_enrolment: 'warn', enrolled: 'good', revoked: 'plain' };

function RevokeDock({ dock, onClose }: { readonly dock: Dock; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const queryClient = useQueryClient();
  const [form] = Form.useForm<{ reason: string }>();
  const revoke = useMutation({
    mutationFn: ({ reason }: { reason: string }) =>
      client.call('revokeDock', { params: { id: dock.id }, body: { reason: reason.trim() } }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: keys.docks });
      message.success(t('ingest.docks.revoked'));
      onClose();
    },
  });
  return (
    <Modal
      open
      title={t('ingest.docks.revokeTitle', { name: dock.name })}
      onCancel={onClose}
      onOk={form.submit}
      okText={t('ingest.docks.revoke')}
      okButtonProps={{ danger: true }}
      confirmLoading={revoke.isPending}
    >
      <p>{t('ingest.docks.revokeHint')}</p>
      <Form form={form} layout="vertical" onFinish={(fields) => revoke.mutate(fields)}>
        <Form.Item
          name="reason"
          label={t('ingest.docks.revokeReason')}
          rules={[{ required: true, whitespace: true, message: t('common.required') }]}
        >
          <Input autoFocus maxLength={500} />
        </Form.Item>
      </Form>
      {revoke.error && <ProblemNotice error={revoke.error} />}
    </Modal>
  );
}
