import { useTranslation } from 'react-i18next';
import { useMe } from '../app/session/use-session.ts';
import { Page } from '../app/shell/page.tsx';
import { SectionOutlet, useSection } from '../app/shell/section.tsx';
import { Tabs } from '../app/shell/tabs.tsx';
import { adminTabs } from './tabs.ts';
import './admin.css';

/** 管理: what each of the three administrators keeps, and what approvers and auditors may read of it. */
export function AdminLayout() {
  const { t } = useTranslation();
  const tabs = adminTabs(useMe()).map(({ to, name }) => ({ to, label: t(`admin.tabs.${name}`) }));
  const section = useSection(tabs);
  return (
    <Page title={t('admin.title')} section={section?.label}>
      <Tabs label={t('admin.tabs.label')} tabs={tabs} />
      <SectionOutlet area="/admin" section={section} />
    </Page>
  );
}
