import { DownloadOutlined } from '@ant-design/icons';
import type { Evidence, Receipt } from '@fengcun/contracts';
import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { problemIn } from '../../app/api/client.ts';
import { Loaded } from '../../app/api/page-state.tsx';
import { Panel } from '../../app/shell/page.tsx';
import { Command } from '../../format/command.tsx';
import { saveJson } from '../../format/save-json.ts';
import { Fact, Facts } from './fact.tsx';
import { checkpointSizeOf, receiptName, shellWord } from './receipt.ts';
import { receiptQuery } from './receipt-query.ts';

const parts = ['entry', 'openings', 'proof', 'keys'] as const satisfies readonly (keyof Receipt)[];

/** The receipt, and how to do without us. */
export function ProofPanel({ evidence }: { readonly evidence: Evidence }) {
  const { t } = useTranslation();
  const receipt = useQuery({
    ...receiptQuery(evidence.id),
    enabled: evidence.state === 'sealed',
  });
  const waiting =
    evidence.entryIndex === null || (receipt.error !== null && problemIn(receipt.error).code === 'receipt_pending');
  const fileName = receiptName(evidence.name);
  const command = `fengcun-verify ${shellWord(baseName(evidence.name))} ${shellWord(fileName)}`;
  return (
    <Panel
      title={t('evidence.proof.title')}
      tools={
        receipt.data && (
          <Button
            size="small"
            icon={<DownloadOutlined aria-hidden="true" />}
            onClick={() => saveJson(receipt.data, fileName)}
          >
            {t('evidence.proof.download')}
          </Button>
        )
      }
    >
      {evidence.state === 'quarantined' ? (
        <p className="quiet panel-text">{t('evidence.proof.quarantined')}</p>
      ) : waiting ? (
        <p className="quiet panel-text">{t('evidence.proof.pending')}</p>
      ) : (
        <Loaded query={receipt} rows={2}>
          {(data) => (
            <Facts>
              <Fact name={t('evidence.proof.index')}>
                <span className="num">{evidence.entryIndex}</span>
              </Fact>
              <Fact name={t('evidence.proof.size')} hint={t('evidence.proof.sizeHint')}>
                <span className="num">{checkpointSizeOf(data.proof)?.toLocaleString('en-US') ?? '—'}</span>
              </Fact>
              <Fact name={t('evidence.proof.containsTitle')}>
                {parts.map((part) => t(`evidence.proof.contains.${part}`)).join(' · ')}
              </Fact>
            </Facts>
          )}
        </Loaded>
      )}
      {evidence.state === 'sealed' && (
        <>
          <h3 className="panel-sub">{t('evidence.proof.offline')}</h3>
          <p className="quiet small panel-text">{t('evidence.proof.offlineHint')}</p>
          <Command text={command} />
        </>
      )}
    </Panel>
  );
}

/** The name without the folders it had on the device. */
const baseName = (name: string): string => name.split(/[\\/]/).at(-1) || name;
