import {
  CloudUploadOutlined,
  DashboardOutlined,
  FolderOpenOutlined,
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
    { to: '/', name: 'desk', icon: <DashboardOutlined /> },
    { to: '/evidence', name: 'evidence', icon: <FolderOpenOutlined /> },
    ...(mayCall(me, 'listRequests') ? [{ to: '/access', name: 'access', icon: <SolutionOutlined /> } as const] : []),
    { to: '/ingest', name: 'ingest', icon: <CloudUploadOutlined /> },
    { to: '/integrity', name: 'integrity', icon: <SafetyCertificateOutlined /> },
    ...(admin ? [{ to: '/admin', name: 'admin', icon: <SettingOutlined /> } as const] : []),
  ];
}
