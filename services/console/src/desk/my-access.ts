import { queryOptions } from '@tanstack/react-query';
import type { RequestSummary } from '../access/marks.tsx';
import { client } from '../app/api/client.ts';
import { keys } from '../app/api/keys.ts';

/** My latest requests: the open ones among them are what the desk reminds of. */
export const myRequests = queryOptions({
  queryKey: keys.requestList({ view: 'mine', desk: true }),
  queryFn: ({ signal }) => client.call('listRequests', { query: { view: 'mine', limit: 50 }, signal }),
});

export const liveGrants = queryOptions({
  queryKey: keys.grantList({ state: 'live', desk: true }),
  queryFn: ({ signal }) => client.call('listGrants', { query: { state: 'live', limit: 50 }, signal }),
});

/** Still to be finished or decided. */
export function isOpen({ state }: RequestSummary): boolean {
  return state === 'draft' || state === 'submitted' || state === 'escalated';
}
