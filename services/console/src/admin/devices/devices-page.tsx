import { PlusOutlined } from '@ant-design/icons';
import { type Device, deviceKinds, deviceStates } from '@fengcun/contracts';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Alert, Button, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import { client } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { Nothing } from '../../app/api/page-state.tsx';
import { PagedList, type Rows, RowsTable } from '../../app/list/paged-list.tsx';
import { SelectFilter, UnitFilter } from '../../app/list/select-filter.tsx';
import { TextFilter } from '../../app/list/text-filter.tsx';
import { present, useCursorAddress, writeCursorAddress } from '../../app/list/use-cursor-address.ts';
import { mayCall, useMe } from '../../app/session/use-session.ts';
import { When } from '../../format/when.tsx';
import { CreateDevice, RegisterSeen } from './device-dialogs.tsx';
import { type DeviceFilters, deviceQueryOf, readDeviceAddress } from './filters.ts';
import { ClockOffset, DeviceState } from './marks.tsx';

/** What records. Devices that docks have seen and nobody has registered are one click away from it. */
export function DevicesPage() {
  const { t } = useTranslation();
  const me = useMe();
  const navigate = useNavigate();
  const address = useCursorAddress(readDeviceAddress, writeCursorAddress);
  const [creating, setCreating] = useState(false);
  const [registering, setRegistering] = useState<Device | null>(null);
  const query = deviceQueryOf(address);
  const list = useQuery({
    queryKey: keys.deviceList(query),
    queryFn: ({ signal }) => client.call('listDevices', { query, signal }),
    placeholderData: keepPreviousData,
    refetchOnMount: 'always',
  });
  const unknown = list.data?.unregistered ?? 0;
  const keeps = mayCall(me, 'changeDevice');
  const filtered = Object.keys(address.filters).length > 0;
  return (
    <>
      {unknown > 0 && address.filters.state !== 'unregistered' && (
        <Alert
          className="banner"
          type="warning"
          showIcon
          title={t('devices.unknown', { count: unknown })}
          description={t(keeps ? 'devices.unknownHint' : 'devices.unknownWaits')}
          action={
            <Button size="small" onClick={() => address.setFilters({ state: 'unregistered' })}>
              {t('devices.unknownSee')}
            </Button>
          }
        />
      )}
      <section className="panel" aria-label={t('devices.title')}>
        <FilterBar
          filters={address.filters}
          onChange={address.setFilters}
          onCreate={mayCall(me, 'createDevice') ? () => setCreating(true) : null}
        />
        <PagedList
          address={address}
          list={list}
          nothing={
            <Nothing
              title={t(filtered ? 'devices.noneMatch' : 'devices.none')}
              hint={t(filtered ? 'devices.noneMatchHint' : 'devices.noneHint')}
            />
          }
        >
          {(rows) => <DeviceTable {...rows} onRegister={keeps ? setRegistering : null} />}
        </PagedList>
      </section>
      {creating && (
        <CreateDevice onClose={() => setCreating(false)} onMade={({ id }) => void navigate(`/admin/devices/${id}`)} />
      )}
      {registering && <RegisterSeen seen={registering} onClose={() => setRegistering(null)} />}
    </>
  );
}

interface FilterBarProps {
  readonly filters: DeviceFilters;
  readonly onChange: (filters: DeviceFilters) => void;
  readonly onCreate: (() => void) | null;
}

function FilterBar({ filters, onChange, onCreate }: FilterBarProps) {
  const { t } = useTranslation();
  const set = (change: { [K in keyof DeviceFilters]?: DeviceFilters[K] | undefined }) =>
    onChange(present({ ...filters, ...change }));
  return (
    <search className="filters" aria-label={t('devices.filter.label')}>
      <TextFilter
        className="device-text"
        value={filters.q ?? ''}
        label={t('devices.filter.q')}
        maxLength={64}
        onApply={(q) => set({ q })}
      />
      <SelectFilter
        label={t('devices.column.kind')}
        value={filters.kind}
        onChange={(kind) => set({ kind })}
        options={deviceKinds.map((kind) => ({ value: kind, label: t(`devices.kind.${kind}`) }))}
      />
      <SelectFilter
        label={t('devices.column.state')}
        value={filters.state}
        onChange={(state) => set({ state })}
        options={deviceStates.map((state) => ({ value: state, label: t(`devices.state.${state}`) }))}
      />
      <UnitFilter label={t('devices.filter.unit')} value={filters.unit} onChange={(unit) => set({ unit })} />
      {Object.keys(filters).length > 0 && (
        <Button type="link" onClick={() => onChange({})}>
          {t('devices.filter.clear')}
        </Button>
      )}
      <span className="grow" />
      {onCreate && (
        <Button type="primary" icon={<PlusOutlined aria-hidden="true" />} onClick={onCreate}>
          {t('devices.add')}
        </Button>
      )}
    </search>
  );
}

interface TableProps extends Rows<Device> {
  readonly onRegister: ((device: Device) => void) | null;
}

function DeviceTable({ items, busy, onRegister }: TableProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const columns: TableColumnsType<Device> = [
    {
      title: t('devices.column.serial'),
      key: 'serial',
      width: 152,
      render: (_, { id, serial }) => (
        <Link to={`/admin/devices/${id}`} className="num strong breakable wrap">
          {serial}
        </Link>
      ),
    },
    {
      title: t('devices.column.name'),
      key: 'name',
      className: 'breakable',
      render: (_, { name, model }) => (
        <>
          {name} {model && <span className="quiet small">{model}</span>}
        </>
      ),
    },
    {
      title: t('devices.column.kind'),
      key: 'kind',
      width: 104,
      ellipsis: true,
      render: (_, { kind }) => t(`devices.kind.${kind}`),
    },
    { title: t('devices.column.unit'), key: 'unit', width: 130, ellipsis: true, render: (_, { unit }) => unit.name },
    {
      title: t('devices.column.holder'),
      key: 'holder',
      width: 96,
      ellipsis: true,
      render: (_, { holder }) => holder?.name ?? <span className="quiet">—</span>,
    },
    {
      title: t('devices.column.clock'),
      key: 'clock',
      width: 100,
      render: (_, { clockOffsetMs }) => <ClockOffset ms={clockOffsetMs} />,
    },
    {
      title: t('devices.column.last'),
      key: 'last',
      width: 166,
      render: (_, { lastOffloadAt }) => <When at={lastOffloadAt} />,
    },
    {
      title: t('devices.column.state'),
      key: 'state',
      width: onRegister ? 184 : 120,
      render: (_, device) => (
        <>
          <DeviceState state={device.state} />
          {onRegister && device.state === 'unregistered' && (
            <Button
              size="small"
              type="link"
              aria-label={t('devices.registerTitle', { serial: device.serial })}
              onClick={() => onRegister(device)}
            >
              {t('devices.register')}
            </Button>
          )}
        </>
      ),
    },
  ];
  return (
    <RowsTable<Device>
      rowKey="id"
      items={items}
      busy={busy}
      columns={columns}
      width={1080}
      onOpen={({ id }) => void navigate(`/admin/devices/${id}`)}
    />
  );
}
