import { evidenceStates, mediaKinds } from '@fengcun/contracts';
import { useQuery } from '@tanstack/react-query';
import { Button, DatePicker, Input, Select } from 'antd';
import dayjs from 'dayjs';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { useSite } from '../../app/session/use-session.ts';
import { dayOf } from '../../format/instant.ts';
import type { EvidenceFilters } from './filters.ts';

interface FilterBarProps {
  readonly filters: EvidenceFilters;
  readonly onChange: (filters: EvidenceFilters) => void;
}

/** Filters of the list; each change is a new address. Text is applied with Enter or on leaving the field. */
export function FilterBar({ filters, onChange }: FilterBarProps) {
  const { t } = useTranslation();
  const { timeZone } = useSite();
  const units = useQuery({ queryKey: keys.units, queryFn: ({ signal }) => client.call('listUnits', { signal }) });
  const devices = useQuery({ queryKey: keys.devices, queryFn: ({ signal }) => client.call('listDevices', { signal }) });
  const set = (change: { [K in keyof EvidenceFilters]?: EvidenceFilters[K] | undefined }) => {
    const merged = Object.entries({ ...filters, ...change }).filter(([, value]) => value !== undefined && value !== '');
    onChange(Object.fromEntries(merged) as EvidenceFilters);
  };
  const today = dayOf(new Date(), timeZone);
  const daysBack = (days: number) => [dayjs(today).subtract(days, 'day'), dayjs(today)] as [dayjs.Dayjs, dayjs.Dayjs];
  const active = Object.keys(filters).length;
  return (
    <search className="filters" aria-label={t('evidence.filter.label')}>
      <TextFilter
        className="filter-name"
        value={filters.name ?? ''}
        label={t('evidence.filter.name')}
        onApply={(name) => set({ name })}
        search
      />
      <Select
        allowClear
        aria-label={t('evidence.column.kind')}
        placeholder={t('evidence.column.kind')}
        value={filters.kind ?? null}
        onChange={(kind) => set({ kind: kind ?? undefined })}
        options={mediaKinds.map((kind) => ({ value: kind, label: t(`common.kind.${kind}`) }))}
        className="filter-short"
      />
      <Select
        allowClear
        aria-label={t('evidence.column.state')}
        placeholder={t('evidence.column.state')}
        value={filters.state ?? null}
        onChange={(state) => set({ state: state ?? undefined })}
        options={evidenceStates.map((state) => ({ value: state, label: t(`common.uploadState.${state}`) }))}
        className="filter-short"
      />
      <Select
        allowClear
        showSearch={{ optionFilterProp: 'label' }}
        aria-label={t('evidence.column.unit')}
        placeholder={t('evidence.column.unit')}
        loading={units.isPending}
        value={filters.unit ?? null}
        onChange={(unit) => set({ unit: unit ?? undefined })}
        options={units.data?.items.map(({ id, name }) => ({ value: id, label: name })) ?? []}
        popupMatchSelectWidth={false}
        className="filter-long"
      />
      <Select
        allowClear
        showSearch={{ optionFilterProp: 'label' }}
        aria-label={t('evidence.column.device')}
        placeholder={t('evidence.column.device')}
        loading={devices.isPending}
        value={filters.device ?? null}
        onChange={(device) => set({ device: device ?? undefined })}
        options={devices.data?.items.map(({ id, serial, name }) => ({ value: id, label: `${serial} ${name}` })) ?? []}
        popupMatchSelectWidth={false}
        className="filter-long"
      />
      <TextFilter
        className="filter-officer"
        value={filters.officer ?? ''}
        label={t('evidence.filter.officer')}
        onApply={(officer) => set({ officer })}
      />
      <DatePicker.RangePicker
        allowEmpty={[true, true]}
        aria-label={t('evidence.filter.range')}
        placeholder={[t('evidence.filter.from'), t('evidence.filter.to')]}
        value={[filters.from ? dayjs(filters.from) : null, filters.to ? dayjs(filters.to) : null]}
        presets={[
          { label: t('evidence.filter.today'), value: daysBack(0) },
          { label: t('evidence.filter.week'), value: daysBack(6) },
          { label: t('evidence.filter.month'), value: daysBack(29) },
        ]}
        onChange={(range) => set({ from: range?.[0]?.format('YYYY-MM-DD'), to: range?.[1]?.format('YYYY-MM-DD') })}
        className="filter-range"
      />
      <Select
        allowClear
        aria-label={t('evidence.keyMark')}
        placeholder={t('evidence.keyMark')}
        value={filters.keyMark === undefined ? null : String(filters.keyMark)}
        onChange={(marked) => set({ keyMark: marked ? marked === 'true' : undefined })}
        options={[
          { value: 'true', label: t('evidence.filter.marked') },
          { value: 'false', label: t('evidence.filter.unmarked') },
        ]}
        className="filter-short"
      />
      {active > 0 && (
        <Button type="link" onClick={() => onChange({})}>
          {t('evidence.filter.clear')}
        </Button>
      )}
    </search>
  );
}

interface TextFilterProps {
  readonly value: string;
  readonly label: string;
  readonly className: string;
  readonly onApply: (value: string | undefined) => void;
  readonly search?: boolean;
}

function TextFilter({ value, label, className, onApply, search = false }: TextFilterProps) {
  const [draft, setDraft] = useState(value);
  useEffect(() => setDraft(value), [value]);
  const apply = (text: string) => {
    if (text.trim() !== value) onApply(text.trim() || undefined);
  };
  const shared = {
    'aria-label': label,
    placeholder: label,
    allowClear: true,
    maxLength: search ? 100 : 64,
    value: draft,
    className,
    onBlur: () => apply(draft),
    onChange: (event: { readonly target: { readonly value: string }; readonly type: string }) => {
      setDraft(event.target.value);
      // The clear button is a click, not typing.
      if (event.type === 'click') apply(event.target.value);
    },
    onPressEnter: () => apply(draft),
  };
  return <Input {...shared} />;
}
