import { useQuery } from '@tanstack/react-query';
import { Form, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { client } from '../api/client.ts';
import { keys } from '../api/keys.ts';

/** The units that the reader can see, closed ones included. */
export function useUnits() {
  return useQuery({ queryKey: keys.units, queryFn: ({ signal }) => client.call('listUnits', { signal }) });
}

interface UnitFieldProps {
  readonly name: string;
  readonly label: string;
  /** what to say when none is chosen; `common.required` unless said */
  readonly required?: string;
}

/** Chooses one of the units that still take people and docks. */
export function UnitField({ name, label, required }: UnitFieldProps) {
  const { t } = useTranslation();
  const units = useUnits();
  return (
    <Form.Item name={name} label={label} rules={[{ required: true, message: required ?? t('common.required') }]}>
      <Select
        showSearch={{ optionFilterProp: 'label' }}
        loading={units.isPending}
        status={units.isError ? 'error' : ''}
        options={
          units.data?.items
            .filter(({ closedAt }) => closedAt === null)
            .map(({ id, name: label }) => ({ value: id, label })) ?? []
        }
      />
    </Form.Item>
  );
}
