import { evidenceStates, mediaKinds } from '@fengcun/contracts';
import { useQuery } from '@tanstack/react-query';
import { Button, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { client } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { DayRange } from '../../app/list/day-range.tsx';
import { CaseFilter, DeviceFilter, SelectFilter, UnitFilter } from '../../app/list/select-filter.tsx';
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
  const tags = useQuery({ queryKey: keys.tags, queryFn: ({ signal }) => client.call('listTags', { signal }) });
  const matters = useQuery({
    queryKey: keys.mattersOf('all'),
    queryFn: ({ signal }) => client.call('listMatters', { signal }),
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
      <SelectFilter
        label={t('evidence.column.kind')}
        value={filters.kind}
        onChange={(kind) => set({ kind })}
        options={mediaKinds.map((kind) => ({ value: kind, label: t(`common.kind.${kind}`) }))}
      />
      <SelectFilter
        label={t('evidence.column.state')}
        value={filters.state}
        onChange={(state) => set({ state })}
        options={evidenceStates.map((state) => ({ value: state, label: t(`common.uploadState.${state}`) }))}
      />
      <UnitFilter label={t('evidence.column.unit')} value={filters.unit} onChange={(unit) => set({ unit })} />
      <DeviceFilter label={t('evidence.column.device')} value={filters.device} onChange={(device) => set({ device })} />
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
      <CaseFilter label={t('describe.case')} value={filters.case} onChange={(file) => set({ case: file })} />
      <SelectFilter
        label={t('describe.matter')}
        value={filters.matter}
        onChange={(matter) => set({ matter })}
        options={matters.data?.items.map(({ id, title }) => ({ value: id, label: title }))}
        size="long"
        search="options"
        loading={matters.isPending}
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
