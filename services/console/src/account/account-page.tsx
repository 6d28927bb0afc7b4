import { useTranslation } from 'react-i18next';
import { useMe } from '../app/session/use-session.ts';
import { Page, Panel } from '../app/shell/page.tsx';
import { Fact, Facts } from '../evidence/item/fact.tsx';
import { PasswordPanel } from './password-panel.tsx';
import { SecondFactorPanel } from './second-factor-panel.tsx';
import { SessionsPanel } from './sessions-panel.tsx';
import { TokensPanel } from './tokens-panel.tsx';
import './account.css';

/** What one does for oneself: password, second factor, where one is signed in, tokens for programs. */
export function AccountPage() {
  const { t } = useTranslation();
  const me = useMe();
  return (
    <Page title={t('account.title')}>
      <div className="account-columns">
        <div className="stack">
          <Panel title={t('account.who')}>
            <Facts>
              <Fact name={t('account.name')}>{me.name}</Fact>
              <Fact name={t('signIn.login')}>{me.login}</Fact>
              <Fact name={t('account.officerNumber')}>{me.officerNumber ?? '—'}</Fact>
              <Fact name={t('account.unit')}>{me.unit.name}</Fact>
              <Fact name={t('account.roles')}>
                <ul className="plain-list">
                  {me.roles.map(({ unit, unitName, role }) => (
                    <li key={`${unit}${role}`}>
                      {t(`common.role.${role}`)} <span className="quiet">· {unitName}</span>
                    </li>
                  ))}
                </ul>
              </Fact>
            </Facts>
            <p className="quiet small panel-note">{t('account.whoHint')}</p>
          </Panel>
          {me.hasPassword && <PasswordPanel />}
          <SecondFactorPanel />
        </div>
        <div className="stack">
          <SessionsPanel />
          <TokensPanel />
        </div>
      </div>
    </Page>
  );
}
