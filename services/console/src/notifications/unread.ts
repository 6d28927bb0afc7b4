import { queryOptions } from '@tanstack/react-query';
import { client } from '../app/api/client.ts';
import { keys } from '../app/api/keys.ts';

/** The last things one was told, and how many of all are unread. */
export const recentNotifications = queryOptions({
  queryKey: keys.notificationList({ recent: true }),
  queryFn: ({ signal }) => client.call('listNotifications', { query: { limit: 8 }, signal }),
});
