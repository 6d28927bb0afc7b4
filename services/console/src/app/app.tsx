import { QueryClientProvider } from '@tanstack/react-query';
import { App as AntApp, ConfigProvider } from 'antd';
import enUS from 'antd/locale/en_US';
import zhCN from 'antd/locale/zh_CN';
import dayjs from 'dayjs';
import 'dayjs/locale/zh-cn';
import { lazy, useMemo } from 'react';
import { BrowserRouter, Navigate, Route, Routes } from 'react-router';
import { accessTabs } from '../access/tabs.ts';
import { adminTabs } from '../admin/tabs.ts';
import { createQueryClient } from './api/query-client.ts';
import { useLanguage } from './i18n/language.ts';
import { NotFoundPage } from './not-found-page.tsx';
import { SessionGate } from './session/session-gate.tsx';
import { useMe } from './session/use-session.ts';
import { Shell } from './shell/shell.tsx';
import { theme } from './theme.ts';

const DeskPage = lazy(() => import('../desk/desk-page.tsx').then((m) => ({ default: m.DeskPage })));
const EvidenceListPage = lazy(() =>
  import('../evidence/list/evidence-list-page.tsx').then((m) => ({ default: m.EvidenceListPage })),
);
const EvidencePage = lazy(() =>
  import('../evidence/item/evidence-page.tsx').then((m) => ({ default: m.EvidencePage })),
);
const IngestPage = lazy(() => import('../ingest/ingest-page.tsx').then((m) => ({ default: m.IngestPage })));
const OffloadPage = lazy(() => import('../ingest/offloads/offload-page.tsx').then((m) => ({ default: m.OffloadPage })));
const IntegrityPage = lazy(() => import('../integrity/integrity-page.tsx').then((m) => ({ default: m.IntegrityPage })));
const AccessLayout = lazy(() => import('../access/access-layout.tsx').then((m) => ({ default: m.AccessLayout })));
const RequestList = lazy(() => import('../access/requests/request-list.tsx').then((m) => ({ default: m.RequestList })));
const RequestPage = lazy(() => import('../access/request/request-page.tsx').then((m) => ({ default: m.RequestPage })));
const ComposePage = lazy(() => import('../access/compose/compose-page.tsx').then((m) => ({ default: m.ComposePage })));
const EditPage = lazy(() => import('../access/compose/compose-page.tsx').then((m) => ({ default: m.EditPage })));
const UrgentPage = lazy(() => import('../access/compose/urgent-page.tsx').then((m) => ({ default: m.UrgentPage })));
const GrantsPage = lazy(() => import('../access/grants/grants-page.tsx').then((m) => ({ default: m.GrantsPage })));
const RegisterPage = lazy(() =>
  import('../access/register/register-page.tsx').then((m) => ({ default: m.RegisterPage })),
);
const NotificationsPage = lazy(() =>
  import('../notifications/notifications-page.tsx').then((m) => ({ default: m.NotificationsPage })),
);
const AccountPage = lazy(() => import('../account/account-page.tsx').then((m) => ({ default: m.AccountPage })));
const AdminLayout = lazy(() => import('../admin/admin-layout.tsx').then((m) => ({ default: m.AdminLayout })));
const PeoplePage = lazy(() => import('../admin/people/people-page.tsx').then((m) => ({ default: m.PeoplePage })));
const PersonPage = lazy(() => import('../admin/people/person-page.tsx').then((m) => ({ default: m.PersonPage })));
const UnitsPage = lazy(() => import('../admin/units/units-page.tsx').then((m) => ({ default: m.UnitsPage })));
const DevicesPage = lazy(() => import('../admin/devices/devices-page.tsx').then((m) => ({ default: m.DevicesPage })));
const DevicePage = lazy(() => import('../admin/devices/device-page.tsx').then((m) => ({ default: m.DevicePage })));
const DocksPage = lazy(() => import('../admin/docks/docks-page.tsx').then((m) => ({ default: m.DocksPage })));
const CasesPage = lazy(() => import('../cases/cases-page.tsx').then((m) => ({ default: m.CasesPage })));
const CasePage = lazy(() => import('../cases/case-page.tsx').then((m) => ({ default: m.CasePage })));
const MatrixPage = lazy(() => import('../admin/policy/matrix-page.tsx').then((m) => ({ default: m.MatrixPage })));
const RedactionPage = lazy(() => import('../redaction/redaction-page.tsx').then((m) => ({ default: m.RedactionPage })));
const RetentionPage = lazy(() => import('../retention/retention-page.tsx').then((m) => ({ default: m.RetentionPage })));
const SignInPolicyPage = lazy(() =>
  import('../admin/sign-in-policy-page.tsx').then((m) => ({ default: m.SignInPolicyPage })),
);
const WebhooksPage = lazy(() =>
  import('../admin/webhooks/webhooks-page.tsx').then((m) => ({ default: m.WebhooksPage })),
);

/** The console: language and theme, then the session, then the pages. */
export function App() {
  const queryClient = useMemo(createQueryClient, []);
  const chinese = useLanguage() === 'zh-CN';
  dayjs.locale(chinese ? 'zh-cn' : 'en');
  return (
    <ConfigProvider
      theme={theme}
      locale={chinese ? zhCN : enUS}
      button={{ autoInsertSpace: false }}
      getPopupContainer={popupContainer}
    >
      <AntApp>
        <QueryClientProvider client={queryClient}>
          <BrowserRouter>
            <SessionGate>
              <Routes>
                <Route element={<Shell />}>
                  <Route index element={<DeskPage />} />
                  <Route path="evidence" element={<EvidenceListPage />} />
                  <Route path="evidence/:id" element={<EvidencePage />} />
                  <Route path="evidence/:id/redactions/:redaction" element={<RedactionPage />} />
                  <Route path="cases" element={<CasesPage />} />
                  <Route path="cases/:id" element={<CasePage />} />
                  <Route path="ingest" element={<IngestPage />} />
                  <Route path="ingest/offloads/:id" element={<OffloadPage />} />
                  <Route path="integrity" element={<IntegrityPage />} />
                  <Route path="access" element={<AccessLayout />}>
                    <Route index element={<FirstTab of="access" />} />
                    <Route path="mine" element={<RequestList key="mine" view="mine" />} />
                    <Route path="to-decide" element={<RequestList key="to_decide" view="to_decide" />} />
                    <Route path="decided" element={<RequestList key="decided" view="decided" />} />
                    <Route path="grants" element={<GrantsPage />} />
                    <Route path="register" element={<RegisterPage />} />
                  </Route>
                  <Route path="access/new" element={<ComposePage />} />
                  <Route path="access/urgent" element={<UrgentPage />} />
                  <Route path="access/requests/:id" element={<RequestPage />} />
                  <Route path="access/requests/:id/edit" element={<EditPage />} />
                  <Route path="notifications" element={<NotificationsPage />} />
                  <Route path="me" element={<AccountPage />} />
                  <Route path="admin" element={<AdminLayout />}>
                    <Route index element={<FirstTab of="admin" />} />
                    <Route path="people" element={<PeoplePage />} />
                    <Route path="units" element={<UnitsPage />} />
                    <Route path="devices" element={<DevicesPage />} />
                    <Route path="docks" element={<DocksPage />} />
                    <Route path="policy" element={<MatrixPage />} />
                    <Route path="retention" element={<RetentionPage />} />
                    <Route path="sign-in" element={<SignInPolicyPage />} />
                    <Route path="webhooks" element={<WebhooksPage />} />
                  </Route>
                  <Route path="admin/people/:id" element={<PersonPage />} />
                  <Route path="admin/devices/:id" element={<DevicePage />} />
                  {/* Where the set-up was begun; whoever is signed in has nothing to do there any more. */}
                  <Route path="setup" element={<Navigate to="/" replace />} />
                  <Route path="*" element={<NotFoundPage />} />
                </Route>
              </Routes>
            </SessionGate>
          </BrowserRouter>
        </QueryClientProvider>
      </AntApp>
    </ConfigProvider>
  );
}

/** Lists opened in a dialog belong to it: what is outside a modal dialog does not exist for a screen reader, and scrolls with the page. */
function popupContainer(trigger?: HTMLElement): HTMLElement {
  return trigger?.closest<HTMLElement>('.ant-modal-container') ?? document.body;
}

/** An area's own address leads to the first of its sections that is the reader's. */
function FirstTab({ of }: { readonly of: 'access' | 'admin' }) {
  const me = useMe();
  const [first] = of === 'access' ? accessTabs(me) : adminTabs(me);
  return first ? <Navigate to={first.to} replace /> : <NotFoundPage />;
}
