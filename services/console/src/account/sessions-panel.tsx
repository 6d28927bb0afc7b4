import type { OpenSession } from '@fengcun/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App } from 'antd';
import { useTranslation } from 'react-i18next';
import { client } from '../app/api/client.ts';
import { keys } from '../app/api/keys.ts';
import { Loaded } from '../app/api/page-state.tsx';
import { ProblemNotice } from '../app/api/problem-notice.tsx';
import { Panel } from '../app/shell/page.tsx';
import { SessionRows } from './session-rows.tsx';

export function SessionsPanel() {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const queryClient = useQueryClient();
  const sessions = useQuery({
    queryKey: keys.mySessions,
    queryFn: ({ signal }) => client.call('listMySessions', { signal }),
    refetchOnMount: 'always',
  });
  const end = useMutation({
    mutationFn: ({ id }: OpenSession) => client.call('revokeMySession', { params: { id } }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: keys.mySessions });
      message.success(t('account.sessions.ended'));
    },
  });
  return (
    <Panel title={t('account.sessions.title')} flush>
      {end.error && <ProblemNotice error={end.error} />}
      <Loaded query={sessions}>
        {({ items }) => (
          <SessionRows
            sessions={items.filter(({ kind }) => kind === 'browser')}
            onEnd={(session) => end.mutate(session)}
            ending={end.isPending ? end.variables.id : null}
          />
        )}
      </Loaded>
    </Panel>
  );
}
