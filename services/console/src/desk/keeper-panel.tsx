import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { client } from '../app/api/client.ts';
import { keys } from '../app/api/keys.ts';
import { Loaded } from '../app/api/page-state.tsx';
import { Panel } from '../app/shell/page.tsx';
import { Fact, Facts } from '../evidence/item/fact.tsx';
import { When } from '../format/when.tsx';

/** The rules that hold now, for those who keep them and those who watch over that. */
export function KeeperPanel() {
  const { t } = useTranslation();
  const matrix = useQuery({ queryKey: keys.matrix, queryFn: ({ signal }) => client.call('getMatrix', { signal }) });
  const policy = useQuery({
    queryKey: keys.signInPolicy,
    queryFn: ({ signal }) => client.call('getSignInPolicy', { signal }),
  });
  return (
    <Panel title={t('desk.keeper')}>
      <Loaded query={matrix} rows={2}>
        {({ version, changedAt, changedBy, rows }) => (
          <Facts>
            <Fact name={t('admin.matrix.title')}>
              <Link to="/admin/policy">
                {version === 0 ? t('admin.matrix.default') : t('admin.matrix.version', { version })}
              </Link>{' '}
              <span className="quiet">{t('desk.rules', { count: rows.length })}</span>
              {changedAt && (
                <div className="quiet small">
                  <When at={changedAt} />
                  {changedBy && ` ${t('admin.matrix.changedBy', { name: changedBy.name })}`}
                </div>
              )}
            </Fact>
            <Fact name={t('admin.signIn.label')}>
              <Link to="/admin/sign-in">
                {policy.data ? t(`admin.signIn.choice.${policy.data.secondFactor}`) : '…'}
              </Link>
            </Fact>
            <Fact name={t('admin.tabs.people')}>
              <Link to="/admin/people">{t('desk.people')}</Link> ·{' '}
              <Link to="/admin/people?state=disabled">{t('desk.disabledPeople')}</Link>
            </Fact>
          </Facts>
        )}
      </Loaded>
    </Panel>
  );
}
