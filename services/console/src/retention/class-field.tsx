import { Form, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useRetentionRules, useTermWords } from './queries.ts';

/** Chooses one of the classes that are still offered. */
export function ClassField({ name, label }: { readonly name: string; readonly label: string }) {
  const { t } = useTranslation();
  const rules = useRetentionRules();
  const words = useTermWords();
  return (
    <Form.Item name={name} label={label} rules={[{ required: true, message: t('common.required') }]}>
      <Select
        loading={rules.isPending}
        status={rules.isError ? 'error' : ''}
        options={
          rules.data?.classes
            .filter(({ retired }) => !retired)
            .map(({ code, name: title, term }) => ({ value: code, label: `${title} · ${words(term)}` })) ?? []
        }
      />
    </Form.Item>
  );
}
