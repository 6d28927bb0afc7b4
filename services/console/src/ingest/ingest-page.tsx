import { useTranslation } from 'react-i18next';
import { Page } from '../app/shell/page.tsx';
import { DocksPanel } from './docks/docks-panel.tsx';
import { OffloadsPanel } from './offloads/offloads-panel.tsx';
import { UploadPanel } from './upload/upload-panel.tsx';
import './ingest.css';

/** What comes in: by dock, offload by offload, and from this computer. */
export function IngestPage() {
  const { t } = useTranslation();
  return (
    <Page title={t('ingest.title')}>
      <div className="ingest-columns">
        <div className="stack">
          <OffloadsPanel />
        </div>
        <div className="stack">
          <UploadPanel />
          <DocksPanel />
        </div>
      </div>
    </Page>
  );
}
