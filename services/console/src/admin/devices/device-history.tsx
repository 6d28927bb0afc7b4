import { type DeviceDetail, deviceKinds, deviceStates } from '@fengcun/contracts';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import { client } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { useUnits } from '../../app/dialog/unit-field.tsx';
import { dataOf, type HistoryEntry, HistoryPanel } from '../../history/history-panel.tsx';

type UnitName = (id: unknown) => string;

/** Everything that happened to a device, with what each change was. */
export function DeviceHistory({ device }: { readonly device: DeviceDetail }) {
  const { t } = useTranslation();
  const units = useUnits();
  const unitName: UnitName = (id) =>
    units.data?.items.find((unit) => unit.id === id)?.name ?? t('devices.history.otherUnit');
  return (
    <HistoryPanel
      title={t('devices.history.title')}
      queryKey={keys.deviceHistory(device.id)}
      fetchPage={(page, signal) => client.call('getDeviceHistory', { params: { id: device.id }, query: page, signal })}
      tell={(entry) => ({ lines: linesOf(entry, unitName, t) })}
    />
  );
}

function linesOf(entry: HistoryEntry, unitName: UnitName, t: TFunction): readonly string[] {
  const { event, openings } = entry;
  const data = dataOf(entry);
  switch (event.type) {
    case 'device.registered':
      return data.state === 'unregistered' ? [t('devices.history.seen')] : [unitName(data.unit)];
    case 'device.state_changed':
      return [
        t('devices.history.state', { was: stateName(data.was, t), is: stateName(data.state, t) }),
        t('devices.history.reason', { reason: openings['/data/reason'] ?? '' }),
      ];
    case 'device.changed':
      return differences(entry, unitName, t);
    default:
      return [];
  }
}

/** What the entry says was different before, and what it is since. */
function differences(entry: HistoryEntry, unitName: UnitName, t: TFunction): readonly string[] {
  const data = dataOf(entry);
  const was = typeof data.was === 'object' && data.was !== null ? (data.was as Record<string, unknown>) : {};
  const empty = t('devices.history.empty');
  const { openings } = entry;
  const said = (from: Record<string, unknown> | Readonly<Record<string, unknown>>, at: string) => ({
    serial: textOf(from.serial, empty),
    name: textOf(from.name, empty),
    model: textOf(from.model, empty),
    kind: kindName(from.kind, t),
    unit: unitName(from.unit),
    holder: openings[`${at}/holder/name`] ?? empty,
    clockNote: openings[`${at}/clockNote`] ?? empty,
  });
  const [before, now] = [said(was, '/data/was'), said(data, '/data')];
  const labels = {
    serial: t('devices.serial'),
    name: t('devices.name'),
    model: t('devices.model'),
    kind: t('devices.kindLabel'),
    unit: t('devices.unit'),
    holder: t('devices.holder'),
    clockNote: t('devices.clockNote'),
  };
  return (Object.keys(labels) as (keyof typeof labels)[])
    .filter((key) => key in was)
    .map((key) => t('devices.history.changed', { label: labels[key], was: before[key], is: now[key] }));
}

const textOf = (value: unknown, empty: string) => (typeof value === 'string' ? value : empty);
const kindName = (value: unknown, t: TFunction) =>
  t(`devices.kind.${deviceKinds.find((known) => known === value) ?? 'other'}`);
const stateName = (value: unknown, t: TFunction) =>
  t(`devices.state.${deviceStates.find((known) => known === value) ?? 'in_use'}`);
