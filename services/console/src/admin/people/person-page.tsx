import type { Account, CallReply } from '@fengcun/contracts';
import { useQuery } from '@tanstack/react-query';
import { Alert, Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { client, problemIn } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { Loaded } from '../../app/api/page-state.tsx';
import { NotFoundPage } from '../../app/not-found-page.tsx';
import { mayCall, useMe, useSite } from '../../app/session/use-session.ts';
import { LinkButton } from '../../app/shell/link-button.tsx';
import { Page, Panel } from '../../app/shell/page.tsx';
import { Fact, Facts } from '../../evidence/item/fact.tsx';
import { When } from '../../format/when.tsx';
import { AccountState, FactorState, isLocked } from './marks.tsx';
import { OneTimePassword } from './one-time-password.tsx';
import { type PersonAction, PersonDialog } from './person-dialogs.tsx';
import { PersonSessions } from './person-sessions.tsx';
import { RolesPanel } from './roles-panel.tsx';
import '../admin.css';

/** One person: who they are here, which roles they hold where, and how they get in. */
export function PersonPage() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const account = useQuery({
    queryKey: keys.account(id),
    queryFn: ({ signal }) => client.call('getAccount', { params: { id }, signal }),
  });
  const problem = account.error ? problemIn(account.error) : null;
  if (problem?.status === 404 || problem?.code === 'invalid_input') return <NotFoundPage />;
  const { data } = account;
  return (
    <Page
      title={data?.name ?? t('admin.tabs.people')}
      lead={data && <AccountState account={data} />}
      tools={<LinkButton to="/admin/people">{t('common.back')}</LinkButton>}
    >
      <Loaded query={account} rows={10}>
        {(loaded) => <PersonPanels account={loaded} />}
      </Loaded>
    </Page>
  );
}

function PersonPanels({ account }: { readonly account: Account }) {
  const { t } = useTranslation();
  const me = useMe();
  const [doing, setDoing] = useState<PersonAction | null>(null);
  const [made, setMade] = useState<CallReply<'resetPassword'> | null>(null);
  const own = account.id === me.id;
  const may = mayCall(me, 'changeAccount') && !own;
  return (
    <>
      {own && mayCall(me, 'changeAccount') && (
        <Alert className="banner" type="info" showIcon title={t('admin.person.own')} />
      )}
      {account.disabled && (
        <Alert
          className="banner"
          type="warning"
          showIcon
          title={t('admin.person.disabledBanner', { reason: account.disabled.reason })}
          description={<When at={account.disabled.at} />}
        />
      )}
      <div className="person-columns">
        <div className="stack">
          <FactsPanel account={account} onDo={may ? setDoing : null} />
          <RolesPanel account={account} may={may} />
        </div>
        <PersonSessions account={account.id} may={may} />
      </div>
      {doing && <PersonDialog account={account} action={doing} onClose={() => setDoing(null)} onPassword={setMade} />}
      {made && <OneTimePassword made={made} onClose={() => setMade(null)} />}
    </>
  );
}

interface FactsPanelProps {
  readonly account: Account;
  readonly onDo: ((action: PersonAction) => void) | null;
}

function FactsPanel({ account, onDo }: FactsPanelProps) {
  const { t } = useTranslation();
  const { signIn } = useSite();
  const { hasPassword, mustChangePassword, identity, disabled, secondFactor } = account;
  return (
    <Panel
      title={t('admin.person.facts')}
      tools={
        onDo && (
          <Button size="small" onClick={() => onDo('edit')}>
            {t('admin.person.edit')}
          </Button>
        )
      }
    >
      <Facts>
        <Fact name={t('admin.person.login')}>{account.login}</Fact>
        <Fact name={t('admin.person.officerNumber')}>{account.officerNumber ?? '—'}</Fact>
        <Fact name={t('admin.person.unit')}>{account.unit.name}</Fact>
        <Fact name={t('admin.person.created')}>
          <When at={account.createdAt} />
        </Fact>
        <Fact name={t('admin.person.lastSignIn')}>
          <When at={account.lastSignInAt} />
        </Fact>
        {isLocked(account) && (
          <Fact name={t('admin.people.state.locked')}>
            <span className="danger">
              {t('admin.person.locked')} <When at={account.lockedUntil} />
            </span>
          </Fact>
        )}
        <Fact name={t('admin.person.password')}>
          {t(
            mustChangePassword
              ? 'admin.person.passwordOnce'
              : hasPassword
                ? 'admin.person.passwordOwn'
                : 'admin.person.passwordNone',
          )}
        </Fact>
        <Fact name={t('admin.person.factor')}>
          <FactorState account={account} />
        </Fact>
        {(identity || signIn.oidc) && (
          <Fact name={t('admin.person.identity')}>
            {identity ? (
              <>
                <span className="breakable">{identity.subject}</span>
                <div className="quiet small breakable">{identity.issuer}</div>
              </>
            ) : (
              t('admin.person.identityNone')
            )}
          </Fact>
        )}
      </Facts>
      {onDo && (
        <div className="panel-buttons panel-note">
          {disabled ? (
            <Button onClick={() => onDo('enable')}>{t('admin.person.enable')}</Button>
          ) : (
            <>
              <Button onClick={() => onDo('resetPassword')}>{t('admin.person.resetPassword')}</Button>
              {secondFactor.enrolled && (
                <Button onClick={() => onDo('resetFactor')}>{t('admin.person.resetFactor')}</Button>
              )}
              {signIn.oidc && !identity && (
                <Button onClick={() => onDo('link')}>{t('admin.person.linkIdentity')}</Button>
              )}
              {identity && <Button onClick={() => onDo('unlink')}>{t('admin.person.unlinkIdentity')}</Button>}
              <Button danger onClick={() => onDo('disable')}>
                {t('admin.person.disable')}
              </Button>
            </>
          )}
        </div>
      )}
    </Panel>
  );
}
