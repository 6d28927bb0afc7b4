import { useTranslation } from 'react-i18next';
import { Outlet } from 'react-router';
import { useMe } from '../app/session/use-session.ts';
import { Page } from '../app/shell/page.tsx';
import { Tabs } from '../app/shell/tabs.tsx';
import { adminTabs } from './tabs.ts';
import './admin.css';

/** 管理: what each of the three administrators keeps, and what approvers and auditors may read of it. */
export function AdminLayout() {
  const { t } = useTranslation();
  const me = useMe();
  return (
    <Page title={t('admin.title')}>
      <Tabs
        label={t('admin.tabs.label')}
        tabs={adminTabs(me).map(({ to, name }) => ({ to, label: t(`admin.tabs.${name}`) }))}
      />
      <Outlet />
    </Page>
  );
}
