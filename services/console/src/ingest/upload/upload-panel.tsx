import { InboxOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { type ChangeEvent, type DragEvent, useRef, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { mayCall, useMe, useSite } from '../../app/session/use-session.ts';
import { Panel } from '../../app/shell/page.tsx';
import { formatBytes } from '../../format/bytes.ts';
import { When } from '../../format/when.tsx';
import { forgetUnfinished, listUnfinished } from './send-file.ts';
import { uploadQueue } from './upload-queue.ts';
import { UploadRow } from './upload-row.tsx';
import { isOver } from './upload-state.ts';
import './upload.css';

/** Files from this computer: dropped or chosen, digested, sent resumably, followed to the receipt. */
export function UploadPanel() {
  const { t } = useTranslation();
  const me = useMe();
  const site = useSite();
  const entries = useSyncExternalStore(uploadQueue.subscribe, uploadQueue.entries);
  // People send what docks announce: the same roles.
  const may = mayCall(me, 'openOffload');
  const add = (files: Iterable<File>) =>
    uploadQueue.add(files, { endpoint: site.uploads, account: me.id, maxSize: site.maxUploadSize });
  return (
    <Panel
      title={t('ingest.upload.title')}
      tools={
        entries.some(isOver) && (
          <Button size="small" type="link" onClick={() => uploadQueue.clearFinished()}>
            {t('ingest.upload.clear')}
          </Button>
        )
      }
    >
      {may ? <DropZone onFiles={add} /> : <p className="quiet panel-text">{t('ingest.upload.mayNot')}</p>}
      {entries.length > 0 && (
        <ul className="uploads" aria-label={t('ingest.upload.list')}>
          {entries.map((entry) => (
            <UploadRow key={entry.key} entry={entry} />
          ))}
        </ul>
      )}
      {may && (
        <UnfinishedUploads
          account={me.id}
          busy={new Set(entries.filter((entry) => !isOver(entry)).map(({ name }) => name))}
        />
      )}
    </Panel>
  );
}

function DropZone({ onFiles }: { readonly onFiles: (files: Iterable<File>) => void }) {
  const { t } = useTranslation();
  const site = useSite();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    onFiles(event.dataTransfer.files);
  };
  const choose = (event: ChangeEvent<HTMLInputElement>) => {
    onFiles([...(event.target.files ?? [])]);
    // The same file can be chosen again, after a failure or to go on.
    event.target.value = '';
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is for the mouse; the button does the same for everyone
    <div
      className={over ? 'drop over' : 'drop'}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <InboxOutlined className="drop-icon" aria-hidden="true" />
      <div>
        {t('ingest.upload.drop')}{' '}
        <Button type="link" className="drop-choose" onClick={() => input.current?.click()}>
          {t('ingest.upload.choose')}
        </Button>
      </div>
      <input ref={input} type="file" multiple hidden onChange={choose} aria-label={t('ingest.upload.choose')} />
      <p className="quiet small">{t('ingest.upload.hint', { size: formatBytes(site.maxUploadSize) })}</p>
    </div>
  );
}

function UnfinishedUploads({ account, busy }: { readonly account: string; readonly busy: ReadonlySet<string> }) {
  const { t } = useTranslation();
  const unfinished = useQuery({
    queryKey: ['unfinished', account, busy.size],
    queryFn: () => listUnfinished(account),
    staleTime: 0,
  });
  const waiting = unfinished.data?.filter(({ name }) => !busy.has(name)) ?? [];
  if (waiting.length === 0) return null;
  const forget = (key: string) => void forgetUnfinished(key).then(() => unfinished.refetch());
  return (
    <div className="unfinished">
      <h3 className="panel-sub">{t('ingest.upload.unfinished')}</h3>
      <p className="quiet small panel-text">{t('ingest.upload.unfinishedHint')}</p>
      <ul className="rows">
        {waiting.map(({ key, name, size, since }) => (
          <li key={key} className="unfinished-row">
            <span className="upload-name" title={name}>
              {name}
            </span>
            <span className="quiet num">{size === null ? '' : formatBytes(size)}</span>
            <When at={since} />
            <Button size="small" type="link" onClick={() => forget(key)}>
              {t('ingest.upload.forget')}
            </Button>
          </li>
        ))}
      </ul>
    </div>
  );
}
