import type { CallReply } from '@fengcun/contracts';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { client } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { useSite } from '../../app/session/use-session.ts';
import { dayOf, formatInstant } from '../../format/instant.ts';
import type { EvidenceFilters, queryOf } from './filters.ts';
import './timeline.css';

type Bar = CallReply<'getTimeline'>['bars'][number];

interface TimelineProps {
  readonly query: ReturnType<typeof queryOf>;
  readonly filters: EvidenceFilters;
  readonly onChange: (filters: EvidenceFilters) => void;
}

/** How much was recorded when, for the filters of the list. A bar narrows the list to its time. */
export function Timeline({ query, filters, onChange }: TimelineProps) {
  const { t } = useTranslation();
  const { timeZone } = useSite();
  const { cursor: _, limit: __, ...asked } = query;
  const timeline = useQuery({
    queryKey: keys.timeline(asked),
    queryFn: ({ signal }) => client.call('getTimeline', { query: asked, signal }),
    placeholderData: keepPreviousData,
  });
  const { data } = timeline;
  // The list says what is wrong; without counts it is as good as with them.
  if (!data || data.bars.length === 0) return null;
  const places = placesOf(data.bars);
  const highest = Math.max(...data.bars.map(({ count }) => count));
  const narrow = ({ from, to }: Bar) => {
    const last = dayOf(new Date(Date.parse(to) - 1), timeZone);
    onChange({ ...filters, from: dayOf(new Date(from), timeZone), to: last });
  };
  const nameOf = (bar: Bar) =>
    t('evidence.timeline.bar', { when: labelOf(bar, data.grain, timeZone), count: bar.count });
  const [first, last] = [data.bars[0], data.bars.at(-1)];
  return (
    <section className="timeline-bars" aria-label={t('evidence.timeline.label')} aria-busy={timeline.isPlaceholderData}>
      <ol style={{ gridTemplateColumns: `repeat(${places.columns}, minmax(2px, 1fr))` }}>
        {data.bars.map((bar, at) => (
          <li key={bar.from} style={{ gridColumn: (places.at[at] ?? 0) + 1 }}>
            <button type="button" title={nameOf(bar)} aria-label={nameOf(bar)} onClick={() => narrow(bar)}>
              <span style={{ height: `${Math.max(4, (bar.count / highest) * 100)}%` }} />
            </button>
          </li>
        ))}
      </ol>
      <div className="timeline-feet quiet small num">
        <span>{first && labelOf(first, data.grain, timeZone)}</span>
        <span>
          {data.countedFrom === null
            ? t('evidence.timeline.total', { count: data.total, grain: t(`evidence.timeline.grain.${data.grain}`) })
            : t('evidence.timeline.newest', { count: data.total, from: formatInstant(data.countedFrom, timeZone) })}
        </span>
        <span>{last && last !== first && labelOf(last, data.grain, timeZone)}</span>
      </div>
    </section>
  );
}

/** Beyond this, empty time between bars is left out: a clock that was wrong once would squeeze everything else. */
const mostColumns = 400;

/** Columns by time, so that a gap is seen as one. */
function placesOf(bars: readonly Bar[]): { readonly columns: number; readonly at: readonly number[] } {
  const start = Date.parse(bars[0]?.from ?? '');
  const lengths = bars.map(({ from, to }) => Date.parse(to) - Date.parse(from));
  const step = lengths.toSorted((a, b) => a - b)[Math.floor(lengths.length / 2)] ?? 1;
  const at = bars.map(({ from }) => Math.round((Date.parse(from) - start) / step));
  const columns = (at.at(-1) ?? 0) + 1;
  return columns <= mostColumns ? { columns, at } : { columns: bars.length, at: bars.map((_, n) => n) };
}

function labelOf({ from }: Bar, grain: CallReply<'getTimeline'>['grain'], timeZone: string): string {
  const text = formatInstant(from, timeZone);
  return grain === 'month' ? text.slice(0, 7) : grain === 'day' ? text.slice(0, 10) : text.slice(0, 16);
}
