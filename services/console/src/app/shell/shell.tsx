import { Skeleton, Tooltip } from 'antd';
import { type ReactNode, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { NavLink, Outlet } from 'react-router';
import { hasOwnName } from '../../format/site-name.ts';
import { UploadDock } from '../../ingest/upload/upload-dock.tsx';
import { type LiveState, useLiveChanges } from '../../live/use-live-changes.ts';
import { NotificationsBell } from '../../notifications/notifications-bell.tsx';
import { useMe, useSite } from '../session/use-session.ts';
import { AlarmsBell } from './alarms-bell.tsx';
import { areasOf } from './areas.tsx';
import { Brand } from './brand.tsx';
import { LanguageSwitch } from './language-switch.tsx';
import { PageFault } from './page-fault.tsx';
import { PersonMenu } from './person-menu.tsx';
import './shell.css';

/** What is around every page: the way about, what needs attention, and who is looking. */
export function Shell() {
  const { t } = useTranslation();
  const site = useSite();
  const me = useMe();
  const [live, setLive] = useState<LiveState>('connecting');
  useLiveChanges(setLive);
  return (
    <div className="shell">
      <a className="skip" href="#content">
        {t('common.skipToContent')}
      </a>
      <div className="shell-side">
        <Brand />
        <nav aria-label={t('common.nav.label')}>
          {areasOf(me).map(({ to, name, icon }) => (
            <Item key={to} to={to} icon={icon} label={t(`common.nav.${name}`)} />
          ))}
        </nav>
        <div className="shell-foot">
          <LiveMark state={live} />
        </div>
      </div>
      <div className="shell-main">
        <header className="shell-head">
          <span className="shell-site">{hasOwnName(site.name) && site.name}</span>
          <div className="shell-tools">
            <NotificationsBell />
            <AlarmsBell />
            <LanguageSwitch />
            <PersonMenu />
          </div>
        </header>
        <main id="content" tabIndex={-1} className="shell-content">
          <PageFault>
            <Suspense fallback={<PageSkeleton />}>
              <Outlet />
            </Suspense>
          </PageFault>
        </main>
      </div>
      <UploadDock />
    </div>
  );
}

function PageSkeleton() {
  return (
    <div className="page" aria-busy="true">
      <Skeleton active paragraph={{ rows: 8 }} />
    </div>
  );
}

function Item({ to, icon, label }: { readonly to: string; readonly icon: ReactNode; readonly label: string }) {
  return (
    <NavLink to={to} end={to === '/'} className={({ isActive }) => (isActive ? 'nav-item active' : 'nav-item')}>
      {icon}
      <span>{label}</span>
    </NavLink>
  );
}

function LiveMark({ state }: { readonly state: LiveState }) {
  const { t } = useTranslation();
  const words = state === 'lost' ? t('common.liveOff') : t('common.liveOn');
  if (state === 'connecting') return null;
  return (
    <Tooltip title={words} placement="right">
      <span className={`live-mark ${state}`} role="status" aria-label={words}>
        <i aria-hidden="true" />
        {state === 'lost' ? t('common.liveOff') : t('common.live')}
      </span>
    </Tooltip>
  );
}
