import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { isSignedOut, problemIn } from './client.ts';
import { keys } from './keys.ts';

/** Queries and mutations with one rule for all: whoever is answered 401 is shown the sign-in, and comes back to the same page. */
export function createQueryClient(): QueryClient {
  const noteSignedOut = (error: unknown) => {
    if (!isSignedOut(error)) return;
    if (queryClient.getQueryData(keys.me)) queryClient.setQueryData(keys.sessionEnded, true);
    queryClient.setQueryData(keys.me, null);
  };
  const queryClient: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError: noteSignedOut }),
    mutationCache: new MutationCache({ onError: noteSignedOut }),
    defaultOptions: {
      queries: {
        // What the server refuses it will refuse again; only silence and faults are worth another try.
        retry: (failures, error) => {
          const { status } = problemIn(error);
          return (status === 0 || status >= 500) && failures < 2;
        },
        // What a browser calls offline is the internet; the server may be in the next room.
        networkMode: 'always',
        refetchOnReconnect: true,
        retryDelay: (failures) => Math.min(4000, 500 * 2 ** failures),
        refetchOnWindowFocus: false,
        staleTime: 5_000,
      },
      mutations: { networkMode: 'always' },
    },
  });
  return queryClient;
}
