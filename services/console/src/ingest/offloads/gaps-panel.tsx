import type { Offload } from '@fengcun/contracts';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { FormDialog, TextField } from '../../app/dialog/form-dialog.tsx';
import { mayCall, useMe } from '../../app/session/use-session.ts';
import { Panel } from '../../app/shell/page.tsx';
import { When } from '../../format/when.tsx';

type Gap = Offload['gaps'][number];

/** Numbers that the device counted and nobody has seen. Open until someone says why, by name. */
export function GapsPanel({ offload }: { readonly offload: Offload }) {
  const { t } = useTranslation();
  const me = useMe();
  const [explaining, setExplaining] = useState<Gap | null>(null);
  const may = mayCall(me, 'explainGap');
  return (
    <Panel title={t('ingest.offload.gapsTitle')}>
      {offload.gaps.length === 0 ? (
        <p className="good panel-text">{t('ingest.offload.gapsNone')}</p>
      ) : (
        <>
          <p className="quiet small panel-text">{t('ingest.offload.gapsHint')}</p>
          <ul className="rows">
            {offload.gaps.map((gap) => (
              <li key={gap.id} className="gap-row">
                <span className={gap.explained ? 'num' : 'num warn strong'}>
                  <GapWords gap={gap} />
                </span>
                {!gap.explained && may && (
                  <Button size="small" onClick={() => setExplaining(gap)}>
                    {t('ingest.offload.explain')}
                  </Button>
                )}
                {gap.explained && (
                  <>
                    <When at={gap.explained.at} />
                    <span className="quiet">
                      {t('ingest.offload.explainedBy', { by: gap.explained.by })}: {gap.explained.reason}
                    </span>
                  </>
                )}
              </li>
            ))}
          </ul>
        </>
      )}
      {explaining && <ExplainGap gap={explaining} offload={offload.id} onClose={() => setExplaining(null)} />}
    </Panel>
  );
}

function GapWords({ gap }: { readonly gap: Gap }) {
  const { t } = useTranslation();
  const { from, to } = gap;
  return from === to
    ? t('ingest.offload.gapOne', { from })
    : t('ingest.offload.gapRange', { from, to, count: to - from + 1 });
}

function ExplainGap({ gap, offload, onClose }: { gap: Gap; offload: string; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <FormDialog<{ reason: string }>
      title={t('ingest.offload.explainTitle')}
      send={({ reason }) => client.call('explainGap', { params: { id: gap.id }, body: { reason: reason.trim() } })}
      refresh={[keys.offload(offload), keys.alarms]}
      done={t('ingest.offload.explained')}
      onClose={onClose}
    >
      <p className="num strong">
        <GapWords gap={gap} />
      </p>
      <TextField
        name="reason"
        label={t('ingest.offload.reason')}
        extra={t('ingest.offload.explainHint')}
        placeholder={t('ingest.offload.reasonPlaceholder')}
        autoFocus
      />
    </FormDialog>
  );
}
