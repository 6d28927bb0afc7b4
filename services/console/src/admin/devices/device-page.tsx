import type { DeviceDetail } from '@fengcun/contracts';
import { useQuery } from '@tanstack/react-query';
import { Alert, Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { client, problemIn } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { Loaded, Nothing } from '../../app/api/page-state.tsx';
import { NotFoundPage } from '../../app/not-found-page.tsx';
import { LinkButton } from '../../app/shell/link-button.tsx';
import { Page, Panel } from '../../app/shell/page.tsx';
import { Fact, Facts } from '../../evidence/item/fact.tsx';
import { When } from '../../format/when.tsx';
import { EditDevice, type NextState, SetDeviceState } from './device-dialogs.tsx';
import { DeviceHistory } from './device-history.tsx';
import { ClockOffset, DeviceState } from './marks.tsx';
import '../admin.css';

/** One device: what it is and who holds it, its clock, what it handed over, and everything that happened to it. */
export function DevicePage() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const device = useQuery({
    queryKey: keys.device(id),
    queryFn: ({ signal }) => client.call('getDevice', { params: { id }, signal }),
    refetchOnMount: 'always',
  });
  const problem = device.error ? problemIn(device.error) : null;
  if (problem?.status === 404 || problem?.code === 'invalid_input') return <NotFoundPage />;
  const { data } = device;
  return (
    <Page
      title={data ? `${data.serial} ${data.name === data.serial ? '' : data.name}`.trim() : t('devices.title')}
      lead={data && <DeviceState state={data.state} />}
      tools={<LinkButton to="/admin/devices">{t('common.back')}</LinkButton>}
    >
      <Loaded query={device} rows={10}>
        {(loaded) => (
          <div className="person-columns">
            <div className="stack">
              <FactsPanel device={loaded} />
              <OffloadsPanel device={loaded} />
            </div>
            <DeviceHistory device={loaded} />
          </div>
        )}
      </Loaded>
    </Page>
  );
}

const nextStates: Readonly<Record<DeviceDetail['state'], readonly NextState[]>> = {
  unregistered: ['retired'],
  in_use: ['in_repair', 'lost', 'retired'],
  in_repair: ['in_use', 'lost', 'retired'],
  lost: ['in_use', 'retired'],
  retired: ['in_use'],
};

function FactsPanel({ device }: { readonly device: DeviceDetail }) {
  const { t } = useTranslation();
  const [doing, setDoing] = useState<NextState | 'edit' | null>(null);
  const stop = () => setDoing(null);
  const isNew = device.state === 'unregistered';
  const { change } = device.actions;
  return (
    <Panel
      title={t('devices.facts')}
      tools={
        change && (
          <Button size="small" type={isNew ? 'primary' : 'default'} onClick={() => setDoing('edit')}>
            {t(isNew ? 'devices.register' : 'devices.edit')}
          </Button>
        )
      }
    >
      {isNew && (
        <Alert
          className="banner"
          type="warning"
          showIcon
          title={t(change ? 'devices.unknownOne' : 'devices.unknownOneWaits')}
        />
      )}
      <Facts>
        <Fact name={t('devices.serial')}>
          <span className="num strong">{device.serial}</span>
        </Fact>
        <Fact name={t('devices.name')}>{device.name}</Fact>
        <Fact name={t('devices.kindLabel')}>{t(`devices.kind.${device.kind}`)}</Fact>
        <Fact name={t('devices.model')}>{device.model ?? '—'}</Fact>
        <Fact name={t('devices.unit')}>{device.unit.name}</Fact>
        <Fact name={t('devices.holder')}>
          {device.holder ? `${device.holder.name} ${device.holder.officerNumber ?? ''}`.trim() : '—'}
        </Fact>
        <Fact name={t('devices.column.clock')}>
          <ClockOffset ms={device.clockOffsetMs} />
          {device.clockNote && <div className="quiet small">{device.clockNote}</div>}
        </Fact>
        <Fact name={t('devices.firstSeen')}>
          <When at={device.firstSeenAt} />
        </Fact>
        <Fact name={t('devices.items')}>
          {device.items > 0 ? (
            <Link to={`/evidence?device=${device.id}`}>{t('devices.itemsSee', { count: device.items })}</Link>
          ) : (
            '—'
          )}
        </Fact>
        {device.stateReason && <Fact name={t('devices.stateReason')}>{device.stateReason}</Fact>}
        {device.changed && (
          <Fact name={t('devices.changed')}>
            {device.changed.by.name} <When at={device.changed.at} />
          </Fact>
        )}
      </Facts>
      {change && (
        <div className="panel-buttons panel-note">
          {nextStates[device.state].map((to) => (
            <Button key={to} danger={to === 'lost' || to === 'retired'} onClick={() => setDoing(to)}>
              {t(`devices.to.${to}`)}
            </Button>
          ))}
        </div>
      )}
      {doing === 'edit' && <EditDevice device={device} onClose={stop} />}
      {doing && doing !== 'edit' && <SetDeviceState device={device} to={doing} onClose={stop} />}
    </Panel>
  );
}

function OffloadsPanel({ device }: { readonly device: DeviceDetail }) {
  const { t } = useTranslation();
  const query = { device: device.id, limit: 10 };
  const offloads = useQuery({
    queryKey: keys.offloadList(query),
    queryFn: ({ signal }) => client.call('listOffloads', { query, signal }),
    refetchOnMount: 'always',
  });
  return (
    <Panel title={t('devices.clock.title')} flush>
      <Loaded query={offloads}>
        {({ items }) =>
          items.length === 0 ? (
            <Nothing title={t('devices.clock.none')} />
          ) : (
            <ul className="rows">
              {items.map((offload) => (
                <li key={offload.id} className="device-offload">
                  <Link to={`/ingest/offloads/${offload.id}`}>
                    <When at={offload.openedAt} />
                  </Link>
                  <span className="quiet device-dock">{offload.dock?.name ?? t('ingest.offloads.fromConsole')}</span>
                  <span className="num">
                    {t('ingest.offloads.filesOf', { done: offload.sealed, all: offload.files })}
                  </span>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Panel>
  );
}
