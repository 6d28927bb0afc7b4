import type { Unit } from '@fengcun/contracts';
import { Form, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { client } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { FormDialog, TextField } from '../../app/dialog/form-dialog.tsx';
import { useUnits } from '../../app/dialog/unit-field.tsx';
import { possibleParents } from './tree.ts';

interface DialogProps {
  readonly unit: Unit;
  readonly onClose: () => void;
}

interface UnitFields {
  readonly name: string;
  readonly code: string;
  readonly parent?: string;
}

function NameAndCode() {
  const { t } = useTranslation();
  return (
    <>
      <TextField name="name" label={t('admin.units.name')} maxLength={100} autoFocus />
      <TextField name="code" label={t('admin.units.code')} maxLength={32} />
    </>
  );
}

export function AddUnit({ below, onClose }: { readonly below: Unit; readonly onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <FormDialog<UnitFields>
      title={`${t('admin.units.add')} · ${below.name}`}
      send={({ name, code }) =>
        client.call('createUnit', { body: { parent: below.id, name: name.trim(), code: code.trim() } })
      }
      refresh={[keys.units]}
      done={t('admin.units.added')}
      onClose={onClose}
    >
      <NameAndCode />
    </FormDialog>
  );
}

export function ChangeUnit({ unit, onClose }: DialogProps) {
  const { t } = useTranslation();
  const units = useUnits();
  const parents = possibleParents(units.data?.items ?? [], unit);
  const movable = unit.parent !== null && parents.some(({ id }) => id === unit.parent);
  return (
    <FormDialog<UnitFields>
      title={`${t('admin.units.edit')} · ${unit.name}`}
      initial={{ name: unit.name, code: unit.code, ...(movable && unit.parent ? { parent: unit.parent } : {}) }}
      send={({ name, code, parent }) =>
        client.call('changeUnit', {
          params: { id: unit.id },
          body: {
            name: name.trim(),
            code: code.trim(),
            ...(parent && parent !== unit.parent ? { parent } : {}),
          },
        })
      }
      refresh={[keys.units]}
      done={t('admin.units.changed')}
      onClose={onClose}
    >
      <NameAndCode />
      {movable && (
        <Form.Item name="parent" label={t('admin.units.move')}>
          <Select
            showSearch={{ optionFilterProp: 'label' }}
            options={parents.map(({ id, name }) => ({ value: id, label: name }))}
          />
        </Form.Item>
      )}
    </FormDialog>
  );
}

export function CloseUnit({ unit, onClose }: DialogProps) {
  const { t } = useTranslation();
  return (
    <FormDialog<{ reason: string }>
      title={t('admin.units.closeTitle', { name: unit.name })}
      ok={t('admin.units.close')}
      danger
      send={({ reason }) => client.call('closeUnit', { params: { id: unit.id }, body: { reason: reason.trim() } })}
      refresh={[keys.units]}
      done={t('admin.units.closedDone')}
      onClose={onClose}
    >
      <p>{t('admin.units.closeHint')}</p>
      <TextField name="reason" label={t('admin.units.reason')} autoFocus />
    </FormDialog>
  );
}

export function ReopenUnit({ unit, onClose }: DialogProps) {
  const { t } = useTranslation();
  return (
    <FormDialog<{ reason: string }>
      title={t('admin.units.reopenTitle', { name: unit.name })}
      ok={t('admin.units.reopen')}
      send={({ reason }) => client.call('reopenUnit', { params: { id: unit.id }, body: { reason: reason.trim() } })}
      refresh={[keys.units]}
      done={t('admin.units.reopened')}
      onClose={onClose}
    >
      <TextField name="reason" label={t('admin.units.reason')} autoFocus />
    </FormDialog>
  );
}
