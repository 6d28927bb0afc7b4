import { useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { useState } from 'react';
import { client } from '../api/client.ts';
import { keys } from '../api/keys.ts';
import { useUnits } from '../dialog/unit-field.tsx';

interface SelectFilterProps<V extends string> {
  /** also what stands in the empty field */
  readonly label: string;
  readonly value: V | undefined;
  readonly options: readonly { readonly value: V; readonly label: string }[] | undefined;
  /** undefined: no longer filtered by */
  readonly onChange: (value: V | undefined) => void;
  readonly loading?: boolean;
  /** `long` where the options are people's words and not ours: wider, and they may be wider than the field */
  readonly size?: 'short' | 'long';
  /** typing looks through the options, or is told to `onSearch`, which finds others */
  readonly search?: 'options' | ((text: string) => void);
}

/** One of several values to filter a list by. */
export function SelectFilter<V extends string>(props: SelectFilterProps<V>) {
  const { label, value, options, onChange, loading = false, size = 'short', search } = props;
  const showSearch =
    search === undefined
      ? {}
      : {
          showSearch: search === 'options' ? { optionFilterProp: 'label' } : { filterOption: false, onSearch: search },
        };
  return (
    <Select
      allowClear
      {...showSearch}
      aria-label={label}
      placeholder={label}
      loading={loading}
      value={value ?? null}
      onChange={(chosen: V | null) => onChange(chosen ?? undefined)}
      options={[...(options ?? [])]}
      popupMatchSelectWidth={size === 'short'}
      className={`filter-${size}`}
    />
  );
}

type ById = Pick<SelectFilterProps<string>, 'label' | 'value' | 'onChange'>;

/** One of the units that the reader can see. */
export function UnitFilter(props: ById) {
  const units = useUnits();
  const options = units.data?.items.map(({ id, name }) => ({ value: id, label: name }));
  return <SelectFilter {...props} size="long" search="options" loading={units.isPending} options={options} />;
}

/** One of the cases that the reader can see; typing searches them. */
export function CaseFilter(props: ById) {
  const [words, setWords] = useState('');
  const asked = { limit: 20, ...(words ? { q: words } : {}) };
  const cases = useQuery({
    queryKey: keys.caseSearch(asked),
    queryFn: ({ signal }) => client.call('listCases', { query: asked, signal }),
  });
  const found = cases.data?.items ?? [];
  // One that came with the address need not be among those found.
  const chosen = useQuery({
    queryKey: keys.case(props.value ?? ''),
    queryFn: ({ signal }) => client.call('getCase', { params: { id: props.value ?? '' }, signal }),
    enabled: props.value !== undefined && cases.isSuccess && !found.some(({ id }) => id === props.value),
  });
  const options = withChosen(found, chosen.data, words).map(({ id, number, title }) => ({
    value: id,
    label: `${number} ${title}`,
  }));
  const search = (text: string) => setWords(text.trim().slice(0, 100));
  return <SelectFilter {...props} size="long" search={search} loading={cases.isFetching} options={options} />;
}

/** One of the devices that the reader can see; typing searches them. */
export function DeviceFilter(props: ById) {
  const [words, setWords] = useState('');
  const asked = { limit: 20, ...(words ? { q: words } : {}) };
  const devices = useQuery({
    queryKey: keys.deviceSearch(asked),
    queryFn: ({ signal }) => client.call('listDevices', { query: asked, signal }),
  });
  const found = devices.data?.items ?? [];
  const chosen = useQuery({
    queryKey: keys.device(props.value ?? ''),
    queryFn: ({ signal }) => client.call('getDevice', { params: { id: props.value ?? '' }, signal }),
    enabled: props.value !== undefined && devices.isSuccess && !found.some(({ id }) => id === props.value),
  });
  const options = withChosen(found, chosen.data, words).map(({ id, serial, name }) => ({
    value: id,
    label: name === serial ? serial : `${serial} ${name}`,
  }));
  const search = (text: string) => setWords(text.trim().slice(0, 64));
  return <SelectFilter {...props} size="long" search={search} loading={devices.isFetching} options={options} />;
}

/** What was found, and first what is chosen, unless something else is being looked for. */
const withChosen = <T extends { readonly id: string }>(found: readonly T[], chosen: T | undefined, words: string) =>
  chosen && !words && !found.some(({ id }) => id === chosen.id) ? [chosen, ...found] : found;
