import { PlusOutlined } from '@ant-design/icons';
import type { Dock } from '@fengcun/contracts';
import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { Loaded, Nothing } from '../../app/api/page-state.tsx';
import { FormDialog, TextField } from '../../app/dialog/form-dialog.tsx';
import { mayCall, useMe } from '../../app/session/use-session.ts';
import { Panel } from '../../app/shell/page.tsx';
import { When } from '../../format/when.tsx';
import { CreateDock } from './create-dock.tsx';

/** The docks of the reader's units; the security administrator adds and revokes them. */
export function DocksPanel() {
  const { t } = useTranslation();
  const me = useMe();
  const docks = useQuery({ queryKey: keys.docks, queryFn: ({ signal }) => client.call('listDocks', { signal }) });
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<Dock | null>(null);
  const mayRevoke = mayCall(me, 'revokeDock');
  return (
    <Panel
      title={t('ingest.docks.title')}
      tools={
        mayCall(me, 'createDock') && (
          <Button size="small" icon={<PlusOutlined aria-hidden="true" />} onClick={() => setCreating(true)}>
            {t('ingest.docks.add')}
          </Button>
        )
      }
      flush
    >
      <Loaded query={docks}>
        {({ items }) =>
          items.length === 0 ? (
            <Nothing title={t('ingest.docks.none')} hint={t('ingest.docks.noneHint')} />
          ) : (
            <ul className="rows">
              {items.map((dock) => (
                <li key={dock.id} className="dock-row">
                  <span className="strong">{dock.name}</span>
                  <span className={`tag ${tones[dock.state]}`}>{t(`ingest.docks.state.${dock.state}`)}</span>
                  <span className="quiet small">
                    {dock.unit.name} ·{' '}
                    {dock.lastSeenAt ? (
                      <>
                        {t('ingest.docks.lastSeen')} <When at={dock.lastSeenAt} />
                      </>
                    ) : (
                      t('ingest.docks.neverSeen')
                    )}
                  </span>
                  {mayRevoke && dock.state !== 'revoked' ? (
                    <Button size="small" type="link" danger onClick={() => setRevoking(dock)}>
                      {t('ingest.docks.revoke')}
                    </Button>
                  ) : (
                    <span />
                  )}
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      {creating && <CreateDock onClose={() => setCreating(false)} />}
      {revoking && <RevokeDock dock={revoking} onClose={() => setRevoking(null)} />}
    </Panel>
  );
}

const tones: Record<Dock['state'], string> = { awaiting_enrolment: 'warn', enrolled: 'good', revoked: 'plain' };

export function RevokeDock({ dock, onClose }: { readonly dock: Dock; readonly onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <FormDialog<{ reason: string }>
      title={t('ingest.docks.revokeTitle', { name: dock.name })}
      ok={t('ingest.docks.revoke')}
      danger
      send={({ reason }) => client.call('revokeDock', { params: { id: dock.id }, body: { reason: reason.trim() } })}
      refresh={[keys.docks]}
      done={t('ingest.docks.revoked')}
      onClose={onClose}
    >
      <p>{t('ingest.docks.revokeHint')}</p>
      <TextField name="reason" label={t('ingest.docks.revokeReason')} autoFocus />
    </FormDialog>
  );
}
