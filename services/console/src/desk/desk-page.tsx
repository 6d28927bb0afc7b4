import type { Role } from '@fengcun/contracts';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { UnknownDevices } from '../admin/devices/unknown-devices.tsx';
import { client } from '../app/api/client.ts';
import { keys } from '../app/api/keys.ts';
import { Loaded, Nothing } from '../app/api/page-state.tsx';
import { mayCall, useMe } from '../app/session/use-session.ts';
import { Page, Panel } from '../app/shell/page.tsx';
import { KindMark, StateTag } from '../evidence/marks.tsx';
import { formatBytes } from '../format/bytes.ts';
import { formatClock } from '../format/duration.ts';
import { When } from '../format/when.tsx';
import { DocksPanel } from '../ingest/docks/docks-panel.tsx';
import { AlarmsPanel } from './alarms-panel.tsx';
import { Figures } from './figures.tsx';
import { KeeperPanel } from './keeper-panel.tsx';
import { RunningUploads } from './running-uploads.tsx';
import { WaitingPanel } from './waiting-panel.tsx';
import '../ingest/ingest.css';
import './desk.css';

/** What waits for me, what is coming in now, and what came in last: of each what is the reader's. */
export function DeskPage() {
  const { t } = useTranslation();
  const me = useMe();
  const asks = mayCall(me, 'createRequest');
  const holds = (...wanted: Role[]) => me.roles.some(({ role }) => wanted.includes(role));
  return (
    <Page title={t('desk.title')}>
      <Figures />
      <div className="desk-columns">
        <div className="stack">
          {asks && <WaitingPanel />}
          {mayCall(me, 'getSignInPolicy') && <KeeperPanel />}
          {mayCall(me, 'changeDevice') && <UnknownDevices />}
          {holds('system_admin', 'security_admin') && <DocksPanel />}
          {(asks || holds('system_admin')) && <RunningUploads />}
          {(asks || holds('auditor')) && <LatestEvidence />}
        </div>
        <AlarmsPanel />
      </div>
    </Page>
  );
}

function LatestEvidence() {
  const { t } = useTranslation();
  const latest = useQuery({
    queryKey: keys.latestEvidence,
    queryFn: ({ signal }) => client.call('listEvidence', { query: { limit: 8 }, signal }),
  });
  return (
    <Panel title={t('desk.latest')} tools={<Link to="/evidence">{t('desk.seeAll')}</Link>} flush>
      <Loaded query={latest} rows={6}>
        {({ items }) =>
          items.length === 0 ? (
            <Nothing title={t('desk.latestNone')} hint={t('desk.latestHint')} />
          ) : (
            <ul className="rows">
              {items.map((item) => (
                <li key={item.id}>
                  <Link to={`/evidence/${item.id}`} className="latest-row">
                    <KindMark kind={item.kind} />
                    <span className="latest-name two-lines" title={item.name}>
                      {item.name}
                    </span>
                    <span className="quiet latest-unit">{item.unit.name}</span>
                    <span className="num quiet latest-size">
                      {item.durationMs === null ? formatBytes(item.size) : formatClock(item.durationMs)}
                    </span>
                    <StateTag state={item.state} />
                    <When at={item.capturedAt} />
                  </Link>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Panel>
  );
}
