import { evidenceStates, mediaKinds } from '@fengcun/contracts';
import { useQuery } from '@tanstack/react-query';
import { Button, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { DayRange } from '../../app/list/day-range.tsx';
import { TextFilter } from '../../app/list/text-filter.tsx';
import { present } from '../../app/list/use-cursor-address.ts';
import type { EvidenceFilters } from './filters.ts';

interface FilterBarProps {
  readonly filters: EvidenceFilters;
  readonly onChange: (filters: EvidenceFilters) => void;
}

/** Filters of the list; each change is a new address. Text is applied with Enter or on leaving the field. */
export function FilterBar({ filters, onChange }: FilterBarProps) {
  const { t } = useTranslation();
  const units = useQuery({ queryKey: keys.units, queryFn: ({ signal }) => client.call('listUnits', { signal }) });
  const devices = useQuery({ queryKey: keys.devices, queryFn: ({ signal }) => client.call('listDevices', { signal }) });
  const tags = useQuery({ queryKey: keys.tags, queryFn: ({ signal }) => client.call('listTags', { signal }) });
  const matters = useQuery({
    queryKey: keys.mattersOf('all'),
    queryFn: ({ signal }) => client.call('listMatters', { signal }),
  });
  const [words, setWords] = useState('');
  const asked = { limit: 20, ...(words ? { q: words } : {}) };
  const cases = useQuery({
    queryKey: keys.caseSearch(asked),
    queryFn: ({ signal }) => client.call('listCases', { query: asked, signal }),
  });
  const set = (change: { [K in keyof EvidenceFilters]?: EvidenceFilters[K] | undefined }) =>
    onChange(present({ ...filters, ...change }));
  const active = Object.keys(filters).length;
  return (
    <search className="filters" aria-label={t('evidence.filter.label')}>
      <TextFilter
        className="filter-name"
        value={filters.q ?? ''}
        label={t('evidence.filter.q')}
        maxLength={200}
        onApply={(q) => set({ q })}
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
        maxLength={64}
        onApply={(officer) => set({ officer })}
      />
      <TextFilter
        className="filter-officer"
        value={filters.place ?? ''}
        label={t('describe.place')}
        maxLength={100}
        onApply={(place) => set({ place })}
      />
      <Select
        allowClear
        showSearch
        aria-label={t('describe.tags')}
        placeholder={t('describe.tags')}
        loading={tags.isPending}
        value={filters.tag ?? null}
        onChange={(tag) => set({ tag: tag ?? undefined })}
        options={tags.data?.items.map(({ tag }) => ({ value: tag, label: tag })) ?? []}
        popupMatchSelectWidth={false}
        className="filter-short"
      />
      <Select
        allowClear
        showSearch={{ filterOption: false, onSearch: (text) => setWords(text.trim().slice(0, 100)) }}
        aria-label={t('describe.case')}
        placeholder={t('describe.case')}
        loading={cases.isFetching}
        value={filters.case ?? null}
        onChange={(file) => set({ case: file ?? undefined })}
        options={cases.data?.items.map(({ id, number, title }) => ({ value: id, label: `${number} ${title}` })) ?? []}
        popupMatchSelectWidth={false}
        className="filter-long"
      />
      <Select
        allowClear
        showSearch={{ optionFilterProp: 'label' }}
        aria-label={t('describe.matter')}
        placeholder={t('describe.matter')}
        loading={matters.isPending}
        value={filters.matter ?? null}
        onChange={(matter) => set({ matter: matter ?? undefined })}
        options={matters.data?.items.map(({ id, title }) => ({ value: id, label: title })) ?? []}
        popupMatchSelectWidth={false}
        className="filter-long"
      />
      <DayRange
        label={t('evidence.filter.range')}
        from={filters.from}
        to={filters.to}
        onChange={(from, to) => set({ from, to })}
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
