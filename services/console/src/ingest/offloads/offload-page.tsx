import type { Offload } from '@fengcun/contracts';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { client, problemIn } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { Loaded } from '../../app/api/page-state.tsx';
import { useLanguage } from '../../app/i18n/language.ts';
import { NotFoundPage } from '../../app/not-found-page.tsx';
import { LinkButton } from '../../app/shell/link-button.tsx';
import { Page, Panel } from '../../app/shell/page.tsx';
import { formatBytes } from '../../format/bytes.ts';
import { formatOffset } from '../../format/duration.ts';
import { When } from '../../format/when.tsx';
import { GapsPanel } from './gaps-panel.tsx';
import { OffloadFiles } from './offload-files.tsx';
import '../ingest.css';

/** One docking: is everything here that the device had? */
export function OffloadPage() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const offload = useQuery({
    queryKey: keys.offload(id),
    queryFn: ({ signal }) => client.call('getOffload', { params: { id }, signal }),
  });
  const problem = offload.error ? problemIn(offload.error) : null;
  if (problem?.status === 404 || problem?.code === 'invalid_input') return <NotFoundPage />;
  const { data } = offload;
  return (
    <Page
      title={data ? `${t('ingest.offload.title')} · ${data.device.name}` : t('ingest.offload.title')}
      lead={
        data && (
          <span className={data.complete ? 'tag good' : 'tag warn'}>
            {data.complete ? t('ingest.offload.complete') : t('ingest.offload.incomplete')}
          </span>
        )
      }
      tools={<LinkButton to="/ingest">{t('ingest.offload.back')}</LinkButton>}
    >
      <Loaded query={offload} rows={10}>
        {(found) => (
          <div className="stack">
            <About offload={found} />
            <div className="offload-side">
              <MissingPanel offload={found} />
              <GapsPanel offload={found} />
            </div>
            <OffloadFiles files={found.files} />
          </div>
        )}
      </Loaded>
    </Page>
  );
}

function About({ offload }: { readonly offload: Offload }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const bytes = offload.files.reduce((sum, file) => sum + file.size, 0);
  const received = offload.files.reduce((sum, file) => sum + file.offset, 0);
  const sealed = offload.files.filter(({ state }) => state === 'sealed').length;
  const clock = (at: string | null) =>
    at ? <When at={at} /> : <span className="quiet">{t('ingest.offload.notReported')}</span>;
  return (
    <section className="panel">
      <div className="panel-body">
        <dl className="offload-facts">
          <Cell name={t('ingest.offloads.device')}>
            <Link to={`/evidence?device=${offload.device.id}`}>{offload.device.serial}</Link>
          </Cell>
          <Cell name={t('ingest.offloads.dock')}>{offload.dock?.name ?? t('ingest.offloads.fromConsole')}</Cell>
          <Cell name={t('ingest.offloads.unit')}>{offload.unit.name}</Cell>
          <Cell name={t('ingest.offloads.officer')}>{offload.officer ?? '—'}</Cell>
          <Cell name={t('ingest.offloads.opened')}>{clock(offload.openedAt)}</Cell>
          <Cell name={t('ingest.offload.deviceClock')}>{clock(offload.deviceClock)}</Cell>
          <Cell name={t('ingest.offload.dockClock')}>{clock(offload.dockClock)}</Cell>
          <Cell name={t('ingest.offload.offset')} hint={t('ingest.offload.offsetHint')}>
            {offload.deviceClockOffsetMs === null ? (
              <span className="quiet">{t('ingest.offload.notReported')}</span>
            ) : (
              <span className={Math.abs(offload.deviceClockOffsetMs) > 60_000 ? 'num danger strong' : 'num'}>
                {formatOffset(offload.deviceClockOffsetMs, language)}
              </span>
            )}
          </Cell>
          <Cell name={t('ingest.offload.received')}>
            <span className="num">
              {formatBytes(received)} / {formatBytes(bytes)}
            </span>
          </Cell>
          <Cell name={t('ingest.offload.sealed')}>
            <span className="num">{t('ingest.offloads.filesOf', { done: sealed, all: offload.files.length })}</span>
          </Cell>
        </dl>
      </div>
    </section>
  );
}

function Cell({ name, hint, children }: { name: string; hint?: string; children: ReactNode }) {
  return (
    <div title={hint}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

const shownMissing = 12;

function MissingPanel({ offload }: { readonly offload: Offload }) {
  const { t } = useTranslation();
  const { missing, files } = offload;
  const names = missing.flatMap((ordinal) => files.find((file) => file.ordinal === ordinal)?.name ?? []);
  return (
    <Panel title={t('ingest.offload.missingTitle')}>
      {missing.length === 0 ? (
        <p className="good panel-text">{t('ingest.offload.missingNone')}</p>
      ) : (
        <>
          <p className="warn strong panel-text">{t('ingest.offload.missingSome', { count: missing.length })}</p>
          <ul className="missing">
            {names.slice(0, shownMissing).map((name) => (
              <li key={name}>{name}</li>
            ))}
          </ul>
          {names.length > shownMissing && (
            <p className="quiet">{t('ingest.offload.missingMore', { count: names.length })}</p>
          )}
        </>
      )}
    </Panel>
  );
}
