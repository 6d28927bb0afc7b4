import type { Offload } from '@fengcun/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button, Form, Input, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { ProblemNotice } from '../../app/api/problem-notice.tsx';
import { mayCall, useMe } from '../../app/session/use-session.ts';
import { Panel } from '../../app/shell/page.tsx';
import { When } from '../../format/when.tsx';

type Gap = Offload['gaps'][number];

/** Numbers that the device counted and nobody has seen. Open until someone says why, by name. */
export function GapsPanel({ offload }: { readonly offload: Offload }) {
  const { t } = useTranslation();
  const me = useMe();
  const [explaining, setExplaining] = useState<Gap | null>(null);
  const may = mayCall(me, 'explainGap');
  return (
    <Panel title={t('ingest.offload.gapsTitle')}>
      {offload.gaps.length === 0 ? (
        <p className="good panel-text">{t('ingest.offload.gapsNone')}</p>
      ) : (
        <>
          <p className="quiet small panel-text">{t('ingest.offload.gapsHint')}</p>
          <ul className="rows">
            {offload.gaps.map((gap) => (
              <li key={gap.id} className="gap-row">
                <span className={gap.explained ? 'num' : 'num warn strong'}>
                  <GapWords gap={gap} />
                </span>
                {!gap.explained && may && (
                  <Button size="small" onClick={() => setExplaining(gap)}>
                    {t('ingest.offload.explain')}
                  </Button>
                )}
                {gap.explained && (
                  <>
                    <When at={gap.explained.at} />
                    <span className="quiet">
                      {t('ingest.offload.explainedBy', { by: gap.explained.by })}: {gap.explained.reason}
                    </span>
                  </>
                )}
              </li>
            ))}
          </ul>
        </>
      )}
      {explaining && <ExplainGap gap={explaining} offload={offload.id} onClose={() => setExplaining(null)} />}
    </Panel>
  );
}

function GapWords({ gap }: { readonly gap: Gap }) {
  const { t } = useTranslation();
  const { from, to } = gap;
  return from === to
    ? t('ingest.offload.gapOne', { from })
    : t('ingest.offload.gapRange', { from, to, count: to - from + 1 });
}

function ExplainGap({ gap, offload, onClose }: { gap: Gap; offload: string; onClose: () => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const queryClient = useQueryClient();
  const [form] = Form.useForm<{ reason: string }>();
  const explain = useMutation({
    mutationFn: ({ reason }: { reason: string }) =>
      client.call('explainGap', { params: { id: gap.id }, body: { reason: reason.trim() } }),
    onSuccess: async () => {
      await Promise.all([
        queryClient.invalidateQueries({ queryKey: keys.offload(offload) }),
        queryClient.invalidateQueries({ queryKey: keys.alarms }),
      ]);
      message.success(t('ingest.offload.explained'));
      onClose();
    },
  });
  return (
    <Modal
      open
      title={t('ingest.offload.explainTitle')}
      onCancel={onClose}
      onOk={form.submit}
      okText={t('common.save')}
      confirmLoading={explain.isPending}
    >
      <p className="num strong">
        <GapWords gap={gap} />
      </p>
      <Form form={form} layout="vertical" onFinish={(fields) => explain.mutate(fields)}>
        <Form.Item
          name="reason"
          label={t('ingest.offload.reason')}
          extra={t('ingest.offload.explainHint')}
          rules={[{ required: true, whitespace: true, message: t('common.required') }]}
        >
          <Input autoFocus maxLength={500} placeholder={t('ingest.offload.reasonPlaceholder')} />
        </Form.Item>
      </Form>
      {explain.error && <ProblemNotice error={explain.error} />}
    </Modal>
  );
}
