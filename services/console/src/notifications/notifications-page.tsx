import { useInfiniteQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { client } from '../app/api/client.ts';
import { keys } from '../app/api/keys.ts';
import { Loaded, Nothing } from '../app/api/page-state.tsx';
import { Page } from '../app/shell/page.tsx';
import { NotificationRow } from './notification-row.tsx';
import { useReadNotifications } from './notifications-bell.tsx';
import './notifications.css';

/** Everything one was told, newest first. */
export function NotificationsPage() {
  const { t } = useTranslation();
  const read = useReadNotifications();
  const list = useInfiniteQuery({
    queryKey: keys.notificationList({ all: true }),
    queryFn: ({ pageParam, signal }) =>
      client.call('listNotifications', { query: { limit: 50, ...(pageParam ? { cursor: pageParam } : {}) }, signal }),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next,
  });
  const unread = list.data?.pages[0]?.unread ?? 0;
  return (
    <Page
      title={t('notifications.title')}
      tools={
        unread > 0 && (
          <Button loading={read.isPending} onClick={() => read.mutate(undefined)}>
            {t('notifications.readAll')}
          </Button>
        )
      }
    >
      <section className="panel notifications">
        <Loaded query={list}>
          {({ pages }) => {
            const items = pages.flatMap((page) => page.items);
            return items.length === 0 ? (
              <Nothing title={t('notifications.none')} hint={t('notifications.noneHint')} />
            ) : (
              <ul className="rows">
                {items.map((notification) => (
                  <NotificationRow
                    key={notification.id}
                    notification={notification}
                    onOpen={() => {
                      if (!notification.readAt) read.mutate([notification.id]);
                    }}
                  />
                ))}
              </ul>
            );
          }}
        </Loaded>
        {list.hasNextPage && (
          <div className="panel-line">
            <Button block loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
              {t('common.more')}
            </Button>
          </div>
        )}
      </section>
    </Page>
  );
}
