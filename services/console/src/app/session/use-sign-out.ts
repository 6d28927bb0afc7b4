import { api } from '@fengcun/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { client } from '../api/client.ts';
import { forgetEverybody, keys } from '../api/keys.ts';
import type { Person } from './use-session.ts';

/** Ends the session here, and at the identity provider where it began there. */
export function useSignOut() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: () => client.call('signOut'),
    onSettled: () => {
      const via = queryClient.getQueryData<Person | null>(keys.me)?.via;
      queryClient.setQueryData(keys.me, null);
      queryClient.removeQueries({ predicate: forgetEverybody });
      if (via === 'oidc') window.location.assign(api.endOidcSession.path);
    },
  });
}
