import { queryOptions } from '@tanstack/react-query';
import { client, problemIn } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';

/** The receipt of an item; asked for again every two seconds while its seal waits to be signed. */
export function receiptQuery(id: string) {
  return queryOptions({
    queryKey: keys.receipt(id),
    queryFn: ({ signal }) => client.call('getReceipt', { params: { id }, signal }),
    staleTime: Number.POSITIVE_INFINITY,
    refetchInterval: ({ state }) => (state.error && problemIn(state.error).code === 'receipt_pending' ? 2000 : false),
  });
}
