import {
  CloudUploadOutlined,
  DashboardOutlined,
  FolderOpenOutlined,
  ProfileOutlined,
  SafetyCertificateOutlined,
  SettingOutlined,
  SolutionOutlined,
} from '@ant-design/icons';
import type { ReactNode } from 'react';
import { adminTabs } from '../../admin/tabs.ts';
import type { commonZh } from '../i18n/common.ts';
import { mayCall, type Person } from '../session/use-session.ts';

export interface Area {
  readonly to: string;
  readonly name: keyof typeof commonZh.nav;
  readonly icon: ReactNode;
}

/** The areas of the console that are the reader's. Only decides what is offered: the server decides what is answered. */
export function areasOf(me: Person): readonly Area[] {
  const [admin] = adminTabs(me);
  return [
    { to: '/', name: 'desk', icon: <DashboardOutlined aria-hidden="true" /> },
    { to: '/evidence', name: 'evidence', icon: <FolderOpenOutlined aria-hidden="true" /> },
    ...(handlesCases(me)
      ? [{ to: '/cases', name: 'cases', icon: <ProfileOutlined aria-hidden="true" /> } as const]
      : []),
    ...(mayCall(me, 'listRequests')
      ? [{ to: '/access', name: 'access', icon: <SolutionOutlined aria-hidden="true" /> } as const]
      : []),
    { to: '/ingest', name: 'ingest', icon: <CloudUploadOutlined aria-hidden="true" /> },
    { to: '/integrity', name: 'integrity', icon: <SafetyCertificateOutlined aria-hidden="true" /> },
    ...(admin ? [{ to: '/admin', name: 'admin', icon: <SettingOutlined aria-hidden="true" /> } as const] : []),
  ];
}

/** Those who keep machines and accounts have nothing to do with cases. */
const handlesCases = (me: Person) => me.roles.some(({ role }) => role !== 'system_admin' && role !== 'security_admin');
