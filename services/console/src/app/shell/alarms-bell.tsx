import { AlertOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Badge, Button, Popover } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { alarmSubjectLink } from '../../desk/alarm-link.ts';
import { openAlarms } from '../../desk/open-alarms.ts';
import { FindingText } from '../../format/finding-text.tsx';
import { When } from '../../format/when.tsx';
import { client } from '../api/client.ts';
import { keys } from '../api/keys.ts';
import { Loaded } from '../api/page-state.tsx';

/** Open alarms, live; the bell stays until every one is acknowledged by name. */
export function AlarmsBell() {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const overview = useQuery({
    queryKey: keys.overview,
    queryFn: ({ signal }) => client.call('getOverview', { signal }),
  });
  const alarms = useQuery({ ...openAlarms, enabled: open });
  const count = overview.data?.alarms.open ?? 0;
  const list = (
    <div className="bell-list">
      <div className="bell-title">{count > 0 ? t('common.alarm.open', { count }) : t('common.alarm.none')}</div>
      {count > 0 && (
        <>
          <Loaded query={alarms} rows={3}>
            {({ items }) => (
              <>
                {items.slice(0, 6).map((alarm) => (
                  <div key={alarm.id} className="bell-item">
                    <div className="bell-item-head">
                      <span className="danger strong">{t(`common.alarm.kind.${alarm.kind}`)}</span>
                      <When at={alarm.raisedAt} />
                    </div>
                    <div className="bell-detail">
                      <FindingText told={alarm} brief />
                    </div>
                    {alarmSubjectLink(alarm) && (
                      <Link to={alarmSubjectLink(alarm) ?? '/'} onClick={() => setOpen(false)}>
                        {t('common.alarm.view')}
                      </Link>
                    )}
                  </div>
                ))}
              </>
            )}
          </Loaded>
          <Link to="/" onClick={() => setOpen(false)}>
            {t('common.alarm.seeAll')}
          </Link>
        </>
      )}
    </div>
  );
  return (
    <Popover content={list} trigger="click" placement="bottomRight" open={open} onOpenChange={setOpen}>
      <Button
        type="text"
        aria-label={count > 0 ? t('common.alarm.open', { count }) : t('common.alarm.none')}
        icon={
          <Badge count={count} size="small" overflowCount={99} offset={[count > 9 ? 8 : 2, -2]}>
            <AlertOutlined aria-hidden="true" />
          </Badge>
        }
      />
    </Popover>
  );
}
