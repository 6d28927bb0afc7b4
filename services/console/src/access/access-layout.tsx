import { useQuery } from '@tanstack/react-query';
import { Badge } from 'antd';
import { useTranslation } from 'react-i18next';
import { mayCall, useMe } from '../app/session/use-session.ts';
import { LinkButton } from '../app/shell/link-button.tsx';
import { Page } from '../app/shell/page.tsx';
import { SectionOutlet, useSection } from '../app/shell/section.tsx';
import { type Tab, Tabs } from '../app/shell/tabs.tsx';
import { accessTabs } from './tabs.ts';
import { requestsToDecide } from './to-decide.ts';
import './access.css';

/** 调阅: what I asked for, what waits for me, what I may use now, and the register. */
export function AccessLayout() {
  const { t } = useTranslation();
  const me = useMe();
  const decides = mayCall(me, 'decideRequest');
  const toDecide = useQuery({ ...requestsToDecide, enabled: decides });
  const waiting = toDecide.data?.items.length ?? 0;
  const mayAsk = mayCall(me, 'createRequest');
  const tabs: Tab[] = accessTabs(me).map(({ to, name }) => ({
    to,
    label: t(`access.tabs.${name}`),
    mark: name === 'to_decide' && waiting > 0 && <Badge count={waiting} size="small" overflowCount={99} />,
  }));
  const section = useSection(tabs);
  return (
    <Page
      title={t('access.title')}
      section={section?.label}
      tools={
        <>
          {mayCall(me, 'createUrgentRequest') && (
            <LinkButton to="/access/urgent" danger>
              {t('access.urgentNew')}
            </LinkButton>
          )}
          {mayAsk && (
            <LinkButton to="/access/new" primary>
              {t('access.new')}
            </LinkButton>
          )}
        </>
      }
    >
      <Tabs label={t('access.tabs.label')} tabs={tabs} />
      <SectionOutlet area="/access" section={section} />
    </Page>
  );
}
