import type { Evidence } from '@fengcun/contracts';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useLanguage } from '../../app/i18n/language.ts';
import { Panel } from '../../app/shell/page.tsx';
import { exactBytes, formatBytes } from '../../format/bytes.ts';
import { CopyButton } from '../../format/copy-button.tsx';
import { formatOffset } from '../../format/duration.ts';
import { When } from '../../format/when.tsx';
import { Fact, Facts } from './fact.tsx';

/** Where it comes from and when: the recorder's times and ours, side by side. */
export function FactsPanel({ evidence }: { readonly evidence: Evidence }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const { device, dock, uploadedBy, offload, recordedFrom, recordedTo } = evidence;
  return (
    <Panel title={t('evidence.facts.title')}>
      <Facts>
        <Fact name={t('evidence.facts.id')}>
          <code className="small">{evidence.id}</code>
          <CopyButton value={evidence.id} what={t('evidence.facts.id')} />
        </Fact>
        <Fact name={t('evidence.facts.unit')}>{evidence.unit.name}</Fact>
        {evidence.officer && <Fact name={t('evidence.facts.officer')}>{evidence.officer}</Fact>}
        {device && (
          <Fact name={t('evidence.facts.device')}>
            <Link to={`/evidence?device=${device.id}`}>{device.serial}</Link>
          </Fact>
        )}
        {dock && <Fact name={t('evidence.facts.dock')}>{dock.name}</Fact>}
        {uploadedBy && <Fact name={t('evidence.facts.uploadedBy')}>{uploadedBy.name}</Fact>}
        {offload && (
          <Fact name={t('evidence.facts.offload')}>
            <Link to={`/ingest/offloads/${offload}`} className="small">
              <code>{offload}</code>
            </Link>
          </Fact>
        )}
        <Fact name={t('evidence.facts.recorded')}>
          {recordedFrom ? (
            <>
              <When at={recordedFrom} />
              {recordedTo && (
                <>
                  <br />
                  <When at={recordedTo} />
                </>
              )}
            </>
          ) : (
            <span className="quiet">{t('evidence.facts.recordedUnknown')}</span>
          )}
        </Fact>
        <Fact name={t('evidence.facts.received')}>
          <When at={evidence.receivedAt} />
        </Fact>
        <Fact name={t(evidence.state === 'sealed' ? 'evidence.facts.sealed' : 'evidence.facts.quarantined')}>
          <When at={evidence.sealedAt} />
        </Fact>
        {evidence.deviceClockOffsetMs !== null && (
          <Fact name={t('evidence.facts.clock')} hint={t('evidence.facts.clockHint')}>
            <span className="num">{formatOffset(evidence.deviceClockOffsetMs, language)}</span>
          </Fact>
        )}
        <Fact name={t('evidence.facts.size')}>
          <span className="num" title={exactBytes(evidence.size)}>
            {formatBytes(evidence.size)}
          </span>
        </Fact>
      </Facts>
    </Panel>
  );
}
