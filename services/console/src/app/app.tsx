import { QueryClientProvider } from '@tanstack/react-query';
import { App as AntApp, ConfigProvider } from 'antd';
import enUS from 'antd/locale/en_US';
import zhCN from 'antd/locale/zh_CN';
import dayjs from 'dayjs';
import 'dayjs/locale/zh-cn';
import { lazy, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { BrowserRouter, Route, Routes } from 'react-router';
import { createQueryClient } from './api/query-client.ts';
import { NotFoundPage } from './not-found-page.tsx';
import { SessionGate } from './session/session-gate.tsx';
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

/** The console: language and theme, then the session, then the pages. */
export function App() {
  const { i18n } = useTranslation();
  const queryClient = useMemo(createQueryClient, []);
  const chinese = i18n.language.startsWith('zh');
  dayjs.locale(chinese ? 'zh-cn' : 'en');
  return (
    <ConfigProvider theme={theme} locale={chinese ? zhCN : enUS} button={{ autoInsertSpace: false }}>
      <AntApp>
        <QueryClientProvider client={queryClient}>
          <BrowserRouter>
            <SessionGate>
              <Routes>
                <Route element={<Shell />}>
                  <Route index element={<DeskPage />} />
                  <Route path="evidence" element={<EvidenceListPage />} />
                  <Route path="evidence/:id" element={<EvidencePage />} />
                  <Route path="ingest" element={<IngestPage />} />
                  <Route path="ingest/offloads/:id" element={<OffloadPage />} />
                  <Route path="integrity" element={<IntegrityPage />} />
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
