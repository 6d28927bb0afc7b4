import { purposes, requestStates } from '@fengcun/contracts';
import { Button, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { DayRange } from '../../app/list/day-range.tsx';
import { TextFilter } from '../../app/list/text-filter.tsx';
import { present } from '../../app/list/use-cursor-address.ts';
import type { RequestFilters } from './filters.ts';

interface RequestFilterBarProps {
  readonly view: 'mine' | 'to_decide' | 'decided';
  readonly filters: RequestFilters;
  readonly onChange: (filters: RequestFilters) => void;
}

/** Filters of a list of requests; each change is a new address. */
export function RequestFilterBar({ view, filters, onChange }: RequestFilterBarProps) {
  const { t } = useTranslation();
  const set = (change: { [K in keyof RequestFilters]?: RequestFilters[K] | undefined }) =>
    onChange(present({ ...filters, ...change }));
  // What waits for a decision is in no other state.
  const states = view === 'to_decide' ? (['submitted', 'escalated'] as const) : requestStates;
  return (
    <search className="filters" aria-label={t('access.filter.label')}>
      <TextFilter
        className="filter-short"
        value={filters.number ?? ''}
        label={t('access.filter.number')}
        maxLength={15}
        onApply={(number) => set({ number })}
      />
      <Select
        allowClear
        aria-label={t('access.filter.state')}
        placeholder={t('access.filter.state')}
        value={filters.state ?? null}
        onChange={(state) => set({ state: state ?? undefined })}
        options={states.map((state) => ({ value: state, label: t(`access.state.${state}`) }))}
        className="filter-short"
      />
      <Select
        allowClear
        aria-label={t('access.filter.kind')}
        placeholder={t('access.filter.kind')}
        value={filters.kind ?? null}
        onChange={(kind) => set({ kind: kind ?? undefined })}
        options={(['ordinary', 'urgent'] as const).map((kind) => ({ value: kind, label: t(`access.kind.${kind}`) }))}
        className="filter-short"
      />
      <Select
        allowClear
        aria-label={t('access.filter.purpose')}
        placeholder={t('access.filter.purpose')}
        value={filters.purpose ?? null}
        onChange={(purpose) => set({ purpose: purpose ?? undefined })}
        options={purposes.map((purpose) => ({ value: purpose, label: t(`policy.purpose.${purpose}`) }))}
        popupMatchSelectWidth={false}
        className="filter-long"
      />
      <DayRange
        label={t('access.filter.range')}
        from={filters.from}
        to={filters.to}
        onChange={(from, to) => set({ from, to })}
      />
      {Object.keys(filters).length > 0 && (
        <Button type="link" onClick={() => onChange({})}>
          {t('access.filter.clear')}
        </Button>
      )}
    </search>
  );
}
