import type { OpenSession } from '@fengcun/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App } from 'antd';
import { useTranslation } from 'react-i18next';
import { SessionRows } from '../../account/session-rows.tsx';
import { client } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { Loaded, Nothing } from '../../app/api/page-state.tsx';
import { ProblemNotice } from '../../app/api/problem-notice.tsx';
import { Panel } from '../../app/shell/page.tsx';

/** Where somebody is signed in, and the way to end it. */
export function PersonSessions({ account, may }: { readonly account: string; readonly may: boolean }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const queryClient = useQueryClient();
  const sessions = useQuery({
    queryKey: keys.accountSessions(account),
    queryFn: ({ signal }) => client.call('listAccountSessions', { params: { id: account }, signal }),
  });
  const end = useMutation({
    mutationFn: ({ id }: OpenSession) => client.call('revokeAccountSession', { params: { id: account, session: id } }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: keys.accounts });
      message.success(t('admin.person.sessionEnded'));
    },
  });
  return (
    <Panel title={t('admin.person.sessions')} flush>
      {end.error && <ProblemNotice error={end.error} />}
      <Loaded query={sessions}>
        {({ items }) =>
          items.length === 0 ? (
            <Nothing title={t('admin.person.sessionsNone')} />
          ) : (
            <SessionRows
              sessions={items}
              onEnd={may ? (session) => end.mutate(session) : null}
              ending={end.isPending ? end.variables.id : null}
            />
          )
        }
      </Loaded>
    </Panel>
  );
}
