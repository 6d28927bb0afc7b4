import { queryOptions } from '@tanstack/react-query';
import type { RequestSummary } from '../access/marks.tsx';
import { client } from '../app/api/client.ts';
import { keys } from '../app/api/keys.ts';
import { retentionKeys } from '../retention/queries.ts';

/** My latest requests: the open ones among them are what the desk reminds of. */
export const myRequests = queryOptions({
  queryKey: keys.requestList({ view: 'mine', desk: true }),
  queryFn: ({ signal }) => client.call('listRequests', { query: { view: 'mine', limit: 50 }, signal }),
});

export const liveGrants = queryOptions({
  queryKey: keys.grantList({ state: 'live', desk: true }),
  queryFn: ({ signal }) => client.call('listGrants', { query: { state: 'live', limit: 50 }, signal }),
});

/** Disposals that were asked for; `actions.decide` says which of them the reader may decide. */
export const dispositionsToDecide = queryOptions({
  queryKey: [...retentionKeys.dispositions, 'desk'],
  queryFn: ({ signal }) => client.call('listDispositions', { query: { state: 'requested', limit: 100 }, signal }),
});

/** Still to be finished or decided. */
export function isOpen({ state }: RequestSummary): boolean {
  return state === 'draft' || state === 'submitted' || state === 'escalated';
}
