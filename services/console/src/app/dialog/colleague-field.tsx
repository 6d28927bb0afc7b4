import { useQuery } from '@tanstack/react-query';
import { Form, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../api/client.ts';
import { keys } from '../api/keys.ts';

/** Somebody who is there already and may not be among those who can be chosen. */
interface Known {
  readonly id: string;
  readonly name: string;
  readonly officerNumber: string | null;
}

interface ColleagueFieldProps {
  readonly name: string;
  readonly label: string;
  readonly extra?: string;
  /** whose people; nobody can be chosen before there is one */
  readonly unit: string | undefined;
  readonly known?: Known | null;
  /** ids that cannot be chosen, being chosen already */
  readonly without?: readonly string[];
  readonly optional?: boolean;
  readonly autoFocus?: boolean;
}

/** Chooses one of the people whose roles reach a unit; typing looks for them by name and officer number. */
export function ColleagueField(props: ColleagueFieldProps) {
  const { name, label, extra, unit, known = null, without = [], optional = false, autoFocus = false } = props;
  const { t } = useTranslation();
  const [words, setWords] = useState('');
  const query = words ? { q: words } : {};
  const people = useQuery({
    queryKey: keys.colleagues(unit ?? '', words),
    queryFn: ({ signal }) => client.call('listColleagues', { params: { id: unit ?? '' }, query, signal }),
    // Nobody from the answer before is offered meanwhile: Enter would choose them.
    enabled: unit !== undefined,
  });
  const found = people.data?.items ?? [];
  const shown = known && !words && !found.some(({ id }) => id === known.id) ? [known, ...found] : found;
  return (
    <Form.Item
      name={name}
      label={label}
      extra={extra}
      rules={optional ? [] : [{ required: true, message: t('common.required') }]}
    >
      <Select
        allowClear={optional}
        autoFocus={autoFocus}
        disabled={unit === undefined}
        showSearch={{ filterOption: false, onSearch: (text) => setWords(text.trim().slice(0, 64)) }}
        loading={people.isFetching}
        notFoundContent={people.isFetching ? t('common.loading') : undefined}
        status={people.isError ? 'error' : ''}
        placeholder={t('common.searchPeople')}
        options={shown
          .filter(({ id }) => !without.includes(id))
          .map((person) => ({
            value: person.id,
            label: `${person.name}${person.officerNumber ? ` ${person.officerNumber}` : ''}`,
          }))}
      />
    </Form.Item>
  );
}
