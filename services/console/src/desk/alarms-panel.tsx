import type { Alarm } from '@fengcun/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Form, Input, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { client } from '../app/api/client.ts';
import { keys } from '../app/api/keys.ts';
import { Loaded, Nothing } from '../app/api/page-state.tsx';
import { ProblemNotice } from '../app/api/problem-notice.tsx';
import { mayCall, useMe } from '../app/session/use-session.ts';
import { Panel } from '../app/shell/page.tsx';
import { When } from '../format/when.tsx';
import { alarmSubjectLink } from './alarm-link.ts';
import { openAlarms } from './open-alarms.ts';

/** Open alarms, each to be acknowledged by name with a note. */
export function AlarmsPanel() {
  const { t } = useTranslation();
  const me = useMe();
  const alarms = useQuery(openAlarms);
  const [handling, setHandling] = useState<Alarm | null>(null);
  const may = mayCall(me, 'acknowledgeAlarm');
  return (
    <div id="alarms" className="alarms">
      <Panel title={t('common.alarm.title')} flush>
        <Loaded query={alarms}>
          {({ items }) =>
            items.length === 0 ? (
              <Nothing title={t('desk.alarmsNone')} hint={t('desk.alarmsHint')} />
            ) : (
              <ul className="rows">
                {items.map((alarm) => (
                  <AlarmRow key={alarm.id} alarm={alarm} onHandle={may ? () => setHandling(alarm) : null} />
                ))}
              </ul>
            )
          }
        </Loaded>
        {!may && (alarms.data?.items.length ?? 0) > 0 && (
          <p className="quiet small alarms-note">{t('common.alarm.mayNot')}</p>
        )}
      </Panel>
      {handling && <Acknowledge alarm={handling} onClose={() => setHandling(null)} />}
    </div>
  );
}

function AlarmRow({ alarm, onHandle }: { readonly alarm: Alarm; readonly onHandle: (() => void) | null }) {
  const { t } = useTranslation();
  const link = alarmSubjectLink(alarm);
  return (
    <li className="alarm-row">
      <div className="alarm-head">
        <span className="danger strong">{t(`common.alarm.kind.${alarm.kind}`)}</span>
        <When at={alarm.raisedAt} />
      </div>
      <div className="alarm-detail">{alarm.detail}</div>
      <div className="alarm-foot">
        <span className="quiet">{alarm.unit?.name}</span>
        <span className="grow" />
        {link && <Link to={link}>{t('common.alarm.view')}</Link>}
        {onHandle && (
          <Button size="small" onClick={onHandle}>
            {t('common.alarm.acknowledge')}
          </Button>
        )}
      </div>
    </li>
  );
}

function Acknowledge({ alarm, onClose }: { readonly alarm: Alarm; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const queryClient = useQueryClient();
  const [form] = Form.useForm<{ note: string }>();
  const acknowledge = useMutation({
    mutationFn: ({ note }: { note: string }) =>
      client.call('acknowledgeAlarm', { params: { id: alarm.id }, body: { note: note.trim() } }),
    onSuccess: async () => {
      await Promise.all([
        queryClient.invalidateQueries({ queryKey: keys.alarms }),
        queryClient.invalidateQueries({ queryKey: keys.overview }),
      ]);
      message.success(t('common.alarm.acknowledged'));
      onClose();
    },
  });
  return (
    <Modal
      open
      title={t('common.alarm.acknowledgeTitle')}
      onCancel={onClose}
      onOk={form.submit}
      okText={t('common.alarm.acknowledge')}
      confirmLoading={acknowledge.isPending}
    >
      <p>
        <span className="danger strong">{t(`common.alarm.kind.${alarm.kind}`)}</span>
        <br />
        {alarm.detail}
      </p>
      <Form form={form} layout="vertical" onFinish={(fields) => acknowledge.mutate(fields)}>
        <Form.Item
          name="note"
          label={t('common.alarm.note')}
          rules={[{ required: true, whitespace: true, message: t('common.required') }]}
          extra={t('common.alarm.acknowledgeHint')}
        >
          <Input autoFocus maxLength={500} placeholder={t('common.alarm.notePlaceholder')} />
        </Form.Item>
      </Form>
      {acknowledge.error && <ProblemNotice error={acknowledge.error} />}
    </Modal>
  );
}
