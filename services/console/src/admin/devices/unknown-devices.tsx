import type { Device } from '@fengcun/contracts';
import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { client } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { Panel } from '../../app/shell/page.tsx';
import { When } from '../../format/when.tsx';
import { RegisterSeen } from './device-dialogs.tsx';
import '../admin.css';

const shown = 5;

/** Devices that docks have seen and nobody has registered, for those who register them; nothing where there are none. */
export function UnknownDevices() {
  const { t } = useTranslation();
  const query = { state: 'unregistered', limit: shown } as const;
  const devices = useQuery({
    queryKey: keys.deviceList(query),
    queryFn: ({ signal }) => client.call('listDevices', { query, signal }),
    refetchOnMount: 'always',
  });
  const [registering, setRegistering] = useState<Device | null>(null);
  const count = devices.data?.unregistered ?? 0;
  return (
    <>
      {count > 0 && (
        <Panel
          title={t('devices.unknown', { count })}
          tools={<Link to="/admin/devices?state=unregistered">{t('devices.unknownSee')}</Link>}
          flush
        >
          <ul className="rows">
            {devices.data?.items.map((device) => (
              <li key={device.id} className="unknown-device">
                <Link to={`/admin/devices/${device.id}`} className="num strong">
                  {device.serial}
                </Link>
                <span className="quiet device-dock">
                  {device.unit.name}
                  {device.lastDock && ` · ${device.lastDock.name}`}
                </span>
                <When at={device.lastOffloadAt ?? device.firstSeenAt} />
                <Button
                  size="small"
                  aria-label={t('devices.registerTitle', { serial: device.serial })}
                  onClick={() => setRegistering(device)}
                >
                  {t('devices.register')}
                </Button>
              </li>
            ))}
          </ul>
          <p className="quiet small panel-line roles-note">{t('devices.unknownHint')}</p>
        </Panel>
      )}
      {registering && <RegisterSeen seen={registering} onClose={() => setRegistering(null)} />}
    </>
  );
}
