import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { client } from '../app/api/client.ts';
import { keys } from '../app/api/keys.ts';
import { Loaded } from '../app/api/page-state.tsx';
import { formatBytes } from '../format/bytes.ts';

/** The numbers of the day, each leading to what it counts. */
export function Figures() {
  const { t } = useTranslation();
  const overview = useQuery({
    queryKey: keys.overview,
    queryFn: ({ signal }) => client.call('getOverview', { signal }),
  });
  if (!overview.data) {
    return (
      <div className="figures-waiting">
        <Loaded query={overview} rows={1}>
          {() => null}
        </Loaded>
      </div>
    );
  }
  const { evidence, uploads, alarms, ledger } = overview.data;
  return (
    <div className="figures">
      <Figure label={t('desk.sealedToday')} value={evidence.sealedToday} to="/evidence?state=sealed" />
      <Figure label={t('desk.sealed')} value={evidence.sealed} note={formatBytes(evidence.bytes)} to="/evidence" />
      <Figure
        label={t('desk.quarantined')}
        value={evidence.quarantined}
        tone={evidence.quarantined > 0 ? 'danger' : 'plain'}
        to="/evidence?state=quarantined"
      />
      <Figure
        label={t('desk.receiving')}
        value={uploads.receiving}
        note={`${t('desk.sealing')} ${uploads.sealing}`}
        to="/ingest"
      />
      <Figure
        label={t('desk.openAlarms')}
        value={alarms.open}
        tone={alarms.open > 0 ? 'danger' : 'plain'}
        to="#alarms"
      />
      <Figure
        label={t('desk.logSize')}
        value={ledger.size}
        note={ledger.pending > 0 ? t('desk.pending', { pending: ledger.pending }) : t('desk.allSigned')}
        to="/integrity"
      />
    </div>
  );
}

interface FigureProps {
  readonly label: string;
  readonly value: number;
  readonly to: string;
  readonly note?: ReactNode;
  readonly tone?: 'plain' | 'danger';
}

function Figure({ label, value, to, note, tone = 'plain' }: FigureProps) {
  return (
    <Link to={to} className="figure">
      <span className="figure-label">{label}</span>
      <span className={tone === 'danger' ? 'figure-value danger' : 'figure-value'}>
        {value.toLocaleString('en-US')}
      </span>
      <span className="figure-note quiet">{note ?? ' '}</span>
    </Link>
  );
}
