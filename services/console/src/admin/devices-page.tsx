import type { Device } from '@fengcun/contracts';
import { useQuery } from '@tanstack/react-query';
import { Table, type TableColumnsType } from 'antd';
import { useTranslation } from 'react-i18next';
import { client } from '../app/api/client.ts';
import { keys } from '../app/api/keys.ts';
import { Loaded, Nothing } from '../app/api/page-state.tsx';
import { Panel } from '../app/shell/page.tsx';
import { When } from '../format/when.tsx';
import { DocksPanel } from '../ingest/docks/docks-panel.tsx';
import '../ingest/ingest.css';

const tones = { in_use: 'good', unregistered: 'warn', retired: 'plain' } as const;

/** What records, and what takes recordings in. */
export function DevicesPage() {
  const { t } = useTranslation();
  const devices = useQuery({
    queryKey: keys.devices,
    queryFn: ({ signal }) => client.call('listDevices', { signal }),
  });
  const columns: TableColumnsType<Device> = [
    {
      title: t('admin.devices.serial'),
      key: 'serial',
      width: 160,
      render: (_, { serial }) => <span className="num strong">{serial}</span>,
    },
    { title: t('admin.devices.name'), key: 'name', dataIndex: 'name', ellipsis: true },
    {
      title: t('admin.devices.kind'),
      key: 'kind',
      width: 120,
      render: (_, { kind }) => t(`admin.devices.kinds.${kind}`),
    },
    { title: t('admin.devices.unit'), key: 'unit', width: 180, ellipsis: true, render: (_, { unit }) => unit.name },
    {
      title: t('admin.devices.state'),
      key: 'state',
      width: 96,
      render: (_, { state }) => <span className={`tag ${tones[state]}`}>{t(`admin.devices.states.${state}`)}</span>,
    },
    {
      title: t('admin.devices.last'),
      key: 'last',
      width: 168,
      render: (_, { lastOffloadAt }) => <When at={lastOffloadAt} />,
    },
  ];
  return (
    <div className="device-columns">
      <Panel title={t('admin.devices.title')} flush>
        <Loaded query={devices}>
          {({ items }) =>
            items.length === 0 ? (
              <Nothing title={t('admin.devices.none')} hint={t('admin.devices.noneHint')} />
            ) : (
              <Table<Device>
                rowKey="id"
                size="small"
                columns={columns}
                dataSource={items}
                pagination={items.length > 50 ? { pageSize: 50, size: 'small' } : false}
                scroll={{ x: 760 }}
              />
            )
          }
        </Loaded>
      </Panel>
      <DocksPanel />
    </div>
  );
}
