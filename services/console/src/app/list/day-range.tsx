import { DatePicker } from 'antd';
import dayjs from 'dayjs';
import { useTranslation } from 'react-i18next';
import { dayOf } from '../../format/instant.ts';
import { useSite } from '../session/use-session.ts';

interface DayRangeProps {
  readonly label: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly onChange: (from: string | undefined, to: string | undefined) => void;
}

/** Calendar days of the site, both included, either end open. */
export function DayRange({ label, from, to, onChange }: DayRangeProps) {
  const { t } = useTranslation();
  const { timeZone } = useSite();
  const today = dayOf(new Date(), timeZone);
  const daysBack = (days: number) => [dayjs(today).subtract(days, 'day'), dayjs(today)] as [dayjs.Dayjs, dayjs.Dayjs];
  return (
    <DatePicker.RangePicker
      allowEmpty={[true, true]}
      aria-label={label}
      placeholder={[t('common.range.from'), t('common.range.to')]}
      value={[from ? dayjs(from) : null, to ? dayjs(to) : null]}
      presets={[
        { label: t('common.range.today'), value: daysBack(0) },
        { label: t('common.range.week'), value: daysBack(6) },
        { label: t('common.range.month'), value: daysBack(29) },
      ]}
      onChange={(range) => onChange(range?.[0]?.format('YYYY-MM-DD'), range?.[1]?.format('YYYY-MM-DD'))}
      className="filter-range"
    />
  );
}
