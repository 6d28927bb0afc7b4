import { BellOutlined } from '@ant-design/icons';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Badge, Button, Popover } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { client } from '../app/api/client.ts';
import { keys } from '../app/api/keys.ts';
import { Loaded } from '../app/api/page-state.tsx';
import { NotificationRow } from './notification-row.tsx';
import { recentNotifications } from './unread.ts';
import './notifications.css';

/** What one was told, live: requests to decide, decisions on one's own, permissions taken back. */
export function NotificationsBell() {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const recent = useQuery(recentNotifications);
  const read = useReadNotifications();
  const unread = recent.data?.unread ?? 0;
  const label = unread > 0 ? t('notifications.unread', { count: unread }) : t('notifications.noneUnread');
  const list = (
    <div className="bell-list">
      <div className="bell-head">
        <span className="strong">{label}</span>
        {unread > 0 && (
          <Button size="small" type="link" loading={read.isPending} onClick={() => read.mutate(undefined)}>
            {t('notifications.readAll')}
          </Button>
        )}
      </div>
      <Loaded query={recent} rows={3}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="quiet">{t('notifications.none')}</p>
          ) : (
            <ul className="rows">
              {items.map((notification) => (
                <NotificationRow
                  key={notification.id}
                  notification={notification}
                  onOpen={() => {
                    setOpen(false);
                    if (!notification.readAt) read.mutate([notification.id]);
                  }}
                />
              ))}
            </ul>
          )
        }
      </Loaded>
      <Link to="/notifications" onClick={() => setOpen(false)}>
        {t('notifications.seeAll')}
      </Link>
    </div>
  );
  return (
    <>
      <Popover content={list} trigger="click" placement="bottomRight" open={open} onOpenChange={setOpen}>
        <Button
          type="text"
          aria-label={label}
          icon={
            <Badge count={unread} size="small" overflowCount={99} offset={[unread > 9 ? 8 : 2, -2]}>
              <BellOutlined aria-hidden="true" />
            </Badge>
          }
        />
      </Popover>
      <span className="visually-hidden" role="status">
        {unread > 0 ? label : ''}
      </span>
    </>
  );
}

/** Marks notifications as read: those named, or all there are now. */
export function useReadNotifications() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (ids: string[] | undefined) => client.call('readNotifications', { body: ids ? { ids } : {} }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: keys.notifications }),
  });
}
