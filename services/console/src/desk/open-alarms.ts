import { queryOptions } from '@tanstack/react-query';
import { client } from '../app/api/client.ts';
import { keys } from '../app/api/keys.ts';

/** Alarms nobody has acknowledged yet, newest first. */
export const openAlarms = queryOptions({
  queryKey: keys.alarms,
  queryFn: ({ signal }) => client.call('listAlarms', { query: { open: true, limit: 50 }, signal }),
});
