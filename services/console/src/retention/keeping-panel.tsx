import type { Evidence, Hold, ItemRetention, VaultCopy } from '@fengcun/contracts';
import { useQuery } from '@tanstack/react-query';
import { Alert, Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../app/api/client.ts';
import { keys } from '../app/api/keys.ts';
import { Loaded } from '../app/api/page-state.tsx';
import { FormDialog, TextField } from '../app/dialog/form-dialog.tsx';
import { Panel } from '../app/shell/page.tsx';
import { Fact, Facts } from '../evidence/item/fact.tsx';
import { Command } from '../format/command.tsx';
import { FindingText } from '../format/finding-text.tsx';
import { When } from '../format/when.tsx';
import { ClassField } from './class-field.tsx';
import { retentionKeys } from './queries.ts';
import { RequestDialog } from './request-dialog.tsx';
import './retention.css';

type Open = 'extend' | 'hold' | 'dispose' | Hold;

/** How the item is kept: for how long, under which holds, in which copies; and what the reader may do about it. */
export function KeepingPanel({ evidence }: { readonly evidence: Evidence }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState<Open | null>(null);
  const { id } = evidence;
  const keeping = useQuery({
    queryKey: retentionKeys.item(id),
    queryFn: ({ signal }) => client.call('getItemRetention', { params: { id }, signal }),
  });
  const refresh = [keys.evidence(id), retentionKeys.all];
  const close = () => setOpen(null);
  const actions = keeping.data?.actions;
  return (
    <Panel
      title={t('retention.item.title')}
      tools={
        <>
          {actions?.assign.allowed && (
            <Button size="small" onClick={() => setOpen('extend')}>
              {t('retention.item.extend')}
            </Button>
          )}
          {actions?.hold.allowed && (
            <Button size="small" onClick={() => setOpen('hold')}>
              {t('retention.item.setHold')}
            </Button>
          )}
          {actions?.dispose.allowed && mayAsk(keeping.data) && (
            <Button size="small" danger onClick={() => setOpen('dispose')}>
              {t('retention.item.dispose')}
            </Button>
          )}
        </>
      }
    >
      <Loaded query={keeping}>{(data) => <Keeping data={data} onRelease={setOpen} />}</Loaded>
      {open === 'extend' && (
        <FormDialog<{ class: string; reason: string }>
          title={t('retention.item.extendTitle')}
          ok={t('retention.item.extend')}
          send={(body) => client.call('assignItemRetention', { params: { id }, body })}
          refresh={refresh}
          done={t('retention.item.extended')}
          onClose={close}
        >
          <p>{t('retention.item.extendHint')}</p>
          <ClassField name="class" label={t('retention.item.chooseClass')} />
          <TextField name="reason" label={t('retention.item.reason')} />
        </FormDialog>
      )}
      {open === 'hold' && (
        <FormDialog<{ reason: string }>
          title={t('retention.item.setHold')}
          ok={t('retention.item.setHold')}
          send={(body) => client.call('setHold', { params: { id }, body })}
          refresh={refresh}
          done={t('retention.item.holdSet')}
          onClose={close}
        >
          <TextField name="reason" label={t('retention.item.holdReason')} autoFocus />
        </FormDialog>
      )}
      {open === 'dispose' && <RequestDialog evidence={[id]} refresh={refresh} onClose={close} />}
      {open !== null && typeof open === 'object' && (
        <FormDialog<{ reason: string }>
          title={t('retention.item.releaseTitle')}
          danger
          ok={t('retention.item.release')}
          send={(body) => client.call('releaseHold', { params: { id: open.id }, body })}
          refresh={refresh}
          done={t('retention.item.released')}
          onClose={close}
        >
          <p>{open.reason}</p>
          <TextField name="reason" label={t('retention.item.releaseReason')} autoFocus />
        </FormDialog>
      )}
    </Panel>
  );
}

/** Whether asking could come to anything: the term is over, nothing holds it, and nobody has asked before. */
function mayAsk(data: ItemRetention | undefined): boolean {
  if (!data || data.held || data.until === null || data.tombstone !== null) return false;
  const open = data.disposition !== null && ['requested', 'approved', 'disposing'].includes(data.disposition.state);
  return !open && Date.parse(data.until) <= Date.now();
}

function Keeping({ data, onRelease }: { readonly data: ItemRetention; readonly onRelease: (hold: Hold) => void }) {
  const { t } = useTranslation();
  const { tombstone, disposition } = data;
  return (
    <>
      {tombstone && (
        <Alert
          type="info"
          showIcon
          className="keeping-note"
          title={t('retention.item.disposed')}
          description={
            <>
              <div>{t('retention.item.disposedWords')}</div>
              <div className="quiet small">
                <When at={tombstone.disposedAt} /> ·{' '}
                {t('retention.item.disposedBy', {
                  requested: tombstone.requestedBy,
                  decided: tombstone.decidedBy,
                  objects: tombstone.objects,
                })}
              </div>
            </>
          }
        />
      )}
      <Facts>
        <Fact name={t('retention.item.class')}>{data.class.name}</Fact>
        {data.matter && <Fact name={t('retention.item.matter')}>{data.matter.title}</Fact>}
        <Fact name={t('retention.item.until')}>
          {data.until ? <When at={data.until} /> : <span className="strong">{t('retention.item.forever')}</span>}
        </Fact>
        {!tombstone && (
          <Fact name={t('retention.item.locked')}>
            <When at={data.lockedUntil} />{' '}
            <span className={data.lock.state === 'applied' ? 'tag good' : 'tag warn'}>
              {t(`retention.item.${data.lock.state}`)}
            </span>
            {data.until === null && <div className="quiet small">{t('retention.item.renewed')}</div>}
            <div className="quiet small">
              <FindingText told={data.lock} />
            </div>
          </Fact>
        )}
        <Fact name={t('retention.item.hold')}>
          {data.held ? <span className="strong">{t('retention.item.held')}</span> : t('retention.item.free')}
        </Fact>
        {disposition && !tombstone && (
          <Fact name={t('retention.item.underWay')}>
            {t(`retention.disposition.states.${disposition.state}`)}
            {disposition.refusal && `${t('common.colon')}${t(`retention.disposition.refusal.${disposition.refusal}`)}`}
          </Fact>
        )}
      </Facts>
      {data.holds.length > 0 && (
        <ul className="rows keeping-rows">
          {data.holds.map((hold) => (
            <li key={hold.id} className="keeping-row">
              <span className={hold.released ? 'quiet' : 'strong'}>{hold.reason}</span>
              <span className="quiet small">
                {t('retention.item.holdBy', { name: hold.setBy })} <When at={hold.setAt} />
                {hold.released && (
                  <>
                    {' · '}
                    {t('retention.item.releasedBy', { name: hold.released.by })} <When at={hold.released.at} />
                  </>
                )}
              </span>
              {!hold.released && data.actions.hold.allowed && (
                <Button size="small" type="link" danger onClick={() => onRelease(hold)}>
                  {t('retention.item.release')}
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
      <Copies evidence={data.evidence} copies={data.copies} />
    </>
  );
}

const tones: Record<VaultCopy['state'], string> = {
  pending: 'plain',
  ready: 'good',
  failed: 'warn',
  damaged: 'danger',
  removed: 'plain',
};

function Copies({ evidence, copies }: { readonly evidence: string; readonly copies: readonly VaultCopy[] }) {
  const { t } = useTranslation();
  const damaged = copies.some(({ state }) => state === 'damaged');
  return (
    <>
      <h3 className="keeping-heading">{t('retention.copies.title')}</h3>
      <ul className="rows keeping-rows">
        {copies.map((copy) => (
          <li key={copy.vault} className="keeping-row">
            <span>
              {t(`retention.copies.vault.${copy.vault}`)}{' '}
              <span className={`tag ${tones[copy.state]}`}>{t(`retention.copies.state.${copy.state}`)}</span>
            </span>
            <span className="quiet small">
              {t(`evidence.lock.drivers.${copy.driver}`, { defaultValue: copy.driver })}
              {copy.generation > 0 && ` · ${t('retention.copies.generation', { count: copy.generation })}`}
              {copy.version !== null && (
                <>
                  {' · '}
                  {copy.checkedAt ? (
                    <>
                      {t('retention.copies.checked')} <When at={copy.checkedAt} />
                    </>
                  ) : (
                    t('retention.copies.never')
                  )}
                </>
              )}
            </span>
            {copy.detail && (
              <div className="quiet small keeping-told">
                <FindingText told={copy} />
              </div>
            )}
          </li>
        ))}
      </ul>
      {damaged && (
        <>
          <p className="panel-text">{t('retention.copies.repair')}</p>
          <Command text={`fengcun-vault repair ${evidence}`} />
        </>
      )}
    </>
  );
}
