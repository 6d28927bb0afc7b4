import type { Alarm } from '@fengcun/contracts';
import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { client } from '../app/api/client.ts';
import { keys } from '../app/api/keys.ts';
import { Loaded, Nothing } from '../app/api/page-state.tsx';
import { FormDialog, TextField } from '../app/dialog/form-dialog.tsx';
import { mayCall, useMe } from '../app/session/use-session.ts';
import { Panel } from '../app/shell/page.tsx';
import { FindingText } from '../format/finding-text.tsx';
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
      <div className="alarm-detail">
        <FindingText told={alarm} brief />
      </div>
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
  return (
    <FormDialog<{ note: string }>
      title={t('common.alarm.acknowledgeTitle')}
      ok={t('common.alarm.acknowledge')}
      send={({ note }) => client.call('acknowledgeAlarm', { params: { id: alarm.id }, body: { note: note.trim() } })}
      refresh={[keys.alarms, keys.overview]}
      done={t('common.alarm.acknowledged')}
      onClose={onClose}
    >
      <div className="alarm-quoted">
        <span className="danger strong">{t(`common.alarm.kind.${alarm.kind}`)}</span>
        <FindingText told={alarm} />
      </div>
      <TextField
        name="note"
        label={t('common.alarm.note')}
        extra={t('common.alarm.acknowledgeHint')}
        placeholder={t('common.alarm.notePlaceholder')}
        autoFocus
      />
    </FormDialog>
  );
}
