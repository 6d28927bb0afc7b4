import { type Device, type DeviceDetail, type DeviceFacts, deviceKinds } from '@fengcun/contracts';
import { useQuery } from '@tanstack/react-query';
import { Form, Select } from 'antd';
import type { TFunction } from 'i18next';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { client, problemIn } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { Loaded } from '../../app/api/page-state.tsx';
import { ColleagueField } from '../../app/dialog/colleague-field.tsx';
import { type ConflictField, ConflictNotice, merged } from '../../app/dialog/conflict-notice.tsx';
import { FormDialog, TextField } from '../../app/dialog/form-dialog.tsx';
import { UnitField } from '../../app/dialog/unit-field.tsx';
import { useMe } from '../../app/session/use-session.ts';

interface Fields {
  readonly serial: string;
  readonly kind: Device['kind'];
  readonly name: string;
  readonly model?: string;
  readonly unit: string;
  readonly holder?: string;
  readonly clockNote?: string;
}

export type NextState = 'in_use' | 'in_repair' | 'lost' | 'retired';

/** Writes a device into the register before it is used. */
export function CreateDevice(props: { readonly onMade: (device: DeviceDetail) => void; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const me = useMe();
  return (
    <FormDialog<Fields, DeviceDetail>
      title={t('devices.add')}
      ok={t('devices.add')}
      initial={{ kind: 'body_camera', unit: me.unit.id }}
      send={(fields) => client.call('createDevice', { body: factsOf(fields) })}
      refresh={[keys.devices]}
      done={t('devices.added')}
      onDone={props.onMade}
      onClose={props.onClose}
    >
      <FactFields serialOpen autoFocus="serial" />
    </FormDialog>
  );
}

/** Registers a device that a dock has seen; what is known of it is filled in. */
export function RegisterSeen({ seen, onClose }: { readonly seen: Device; readonly onClose: () => void }) {
  const device = useQuery({
    queryKey: [...keys.device(seen.id), 'register'],
    queryFn: ({ signal }) => client.call('getDevice', { params: { id: seen.id }, signal }),
    staleTime: 0,
    gcTime: 0,
  });
  return <Loaded query={device}>{(loaded) => <EditDevice device={loaded} onClose={onClose} />}</Loaded>;
}

/**
 * Changes what the register says of a device; one that nobody registered is registered by it. Whoever comes second sees what the first has
 * changed, and goes on from there.
 */
export function EditDevice({ device, onClose }: { readonly device: DeviceDetail; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const [read, setRead] = useState(device);
  const isNew = device.state === 'unregistered';
  const { serial } = device;
  return (
    <FormDialog<Fields>
      title={t(isNew ? 'devices.registerTitle' : 'devices.editTitle', { serial })}
      ok={t(isNew ? 'devices.register' : 'common.save')}
      // Nothing is known of the kind of a device that was only seen; most are worn on the chest.
      initial={isNew ? { ...fieldsOf(device), kind: 'body_camera' } : fieldsOf(device)}
      send={(fields) =>
        client.call('changeDevice', {
          params: { id: device.id },
          // A field that cannot be changed is not part of the form.
          body: { basedOn: read.revision, ...factsOf({ ...fields, serial: fields.serial ?? read.serial }) },
        })
      }
      refresh={[keys.devices]}
      done={t(isNew ? 'devices.registered' : 'devices.saved')}
      explain={(error, form, forget) =>
        isConflict(error) && (
          <DeviceConflict
            read={read}
            onMerge={(now) => {
              form.setFieldsValue(merged<Fields>(form.getFieldsValue(), fieldsOf(read), fieldsOf(now)));
              setRead(now);
              forget();
            }}
          />
        )
      }
      onClose={onClose}
    >
      {isNew && device.lastDock && <p className="quiet">{t('devices.seenAt', { dock: device.lastDock.name })}</p>}
      <FactFields serialOpen={device.serialOpen} holder={device.holder} autoFocus="name" />
    </FormDialog>
  );
}

interface SetStateProps {
  readonly device: DeviceDetail;
  readonly to: NextState;
  readonly onClose: () => void;
}

/** Puts a device into another state, with a reason. */
export function SetDeviceState({ device, to, onClose }: SetStateProps) {
  const { t } = useTranslation();
  const [read, setRead] = useState(device);
  return (
    <FormDialog<{ reason: string }>
      title={t('devices.toTitle', { what: t(`devices.to.${to}`), serial: device.serial })}
      ok={t(`devices.to.${to}`)}
      danger={to === 'lost' || to === 'retired'}
      send={({ reason }) =>
        client.call('setDeviceState', {
          params: { id: device.id },
          body: { basedOn: read.revision, state: to, reason: reason.trim() },
        })
      }
      refresh={[keys.devices]}
      done={t('devices.stateChanged')}
      explain={(error, _form, forget) =>
        isConflict(error) && (
          <DeviceConflict
            read={read}
            onMerge={(now) => {
              setRead(now);
              forget();
            }}
          />
        )
      }
      onClose={onClose}
    >
      <p className="quiet">{t(`devices.toHint.${to}`)}</p>
      <TextField name="reason" label={t('devices.reason')} rows={2} autoFocus />
    </FormDialog>
  );
}

const isConflict = (error: unknown): true | null => (problemIn(error).code === 'device_changed' ? true : null);

interface DeviceConflictProps {
  readonly read: DeviceDetail;
  readonly onMerge: (now: DeviceDetail) => void;
}

function DeviceConflict({ read, onMerge }: DeviceConflictProps) {
  const { t } = useTranslation();
  const now = useQuery({
    queryKey: [...keys.device(read.id), 'since', read.revision],
    queryFn: ({ signal }) => client.call('getDevice', { params: { id: read.id }, signal }),
    staleTime: 0,
    gcTime: 0,
  });
  return (
    <ConflictNotice
      read={read}
      now={now.data}
      fields={conflictFields(t)}
      onMerge={() => now.data && onMerge(now.data)}
    />
  );
}

function conflictFields(t: TFunction): readonly ConflictField<DeviceDetail>[] {
  const empty = t('devices.history.empty');
  return [
    { key: 'serial', label: t('devices.serial'), say: ({ serial }) => serial },
    { key: 'name', label: t('devices.name'), say: ({ name }) => name },
    { key: 'model', label: t('devices.model'), say: ({ model }) => model ?? empty },
    { key: 'kind', label: t('devices.kindLabel'), say: ({ kind }) => t(`devices.kind.${kind}`) },
    { key: 'unit', label: t('devices.unit'), say: ({ unit }) => unit.name },
    { key: 'holder', label: t('devices.holder'), say: ({ holder }) => holder?.name ?? empty },
    { key: 'clockNote', label: t('devices.clockNote'), say: ({ clockNote }) => clockNote ?? empty },
    { key: 'state', label: t('devices.column.state'), say: ({ state }) => t(`devices.state.${state}`) },
  ];
}

const fieldsOf = ({ serial, kind, name, model, unit, holder, clockNote }: DeviceDetail): Fields => ({
  serial,
  kind,
  name,
  unit: unit.id,
  ...(model === null ? {} : { model }),
  ...(holder === null ? {} : { holder: holder.id }),
  ...(clockNote === null ? {} : { clockNote }),
});

const factsOf = ({ serial, kind, name, model, unit, holder, clockNote }: Fields): DeviceFacts => ({
  serial: serial.trim(),
  kind,
  name: name.trim(),
  model: model?.trim() || null,
  unit,
  holder: holder ?? null,
  clockNote: clockNote?.trim() || null,
});

interface FactFieldsProps {
  /** whether the serial number can be written */
  readonly serialOpen: boolean;
  readonly holder?: Device['holder'];
  readonly autoFocus: 'serial' | 'name';
}

function FactFields({ serialOpen, holder = null, autoFocus }: FactFieldsProps) {
  const { t } = useTranslation();
  const form = Form.useFormInstance();
  const unit: string | undefined = Form.useWatch('unit', form);
  return (
    <>
      {serialOpen && (
        <TextField
          name="serial"
          label={t('devices.serial')}
          extra={t('devices.serialHint')}
          maxLength={64}
          autoFocus={autoFocus === 'serial'}
        />
      )}
      <TextField name="name" label={t('devices.name')} maxLength={100} autoFocus={autoFocus === 'name'} />
      <div className="form-pair">
        <Form.Item
          name="kind"
          label={t('devices.kindLabel')}
          rules={[{ required: true, message: t('common.required') }]}
        >
          <Select options={deviceKinds.map((kind) => ({ value: kind, label: t(`devices.kind.${kind}`) }))} />
        </Form.Item>
        <TextField name="model" label={t('devices.model')} maxLength={100} optional />
      </div>
      <div className="form-pair">
        <UnitField name="unit" label={t('devices.unit')} />
        <ColleagueField name="holder" label={t('devices.holder')} unit={unit} known={holder} optional />
      </div>
      <TextField
        name="clockNote"
        label={t('devices.clockNote')}
        placeholder={t('devices.clockNoteHint')}
        rows={2}
        optional
      />
    </>
  );
}
