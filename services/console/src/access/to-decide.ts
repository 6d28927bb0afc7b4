import { queryOptions } from '@tanstack/react-query';
import { client } from '../app/api/client.ts';
import { keys } from '../app/api/keys.ts';

/** Requests that wait for the reader's decision, newest first. */
export const requestsToDecide = queryOptions({
  queryKey: keys.requestList({ view: 'to_decide', desk: true }),
  queryFn: ({ signal }) => client.call('listRequests', { query: { view: 'to_decide', limit: 100 }, signal }),
});
