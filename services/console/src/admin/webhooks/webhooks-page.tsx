import { PlusOutlined } from '@ant-design/icons';
import type { CallReply, Webhook } from '@fengcun/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { Loaded, Nothing } from '../../app/api/page-state.tsx';
import { ProblemNotice } from '../../app/api/problem-notice.tsx';
import { OnceDialog } from '../../app/dialog/once-dialog.tsx';
import { Panel } from '../../app/shell/page.tsx';
import { When } from '../../format/when.tsx';
import { Deliveries } from './deliveries.tsx';
import { ChangeWebhook, CreateWebhook } from './webhook-dialogs.tsx';

type Made = CallReply<'createWebhook'>;

/** Other programs that are told what people are told. */
export function WebhooksPage() {
  const { t } = useTranslation();
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<Made | null>(null);
  const [changing, setChanging] = useState<Webhook | null>(null);
  const [shown, setShown] = useState<string | null>(null);
  const webhooks = useQuery({
    queryKey: keys.webhooks,
    queryFn: ({ signal }) => client.call('listWebhooks', { signal }),
  });
  return (
    <div className="stack">
      <Panel
        title={t('admin.webhooks.title')}
        tools={
          <Button size="small" icon={<PlusOutlined aria-hidden="true" />} onClick={() => setMaking(true)}>
            {t('admin.webhooks.add')}
          </Button>
        }
        flush
      >
        <p className="quiet small panel-line">{t('admin.webhooks.hint')}</p>
        <Loaded query={webhooks}>
          {({ items }) =>
            items.length === 0 ? (
              <Nothing title={t('admin.webhooks.none')} hint={t('admin.webhooks.noneHint')} />
            ) : (
              <ul className="rows">
                {items.map((webhook) => (
                  <WebhookRow
                    key={webhook.id}
                    webhook={webhook}
                    open={shown === webhook.id}
                    onShow={() => setShown(shown === webhook.id ? null : webhook.id)}
                    onChange={() => setChanging(webhook)}
                  />
                ))}
              </ul>
            )
          }
        </Loaded>
      </Panel>
      {making && (
        <CreateWebhook
          onClose={() => setMaking(false)}
          onMade={(reply) => {
            setMaking(false);
            setMade(reply);
          }}
        />
      )}
      {made && (
        <OnceDialog
          title={t('admin.webhooks.secretTitle', { name: made.name })}
          warning={t('admin.webhooks.secretOnce')}
          secret={made.secret}
          what={t('admin.webhooks.secret')}
          doneText={t('admin.webhooks.secretDone')}
          onClose={() => setMade(null)}
        />
      )}
      {changing && <ChangeWebhook webhook={changing} onClose={() => setChanging(null)} />}
    </div>
  );
}

interface WebhookRowProps {
  readonly webhook: Webhook;
  readonly open: boolean;
  readonly onShow: () => void;
  readonly onChange: () => void;
}

function WebhookRow({ webhook, open, onShow, onChange }: WebhookRowProps) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const queryClient = useQueryClient();
  const { id, name, url, kinds, disabledAt, last } = webhook;
  const test = useMutation({
    mutationFn: () => client.call('testWebhook', { params: { id } }),
    onSuccess: async () => {
      message.success(t('admin.webhooks.tested'));
      await queryClient.invalidateQueries({ queryKey: keys.webhooks });
    },
  });
  return (
    <li className="webhook">
      <div className="webhook-head">
        <span className="strong">{name}</span>
        {disabledAt ? (
          <span className="tag plain">{t('admin.webhooks.disabled')}</span>
        ) : (
          last && (
            <span className={last.state === 'delivered' ? 'tag good' : 'tag danger'}>
              {t(`admin.webhooks.state.${last.state}`)}
            </span>
          )
        )}
        <span className="grow" />
        {!disabledAt && (
          <Button size="small" loading={test.isPending} onClick={() => test.mutate()}>
            {t('admin.webhooks.test')}
          </Button>
        )}
        <Button size="small" onClick={onChange}>
          {t('admin.webhooks.change')}
        </Button>
        <Button size="small" aria-expanded={open} onClick={onShow}>
          {t('admin.webhooks.deliveries')}
        </Button>
      </div>
      <code className="breakable small">{url}</code>
      <div className="quiet small">
        {kinds.length === 0
          ? t('admin.webhooks.everything')
          : kinds.map((kind) => t(`notifications.name.${kind}`)).join(t('common.listSeparator'))}
        {last && (
          <>
            {' · '}
            {t('admin.webhooks.last')} <When at={last.at} />
          </>
        )}
      </div>
      {test.error && <ProblemNotice error={test.error} />}
      {open && <Deliveries webhook={id} />}
    </li>
  );
}
