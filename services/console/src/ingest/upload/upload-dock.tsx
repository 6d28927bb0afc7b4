import { CloudUploadOutlined } from '@ant-design/icons';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'react-router';
import { keys } from '../../app/api/keys.ts';
import { uploadQueue } from './upload-queue.ts';
import { isActive } from './upload-state.ts';
import './upload.css';

/** On every page: a way back to running uploads, and a warning before the window closes on them. */
export function UploadDock() {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const queryClient = useQueryClient();
  const entries = useSyncExternalStore(uploadQueue.subscribe, uploadQueue.entries);
  const active = entries.filter(isActive).length;
  const signedOut = entries.some(
    ({ stage }) => stage.at === 'failed' && stage.cause.kind === 'problem' && stage.cause.problem.status === 401,
  );
  useEffect(() => {
    if (signedOut) void queryClient.invalidateQueries({ queryKey: keys.me });
  }, [signedOut, queryClient]);
  useEffect(() => {
    if (active === 0) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [active]);
  if (active === 0 || pathname === '/ingest') return null;
  return (
    <Link to="/ingest" className="upload-dock" role="status">
      <CloudUploadOutlined aria-hidden="true" />
      {t('ingest.upload.running', { count: active })}
    </Link>
  );
}
