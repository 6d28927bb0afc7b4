import { useQuery } from '@tanstack/react-query';
import { Button, Spin } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { SignInFrame } from '../../sign-in/frame.tsx';
import { PendingSteps } from '../../sign-in/pending-steps.tsx';
import { SetUpPage } from '../../sign-in/set-up-page.tsx';
import { SignInPage } from '../../sign-in/sign-in-page.tsx';
import { client, isSignedOut } from '../api/client.ts';
import { keys } from '../api/keys.ts';
import { ProblemNotice } from '../api/problem-notice.tsx';
import { SessionContext } from './use-session.ts';

/**
 * Shows the sign-in in place of the page while nobody is signed in, and whatever step of it is still to do. The address stays, so a session that ends in the middle of work
 * leads back to the same page with the same filters.
 */
export function SessionGate({ children }: { readonly children: ReactNode }) {
  const { t } = useTranslation();
  const site = useQuery({
    queryKey: keys.site,
    queryFn: ({ signal }) => client.call('getSite', { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const me = useQuery({
    queryKey: keys.me,
    queryFn: async ({ signal }) => {
      try {
        return await client.call('whoAmI', { signal });
      } catch (error) {
        if (isSignedOut(error)) return null;
        throw error;
      }
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
  const known = site.data !== undefined && me.data !== undefined;
  const error = site.error ?? me.error;
  // Only while nothing is known: a question that is asked again in vain takes no half-written page away.
  if (!known && error) {
    const retry = () => void Promise.all([site.refetch(), me.refetch()]);
    return (
      <SignInFrame site={site.data ?? null} title={t('signIn.unavailable')} heading={t('signIn.unavailable')}>
        <ProblemNotice error={error} action={<Button onClick={retry}>{t('common.retry')}</Button>} />
      </SignInFrame>
    );
  }
  if (site.data === undefined || me.data === undefined) {
    return (
      <main className="full-page" aria-busy="true">
        <Spin description={t('common.loading')} />
      </main>
    );
  }
  if (me.data === null)
    return site.data.signIn.setUp ? <SetUpPage site={site.data} /> : <SignInPage site={site.data} />;
  if (me.data.pending !== null) return <PendingSteps site={site.data} me={me.data} />;
  return <SessionContext value={{ me: me.data, site: site.data }}>{children}</SessionContext>;
}
