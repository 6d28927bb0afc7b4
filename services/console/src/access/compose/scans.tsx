import { CloseOutlined, UploadOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { type ChangeEvent, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { useMe, useSite } from '../../app/session/use-session.ts';
import { uploadQueue } from '../../ingest/upload/upload-queue.ts';
import { UploadRow } from '../../ingest/upload/upload-row.tsx';
import '../../ingest/upload/upload.css';
import type { Attachment } from './draft.ts';

export interface KnownScan extends Attachment {
  readonly name: string | null;
}

interface ScansProps {
  readonly scans: readonly KnownScan[];
  readonly onAdd: (scan: KnownScan) => void;
  readonly onRemove: (evidence: string) => void;
  /** scans are on their way that have no number yet */
  readonly onBusy: (busy: boolean) => void;
}

const kinds = ['letter', 'identity', 'other'] as const;
const labels = { letter: 'addLetter', identity: 'addIdentity', other: 'addOther' } as const;

/** Letters and identity documents, sent and sealed the way all evidence is. */
export function Scans({ scans, onAdd, onRemove, onBusy }: ScansProps) {
  const { t } = useTranslation();
  const me = useMe();
  const site = useSite();
  const entries = useSyncExternalStore(uploadQueue.subscribe, uploadQueue.entries);
  const [sent, setSent] = useState<ReadonlyMap<string, Attachment['kind']>>(new Map());
  const choose = (kind: Attachment['kind'], files: readonly File[]) => {
    const added = uploadQueue.add(files, { endpoint: site.uploads, account: me.id, maxSize: site.maxUploadSize });
    setSent((known) => new Map([...known, ...added.map((key) => [key, kind] as const)]));
  };
  const mine = entries.filter(({ key }) => sent.has(key));
  // An upload's number is the evidence's: it is known as soon as all of the file has arrived.
  useEffect(() => {
    for (const { key, name, stage } of mine) {
      const kind = sent.get(key);
      if (!kind || (stage.at !== 'sealing' && stage.at !== 'sealed')) continue;
      if (!scans.some(({ evidence }) => evidence === stage.id)) onAdd({ kind, evidence: stage.id, name });
    }
  });
  const busy = mine.some(({ stage }) => ['waiting', 'hashing', 'ready', 'sending'].includes(stage.at));
  useEffect(() => onBusy(busy), [busy, onBusy]);
  const remove = (evidence: string) => {
    const entry = mine.find(({ stage }) => 'id' in stage && stage.id === evidence);
    if (entry) setSent((known) => new Map([...known].filter(([key]) => key !== entry.key)));
    onRemove(evidence);
  };
  return (
    <>
      <p className="quiet small panel-text">{t('access.compose.attachmentsHint')}</p>
      {scans.length > 0 && (
        <ul className="rows scans">
          {scans.map(({ kind, evidence, name }) => (
            <li key={evidence} className="attachment">
              <span className="quiet">{t(`access.detail.attachmentKind.${kind}`)}</span>
              <span className="breakable">{name ?? evidence}</span>
              <Button
                type="text"
                size="small"
                icon={<CloseOutlined aria-hidden="true" />}
                aria-label={t('access.compose.removeWhat', { name: name ?? evidence })}
                onClick={() => remove(evidence)}
              />
            </li>
          ))}
        </ul>
      )}
      {mine.length > 0 && (
        <ul className="uploads">
          {mine.map((entry) => (
            <UploadRow key={entry.key} entry={entry} />
          ))}
        </ul>
      )}
      <div className="scan-buttons">
        {kinds.map((kind) => (
          <ScanButton key={kind} label={t(`access.compose.${labels[kind]}`)} onFiles={(files) => choose(kind, files)} />
        ))}
      </div>
    </>
  );
}

function ScanButton({ label, onFiles }: { readonly label: string; readonly onFiles: (files: File[]) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const chosen = (event: ChangeEvent<HTMLInputElement>) => {
    onFiles([...(event.target.files ?? [])]);
    event.target.value = '';
  };
  return (
    <>
      <Button size="small" icon={<UploadOutlined aria-hidden="true" />} onClick={() => input.current?.click()}>
        {label}
      </Button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        accept="image/*,.pdf,.doc,.docx,.ofd"
        aria-label={label}
        onChange={chosen}
      />
    </>
  );
}
